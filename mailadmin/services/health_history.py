"""The last two days at a glance, and what changed in them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailadmin.health.reading import ORDER, Reading, Status
from mailadmin.models import HealthRun
from mailadmin.services import health

HOURS = 48
MOST_RUNS = 700
MOST_CHANGES = 30
WIDTH, GAP = 10, 3


@dataclass(frozen=True, slots=True)
class Hour:
    """One bar; `status` is the worst of that hour, "none" when nobody looked. `x` in SVG units."""

    at: datetime
    status: str
    x: int


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    line: health.Line


def strip(now: datetime) -> list[Hour]:
    """Oldest first."""
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    worst: dict[int, str] = {}
    for at, status in HealthRun.objects.filter(at__gte=start, at__lte=now).values_list("at", "status"):
        hour = int((at - start).total_seconds() // 3600)
        worst[hour] = max(worst.get(hour, status), status, key=lambda one: ORDER[Status(one)])
    return [Hour(start + timedelta(hours=n), worst.get(n, "none"), n * (WIDTH + GAP)) for n in range(HOURS)]


def changes(now: datetime) -> list[Change]:
    """What became worse or better, newest first."""
    runs = HealthRun.objects.filter(at__gte=now - timedelta(hours=HOURS), at__lte=now)[:MOST_RUNS]
    before: dict[str, Reading] = {}
    found = []
    for run in reversed(runs):
        for reading in health.readings(run):
            last = before.get(reading.part)
            if reading.status is not Status.UNKNOWN:
                if last is not None and last.status is not reading.status:
                    found.append((run.at, reading))
                before[reading.part] = reading
    return [Change(at, health.line(reading)) for at, reading in found[: -MOST_CHANGES - 1 : -1]]
