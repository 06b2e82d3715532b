"""
One writer to the repository at a time, whoever it is: beat, a person, a second worker.

The owner's row is renewed while it works. An owner that is gone (its process is no more, or on another
machine its time ran out) is followed by the next, with a higher fence; one that only slept finds the higher
fence at its next beat and stops before it writes again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from mailadmin.backup import owner
from mailadmin.models import BackupLock

NAME = "repository"
KEPT = timedelta(minutes=5)


class Held(Exception):
    """Somebody else writes to the repository right now; `holder` is the uuid of that run."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(holder)


@dataclass(frozen=True, slots=True)
class Lock:
    name: str
    holder: str
    fence: int

    def renew(self) -> bool:
        """False: somebody came after us, our time is over."""
        mine = BackupLock.objects.filter(name=self.name, holder=self.holder, fence=self.fence)
        return bool(mine.update(until=timezone.now() + KEPT))

    def release(self) -> None:
        BackupLock.objects.filter(name=self.name, holder=self.holder, fence=self.fence).update(holder="")


@contextmanager
def hold(holder: str, name: str = NAME) -> Iterator[Lock]:
    """Raises Held. The lock is free again whatever happens inside."""
    lock = take(holder, name)
    try:
        yield lock
    finally:
        lock.release()


def take(holder: str, name: str = NAME) -> Lock:
    host, pid, started = owner.me()
    with transaction.atomic():
        BackupLock.objects.get_or_create(name=name)
        row = BackupLock.objects.select_for_update().get(name=name)
        if row.holder and row.holder != holder and not is_abandoned(row):
            raise Held(row.holder)
        row.fence += 1
        row.holder, row.host, row.pid, row.process_started = holder, host, pid, started
        row.until = timezone.now() + KEPT
        row.save()
    return Lock(name, holder, row.fence)


def is_abandoned(row: BackupLock) -> bool:
    alive = owner.is_alive(row.host, row.pid, row.process_started)
    if alive is None:
        # Another machine: only the time tells. A clock that jumped does no harm, the fence stops the other.
        return row.until is None or row.until < timezone.now()
    return not alive


def holder(name: str = NAME) -> str:
    """uuid of the run that writes now, or empty."""
    row = BackupLock.objects.filter(name=name).exclude(holder="").first()
    return "" if row is None or is_abandoned(row) else row.holder
