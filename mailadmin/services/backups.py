"""Backups: choose the repository, take one, what the last ones were."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from mailadmin import connections
from mailadmin.backup.location import shown
from mailadmin.backup.outcome import Outcome
from mailadmin.backup.results import ResticError
from mailadmin.backup.verdict import Verdict
from mailadmin.models import BackupRepository, BackupRun
from mailadmin.models.backups import GOOD
from mailadmin.posteio.client import Client
from mailadmin.services import audit, backup_checks, backup_lock, backup_runs, backup_steps
from mailadmin.services.backup_runs import Step, Watch
from mailadmin.services.backup_steps import Work

logger = logging.getLogger(__name__)
NIGHTLY = "schedule"
STALE = timedelta(hours=26)

STEPS: dict[str, Step] = {
    "preflight": backup_steps.preflight,
    "databases": backup_steps.copy_databases,
    "manifest": backup_steps.write_manifest,
    "pass-1": backup_steps.first_pass,
    "pass-2": backup_steps.second_pass,
    "accept": backup_checks.accept,
    "spot-check": backup_checks.spot_check,
    "integrity": backup_checks.integrity,
    "retention": backup_checks.retention,
    "report": backup_checks.report,
}


def configured() -> bool:
    return bool(settings.POSTEIO_BASE_DADOS and settings.RESTIC_REPOSITORY and settings.RESTIC_PASSWORD)


def is_wanted() -> bool:
    """Set up, and a person has chosen the repository: before that the schedule does nothing."""
    return configured() and BackupRepository.objects.exists()


def wish(by: str, **facts: Any) -> BackupRun:
    """`may_shrink=True`: a person says that so much was really deleted."""
    return backup_runs.wish(BackupRun.Kind.BACKUP, by, **facts)


def run(run: BackupRun, poste: Client) -> BackupRun:
    return backup_runs.hold_and_run(run, lambda run, lock: _inside(run, poste, lock))


def _inside(run: BackupRun, poste: Client, lock: backup_lock.Lock) -> Verdict:
    data = connections.backup_data()
    if data is None:
        return Verdict(outcome=Outcome.FAILED, code="source.not-set")
    watch = Watch(run, lock)
    staging = connections.backup_directory().resolve() / "staging"
    try:
        with connections.repository(watch.cancelled) as repository:
            previous = last_good()
            work = Work(
                run=run, watch=watch, repository=repository, poste=poste, data=data, staging=staging,
                last=(previous.result if previous else {}) | run.facts,
            )  # fmt: skip
            return backup_runs.go(run, STEPS, work)
    except ResticError as error:
        return backup_runs.of_restic(error)
    finally:
        backup_steps.wipe(staging)


def last_good() -> BackupRun | None:
    """The newest backup that may be restored from."""
    return BackupRun.objects.filter(kind=BackupRun.Kind.BACKUP, state__in=GOOD).first()


def create_repository(actor: audit.Actor) -> BackupRepository:
    """Only ever on a person's word: a wrapper that makes one whenever it finds none fills wrong buckets."""
    with audit.change(actor, "backup.repository", shown(settings.RESTIC_REPOSITORY)):
        with connections.repository() as repository:
            found = repository.create()
        return _remember(found, actor.address)


def adopt_repository(actor: audit.Actor) -> BackupRepository:
    """The repository that is there, after a move or a loss of our own database. Raises ResticError."""
    with audit.change(actor, "backup.repository", shown(settings.RESTIC_REPOSITORY)):
        with connections.repository() as repository:
            found = repository.id()
        return _remember(found, actor.address)


def _remember(repository_id: str, by: str) -> BackupRepository:
    BackupRepository.objects.all().delete()
    return BackupRepository.objects.create(
        repository_id=repository_id, location=shown(settings.RESTIC_REPOSITORY), by=by
    )


def is_stale(now: datetime | None = None) -> bool:
    last = last_good()
    return last is None or last.finished_at is None or (now or timezone.now()) - last.finished_at > STALE


def as_json(run: BackupRun) -> dict[str, Any]:
    """For scripts."""
    return {
        "uuid": str(run.uuid),
        "kind": run.kind,
        "state": run.state,
        "code": run.code,
        "facts": run.facts,
        "snapshot": run.snapshot_id,
        "files": run.files,
        "bytes": run.bytes,
        "bytes_added": run.bytes_added,
        "seconds": round(run.seconds, 2),
        "steps": [
            {
                "name": step.name, "state": step.state, "code": step.code, "facts": step.facts,
                "seconds": round(step.seconds, 2), "files": step.files, "bytes": step.bytes,
            }
            for step in run.steps.all()
        ],
    }  # fmt: skip
