"""Our own parts: database, Redis, API, the clockwork (beat) and its hands (worker), the newest backup."""

import time
from collections.abc import Callable
from datetime import datetime

from .reading import Reading, critical, fail, ok, unknown, warn

BEAT_LATE, BEAT_DEAD = 10 * 60, 30 * 60  # seconds; the heart beats every minute
BACKUP_LATE, BACKUP_DEAD = 30, 72  # hours


def answers(part: str, probe: Callable[[], object]) -> Reading:
    """A probe that returns, or raises whatever its library raises: then the part does not work."""
    started = time.monotonic()
    try:
        probe()
    except TimeoutError:
        return critical(part, f"{part}.silent", said="timeout")
    except Exception as error:  # a broken part may break in any way; only the kind is kept, no secrets
        return critical(part, f"{part}.silent", said=type(error).__name__)
    return ok(part, f"{part}.answers", milliseconds=round((time.monotonic() - started) * 1000))


def beat(last: datetime | None, now: datetime) -> Reading:
    """A task that beat sends and a worker runs writes down when it ran: both are alive, or one is not."""
    if last is None:
        return unknown("beat", "beat.never")
    seconds = (now - last).total_seconds()
    if seconds >= BEAT_DEAD:
        return critical("beat", "beat.dead", minutes=round(seconds / 60))
    if seconds >= BEAT_LATE:
        return warn("beat", "beat.late", minutes=round(seconds / 60))
    return ok("beat", "beat.beats", seconds=max(0, round(seconds)))


def worker(names: list[str] | None) -> Reading:
    """`names`: the workers that answered a ping; None: it could not be asked."""
    if names is None:
        return unknown("worker", "worker.unasked")
    if not names:
        return critical("worker", "worker.none")
    return ok("worker", "worker.answers", count=len(names))


def backup(newest: datetime | None, now: datetime, wanted: bool) -> Reading:
    """`wanted`: backups are set up here; without them a missing one is only said."""
    if newest is None:
        return (fail if wanted else warn)("backup", "backup.never")
    hours = (now - newest).total_seconds() / 3600
    facts = {"hours": round(hours), "at": int(newest.timestamp())}
    if hours >= BACKUP_DEAD:
        return fail("backup", "backup.old", **facts)
    return (
        warn("backup", "backup.late", **facts)
        if hours >= BACKUP_LATE
        else ok("backup", "backup.fresh", **facts)
    )
