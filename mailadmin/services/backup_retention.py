"""What may be forgotten: always shown before, never in doubt."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from mailadmin import connections
from mailadmin.backup.layout import TAG
from mailadmin.backup.outcome import Outcome
from mailadmin.backup.restic import Repository
from mailadmin.backup.results import DeletionRefused, ResticError, Snapshot, moment
from mailadmin.backup.retention import Policy, Preview, preview
from mailadmin.backup.verdict import Verdict
from mailadmin.models import BackupRun, State
from mailadmin.models.backups import GOOD, OPEN
from mailadmin.services import backup_lock, backup_runs

FIRST_PASSES_KEPT = timedelta(days=2)


def policy() -> Policy:
    return Policy(**settings.BACKUP_KEEP)


@dataclass(frozen=True, slots=True)
class Line:
    snapshot: Snapshot
    stays: bool
    reasons: tuple[str, ...]  # "daily snapshot", "last weekly snapshot" … as restic says


def lines(repository: Repository) -> tuple[list[Line], Preview]:
    """Every complete snapshot, newest first, and what would become of it."""
    groups = repository.forget(policy().arguments(), preview=True)
    found = _preview(groups, *state())
    # restic names the snapshots of its reasons by their time only.
    reasons = {
        moment(one["snapshot"]["time"]): tuple(one.get("matches") or ())
        for group in groups
        for one in group.get("reasons") or []
    }
    complete = [s for s in repository.snapshots() if s.is_complete]
    return [Line(s, s.id in found.keep, reasons.get(s.time, ())) for s in reversed(complete)], found


def look(repository: Repository, proven_at: datetime | None, shrunk: bool) -> Preview:
    """What would happen now; nothing is changed."""
    return _preview(repository.forget(policy().arguments(), preview=True), proven_at, shrunk)


def _preview(groups: list[dict[str, Any]], proven_at: datetime | None, shrunk: bool) -> Preview:
    keep = [one["id"] for group in groups for one in group.get("keep") or []]
    remove = [one["id"] for group in groups for one in group.get("remove") or []]
    return preview(keep, remove, proven_at=proven_at, now=timezone.now(), shrunk=shrunk)


def wish(by: str, *, many: bool = False) -> BackupRun:
    """`many=True`: a person has seen that more than half go, and wants it."""
    return backup_runs.wish(BackupRun.Kind.RETENTION, by, many=many)


def run(run: BackupRun) -> BackupRun:
    return backup_runs.hold_and_run(run, _inside)


def _inside(run: BackupRun, lock: backup_lock.Lock) -> Verdict:
    watch = backup_runs.Watch(run, lock)
    try:
        with connections.repository(watch.cancelled) as repository:
            work = Alone(run, watch, repository)
            return backup_runs.go(run, {"retention": _alone}, work)
    except ResticError as error:
        return backup_runs.of_restic(error)


@dataclass
class Alone:
    run: BackupRun
    watch: backup_runs.Watch
    repository: Repository


def _alone(work: Alone) -> Verdict:
    verdict = apply(work.repository, work.run, *state())
    if verdict.code == "retention.done" or verdict.code == "retention.append-only":
        return verdict
    return replace(verdict, outcome=Outcome.FAILED)


def state() -> tuple[datetime | None, bool]:
    """(when a backup was last verified, is the newest one suspiciously small)."""
    backups = BackupRun.objects.filter(kind=BackupRun.Kind.BACKUP)
    good = backups.filter(state__in=GOOD).first()
    newest = backups.exclude(state__in=OPEN).first()
    return good.finished_at if good else None, bool(newest and newest.state == State.SUSPICIOUS)


def apply(repository: Repository, run: BackupRun, proven_at: datetime | None, shrunk: bool) -> Verdict:
    """Exactly the snapshots of the preview go, by id; then their space; then a look at the structure."""
    if settings.BACKUP_APPEND_ONLY:
        return Verdict(code="retention.append-only")
    found = look(repository, proven_at, shrunk)
    run.result["retention"] = asdict(found)
    run.save(update_fields=["result"])
    facts: dict[str, Any] = {"keep": len(found.keep), "remove": len(found.remove)}
    if found.refusal and not (found.refusal == "too-many-at-once" and run.facts.get("many")):
        return Verdict(warning=bool(found.remove), code=f"retention.{found.refusal}", facts=facts)
    gone = [*found.remove, *first_passes(repository.snapshots())]
    if gone:
        try:
            repository.forget_ids(gone)
        except DeletionRefused as error:
            return Verdict(warning=True, code="retention.refused", facts=facts | {"said": error.last_words})
        repository.prune()
        repository.check()
    return Verdict(code="retention.done", facts=facts)


def first_passes(snapshots: list[Snapshot]) -> list[str]:
    """First passes whose second one stands: all that is in them is in it."""
    finished = {run_of(s) for s in snapshots if s.is_complete}
    old = timezone.now() - FIRST_PASSES_KEPT
    return [
        s.id
        for s in snapshots
        if not s.is_complete and TAG in s.tags and run_of(s) in finished and s.time < old
    ]


def run_of(snapshot: Snapshot) -> str:
    return next((tag.removeprefix("run:") for tag in snapshot.tags if tag.startswith("run:")), "")
