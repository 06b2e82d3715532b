"""When is a change true? Rule E2: two equal results at least 15 minutes apart; never on "unknown". Pure."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .finding import Status

APART = timedelta(minutes=15)
CRITICAL_TRIES = 3
FLAPPING = 3
DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Observation:
    at: datetime
    status: Status
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    status: Status
    since: datetime | None = None
    unstable: bool = False


def settle(history: Sequence[Observation]) -> Settled:
    """`history` is oldest first. What could not be measured is as if it had not been asked."""
    asked = [seen for seen in history if seen.status is not Status.UNKNOWN]
    # A result that was kept for a while and told twice is one result.
    measured = [seen for n, seen in enumerate(asked) if n == 0 or seen != asked[n - 1]]
    if not measured:
        return Settled(Status.UNKNOWN)
    current = Settled(measured[0].status, measured[0].at)
    run: list[Observation] = []
    for seen in measured:
        if seen.status is current.status:
            run = []
            continue
        run = [*run, seen] if run and run[-1].status is seen.status else [seen]
        if _confirmed(run):
            current = Settled(seen.status, run[0].at)
            run = []
    return Settled(current.status, current.since, _changes(measured) >= FLAPPING)


def _confirmed(run: Sequence[Observation]) -> bool:
    if len(run) >= 2 and run[-1].at - run[0].at >= APART:
        return True
    return len(run) >= CRITICAL_TRIES and all(seen.critical for seen in run)


def _changes(measured: Sequence[Observation]) -> int:
    recent = [seen for seen in measured if measured[-1].at - seen.at <= DAY]
    return sum(a.status is not b.status for a, b in itertools.pairwise(recent))
