"""
Guessing is slow, and a stranger's guesses do not lock the owner out.

Three doors are counted: the address as seen from unknown devices, the owner's own device (a signed cookie
of an earlier sign-in), and the network the visitor comes from. Each waits twice as long per failure, up to
a limit short enough to live with. A try is counted before the answer is known, so that a burst of parallel
guesses counts too, and given back when it was right or nobody could say.
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from postie_web.accounts.models import Failures

FIRST_WAIT = 30  # seconds
FORGOTTEN_AFTER = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Door:
    kind: str
    name: str
    free: int
    longest_wait: int  # seconds

    @property
    def key(self) -> str:
        text = f"{self.kind}\0{self.name}".encode()
        return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()

    def wait(self, failures: int) -> int:
        over = failures - self.free
        return 0 if over <= 0 else min(FIRST_WAIT * 2 ** min(over - 1, 20), self.longest_wait)


class TooMany(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


def doors(address: str, client_address: str, device: str = "") -> list[Door]:
    """`device` is the id of a device that already knows this address, else empty."""
    account = Door("device", f"{device}\0{address}", 8, 60) if device else Door("account", address, 5, 120)
    return [account, Door("network", network(client_address), 20, 900)]


def network(client_address: str) -> str:
    """IPv6 gives everybody 2^64 addresses: the /64 counts as one."""
    try:
        address = ipaddress.ip_address(client_address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{address}/{32 if address.version == 4 else 64}", strict=False))


def enter(at: list[Door]) -> None:
    """Counts a try at every door, or raises TooMany."""
    keys = sorted(door.key for door in at)  # always locked in this order, so that nobody waits in a circle
    with transaction.atomic():
        # Rows that are not there cannot be locked, and two first tries would count as one.
        untried = [Failures(door=key, last_at=timezone.now()) for key in keys]
        Failures.objects.bulk_create(untried, ignore_conflicts=True)
        locked = Failures.objects.select_for_update().filter(door__in=keys).order_by("door")
        rows = {row.door: row for row in locked}
        now = timezone.now()
        wait = max(_left(door, rows.get(door.key), now) for door in at)
        if wait:
            raise TooMany(wait)
        for door in at:
            row = rows.get(door.key)
            count = 0 if row is None or now - row.last_at > FORGOTTEN_AFTER else row.count
            Failures.objects.update_or_create(door=door.key, defaults={"count": count + 1, "last_at": now})


def _left(door: Door, row: Failures | None, now: datetime) -> int:
    if row is None or now - row.last_at > FORGOTTEN_AFTER:
        return 0
    wait = door.wait(row.count)
    left = wait - (now - row.last_at).total_seconds()
    return max(0, int(left + 0.999)) if wait else 0


def failed(at: list[Door]) -> None:
    """The wait begins when the answer was given: a slow server must not use it up."""
    Failures.objects.filter(door__in=[door.key for door in at]).update(last_at=timezone.now())


def give_back(at: list[Door]) -> None:
    """Nobody could say whether the password was right."""
    for door in at:
        _change(door, -1)


def succeeded(at: list[Door]) -> None:
    """The own door is free again; the network's loses one try, or one account would open it for guesses."""
    account, *others = at
    Failures.objects.filter(door=account.key).delete()
    give_back(others)


def forget_old() -> None:
    Failures.objects.filter(last_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()


def _change(door: Door, by: int) -> None:
    with transaction.atomic():
        row = Failures.objects.select_for_update().filter(door=door.key).first()
        if row is not None:
            row.count = max(0, row.count + by)
            row.save(update_fields=["count"])
