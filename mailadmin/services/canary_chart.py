"""The canary's trips as bars: a day of them, the height is the time home."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from mailadmin.models import CanaryTrip
from mailadmin.services import canary, health

MOST = 144  # a day
HEIGHT, WIDTH, GAP = 80, 4, 1
TALLEST = 60_000  # milliseconds; the scale is logarithmic: 0.1 s and 30 s are both seen


@dataclass(frozen=True, slots=True)
class Bar:
    """`x`, `y`, `height` in SVG units; what did not come home stands full height."""

    at: datetime
    status: str
    milliseconds: int | None
    x: int
    height: int

    @property
    def y(self) -> int:
        return HEIGHT - self.height

    @property
    def seconds(self) -> float | None:
        return None if self.milliseconds is None else round(self.milliseconds / 1000, 2)


@dataclass(frozen=True, slots=True)
class Chart:
    bars: tuple[Bar, ...]
    typical: float | None  # seconds, the median
    slowest: float | None
    width: int = MOST * (WIDTH + GAP)
    height: int = HEIGHT
    bar_width: int = WIDTH


@dataclass(frozen=True, slots=True)
class Row:
    trip: CanaryTrip
    line: health.Line


def chart(now: datetime) -> Chart:
    """The last day, oldest first."""
    trips = list(reversed(CanaryTrip.objects.filter(at__gte=now - timedelta(days=1), at__lte=now)[:MOST]))
    first = MOST - len(trips)
    bars = tuple(
        Bar(t.at, t.status, t.milliseconds, (first + n) * (WIDTH + GAP), _height(t))
        for n, t in enumerate(trips)
    )
    home = [t.milliseconds / 1000 for t in trips if t.milliseconds is not None and t.status != "fail"]
    return Chart(bars, round(median(home), 2) if home else None, round(max(home), 2) if home else None)


def _height(trip: CanaryTrip) -> int:
    if trip.milliseconds is None:
        return HEIGHT
    share = math.log10(max(trip.milliseconds, 10) / 10) / math.log10(TALLEST / 10)
    return max(2, min(HEIGHT, round(share * HEIGHT)))


def rows(limit: int = 30) -> list[Row]:
    """The newest trips in words."""
    return [Row(trip, health.line(canary.of(trip))) for trip in CanaryTrip.objects.all()[:limit]]
