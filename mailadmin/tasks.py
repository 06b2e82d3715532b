"""What the queue runs. A task is one call into a service."""

from typing import Any
from uuid import UUID

from celery import Task, shared_task
from celery.signals import worker_shutting_down
from django.conf import settings

from mailadmin import connections
from mailadmin.models import DnsChange
from mailadmin.posteio.errors import Unavailable
from mailadmin.services import (
    backup_drills,
    backup_runs,
    backup_start,
    backups,
    canary,
    certificates,
    dns_alerts,
    dns_digest,
    dns_drift,
    dns_echo,
    dns_reports,
    dns_runs,
    dns_writing,
    health,
    health_alerts,
    report_box,
    restores,
    restoring,
)


@shared_task(bind=True, autoretry_for=(Unavailable,), retry_backoff=True, max_retries=5)
def verify_domain(self: "Task[Any, Any]", domain_name: str, looks: int = 2) -> None:
    """Where mail may have stopped, up to two looks more follow within minutes (rule E2)."""
    network = connections.network()
    dns_reports.verify(connections.poste(), network, domain_name)
    dns_alerts.tell(domain_name)
    dns_drift.tell(domain_name, network)
    wait = 0 if self.request.called_directly else dns_alerts.look_again(domain_name)
    if looks and wait:
        verify_domain.apply_async(args=(domain_name, looks - 1), countdown=wait)


@shared_task
def run_domain_check(token: str) -> None:
    """Somebody looks on."""
    dns_runs.run(connections.poste(), connections.network(), token)


@shared_task
def verify_domains() -> None:
    """Every domain at its own minute: many servers are not all asked at once (rule E10)."""
    for name, seconds in dns_reports.schedule(connections.poste()):
        verify_domain.apply_async(args=(name,), countdown=seconds)


@shared_task(bind=True, max_retries=60)
def follow_dns_change(self: "Task[Any, Any]", change_id: int) -> None:
    """Asks every name server until all show the change: for an hour, more and more rarely."""
    if not dns_writing.follow(DnsChange.objects.get(pk=change_id), connections.network()):
        raise self.retry(countdown=min(60, 5 * (self.request.retries + 1)))


@shared_task
def advance_dns_changes() -> None:
    for change in dns_writing.advance(connections.network()):
        follow_dns_change.delay(change.pk)


@shared_task(autoretry_for=(Unavailable,), retry_backoff=True, max_retries=5)
def tell_dns_differences() -> None:
    dns_digest.send([domain.name for domain in connections.poste().domains.all()])


@shared_task(acks_late=False)
def send_echo() -> None:
    if dns_echo.is_wanted():
        dns_echo.fly(connections.poste())


@shared_task
def read_reports() -> None:
    if report_box.is_wanted():
        report_box.fetch(connections.poste())


@shared_task
def heartbeat() -> None:
    """That this runs says that beat and a worker are alive."""
    health.beat()


@shared_task
def look_at_health() -> None:
    run = health.look(connections.poste())
    health_alerts.tell()
    health_alerts.ping(run)


@shared_task(acks_late=False)
def backup_wanted(uuid: str) -> None:
    """A run somebody asked for; never twice, whatever the queue does."""
    if run := backup_runs.get(uuid):
        backup_start.run(run, connections.poste())


@shared_task(acks_late=False)
def backup_nightly() -> None:
    if backups.is_wanted():
        backup_start.run(backups.wish(backups.NIGHTLY), connections.poste())


@shared_task(acks_late=False)
def backup_weekly_drill() -> None:
    if backups.is_wanted():
        backup_start.run(backup_drills.wish(backups.NIGHTLY), connections.poste())


@worker_shutting_down.connect
def stop_backup(**_facts: Any) -> None:
    """The backup worker runs its task in this very process (--pool solo): it sees this within two seconds."""
    backup_runs.stopping.set()


@shared_task
def send_canary() -> None:
    canary.fly(connections.poste())


@shared_task(acks_late=False)
def restore_run(number: str) -> None:
    restoring.run(connections.poste(), UUID(number))


@shared_task
def restores_index() -> None:
    """Once for each backup: the first look into a big mailbox should not wait for its list."""
    if not settings.RESTIC_REPOSITORY:
        return
    with connections.past(restoring.LONGEST).open() as past:
        restores.index_newest(past)


@shared_task
def restores_go_on() -> None:
    """What a killed worker or a mail server that was away left half done; what was kept for a moment goes."""
    connections.past().forget()
    for number in restores.abandoned():
        restore_run.delay(str(number))


@shared_task
def install_certificate() -> None:
    certificates.renew()
