"""What may be forgotten: always shown before, never in doubt."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from mailadmin.backup.layout import TAG
from mailadmin.backup.restic import Repository
from mailadmin.backup.results import Snapshot
from mailadmin.backup.retention import Policy, Preview, preview
from mailadmin.backup.verdict import Verdict
from mailadmin.models import BackupRun

FIRST_PASSES_KEPT = timedelta(days=2)


def policy() -> Policy:
    return Policy(**settings.BACKUP_KEEP)


def look(repository: Repository, proven_at: datetime | None, *, shrunk: bool) -> Preview:
    """What would happen now; nothing is changed."""
    groups = repository.forget(policy().arguments(), preview=True)
    keep = [one["id"] for group in groups for one in group.get("keep") or []]
    remove = [one["id"] for group in groups for one in group.get("remove") or []]
    return preview(keep, remove, proven_at=proven_at, now=timezone.now(), shrunk=shrunk)


def apply(repository: Repository, run: BackupRun, proven_at: datetime | None, *, shrunk: bool) -> Verdict:
    """Exactly the snapshots of the preview go, by id; then their space; then a look at the structure."""
    if settings.BACKUP_APPEND_ONLY:
        return Verdict(code="retention.append-only")
    found = look(repository, proven_at, shrunk=shrunk)
    run.result["retention"] = asdict(found)
    run.save(update_fields=["result"])
    facts: dict[str, Any] = {"keep": len(found.keep), "remove": len(found.remove)}
    if found.refusal:
        return Verdict(warning=bool(found.remove), code=f"retention.{found.refusal}", facts=facts)
    gone = [*found.remove, *first_passes(repository.snapshots())]
    if gone:
        repository.forget_ids(gone)
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
