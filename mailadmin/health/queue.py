"""Mail that waits to be sent: how much, how long, why."""

import os
import re
from collections.abc import Mapping
from typing import Any

from .reading import Reading, fail, ok, unknown, warn

MANY, TOO_MANY = 100, 1000
OLD, TOO_OLD = 4 * 3600, 24 * 3600
MOST_FILES = 100_000
# Haraka's queue files (outbound/qfile.js): arrival_nextattempt_attempts_pid_uniq_counter_host, times in ms.
HARAKA = re.compile(r"^(\d{13})_(\d{13})_(\d+)_\d+_[^_]+_\d+_.+$")


def told(answer: Any, now: float) -> Reading:
    """What the bundled server says: {"at", "count", "oldest", "messages": […]}; Unix seconds."""
    if not isinstance(answer, Mapping):
        return unknown("queue", "queue.untold")
    oldest, reasons = answer.get("oldest"), []
    for message in answer.get("messages") or []:
        reasons += [r.get("reason") for r in message.get("recipients") or [] if r.get("reason")]
    return judge(
        int(answer.get("count") or 0), now - float(oldest) if oldest else 0.0, str((reasons or [""])[0])
    )


def haraka(folder: str, now: float) -> Reading:
    """poste.io keeps its queue as files whose names say enough; nothing is opened."""
    try:
        names = [entry.name for entry, _ in zip(os.scandir(folder), range(MOST_FILES), strict=False)]
    except OSError as error:
        return unknown("queue", "queue.unreadable", path=folder, said=type(error).__name__)
    arrived = [int(found[1]) / 1000 for name in names if (found := HARAKA.match(name))]
    return judge(len(arrived), now - min(arrived) if arrived else 0.0)


def judge(count: int, oldest: float, reason: str = "") -> Reading:
    """`oldest` in seconds."""
    facts = {"count": count, "hours": round(oldest / 3600, 1), "reason": reason[:200]}
    if count >= TOO_MANY or (count and oldest >= TOO_OLD):
        return fail("queue", "queue.stuck", **facts)
    if count >= MANY or (count and oldest >= OLD):
        return warn("queue", "queue.slow", **facts)
    return ok("queue", "queue.moving" if count else "queue.empty", **facts)
