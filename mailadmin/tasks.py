"""What the queue runs. A task is one call into a service."""

from celery import shared_task

from mailadmin import connections
from mailadmin.posteio.errors import Unavailable
from mailadmin.services import dns_alerts, dns_reports


@shared_task(autoretry_for=(Unavailable,), retry_backoff=True, max_retries=5)
def verify_domain(domain_name: str) -> None:
    dns_reports.verify(connections.poste(), connections.network(), domain_name)
    dns_alerts.tell(domain_name)


@shared_task
def verify_domains() -> None:
    """Every domain at its own minute: many servers are not all asked at once (rule E10)."""
    for name, seconds in dns_reports.schedule(connections.poste()):
        verify_domain.apply_async(args=(name,), countdown=seconds)
