"""What the queue runs for the webmail. A task is one call into a service."""

from typing import Any

from celery import Task, shared_task

from webmail.models import BulkJob
from webmail.services import bulk, journal


@shared_task(bind=True, max_retries=None)
def run_bulk_job(self: "Task[Any, Any]", number: int) -> None:
    """Again and again while the mail server is away; bulk gives up in the end."""
    if not bulk.run(number):
        raise self.retry(countdown=min(60, 5 * (self.request.retries + 1)))


@shared_task
def bulk_jobs_go_on() -> None:
    """Jobs whose worker died, and those whose time has come."""
    for number in BulkJob.due():
        run_bulk_job.delay(number)


@shared_task
def forget_old_actions() -> None:
    journal.forget_old()
