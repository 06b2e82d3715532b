"""How the backups are, in one glance: for their page, the overview and the health page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from mailadmin.models import BackupRepository, BackupRun
from mailadmin.models.backups import OPEN
from mailadmin.services import backup_drills, backups, recovery_kit

BARS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`badge`: red · amber · green · none, of the proof. `stale`: no good backup for more than 26 hours."""

    chosen: bool
    last: BackupRun | None
    newest: BackupRun | None
    running: BackupRun | None
    proof: BackupRun | None
    last_drill: BackupRun | None
    badge: str
    stale: bool
    kit_confirmed: bool

    @property
    def failed(self) -> bool:
        """The newest one that ended was not good."""
        return bool(self.newest and not self.newest.is_good)

    @property
    def is_well(self) -> bool:
        return self.chosen and not self.stale and not self.failed and self.badge == "green"


def look(now: datetime | None = None) -> State:
    now = now or timezone.now()
    ended = BackupRun.objects.filter(kind=BackupRun.Kind.BACKUP).exclude(state__in=OPEN)
    return State(
        chosen=BackupRepository.objects.exists(),
        last=backups.last_good(),
        newest=ended.first(),
        running=BackupRun.objects.filter(state__in=OPEN).first(),
        proof=backup_drills.last_proof(),
        last_drill=backup_drills.last(),
        badge=backup_drills.badge(now),
        stale=backups.is_stale(now),
        kit_confirmed=recovery_kit.is_confirmed(),
    )


def growth() -> list[dict[str, Any]]:
    """What the last good backups added, oldest first: [{"run", "top", "height" in a picture 60 high}]."""
    runs = [run for run in BackupRun.objects.filter(kind=BackupRun.Kind.BACKUP)[: BARS * 2] if run.is_good]
    runs = runs[:BARS][::-1]
    largest = max((run.bytes_added for run in runs), default=0) or 1
    heights = [max(2, round(60 * run.bytes_added / largest)) for run in runs]
    return [{"run": run, "top": 60 - high, "height": high} for run, high in zip(runs, heights, strict=True)]
