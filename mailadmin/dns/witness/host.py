"""Being a witness for others: only who knows the secret asks; only the asking address is looked at.

No other address can be named in a question, so it is no scanner; ports outside the list are refused;
each address is looked at seldom; nothing but EHLO, STARTTLS and RCPT is ever sent (rule E11).
"""

import ipaddress
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from typing import Protocol

from mailadmin.dns.doors import Doors
from mailadmin.dns.names import address, is_public
from mailadmin.dns.network import Network
from mailadmin.dns.resolver import Resolver, Settings

from .look import KNOWN, look, relaying
from .protocol import APART, Question, Testimony, WitnessFault, question

PORTS = (25, 465, 587, 993, 143, 995, 110, 4190, 443)
WINDOW = 15 * 60  # seconds
MOST_OF_ONE, MOST_OF_ALL = 4, 120  # questions of one address, of everybody, in a window
AT_ONCE = 2
CONNECT = 5.0  # seconds


class Limits(Protocol):
    def taken(self, key: str, seconds: int) -> int:
        """How often this key was counted within the window, this time included."""


@dataclass(slots=True)
class Memory:
    """In this process. Bounded: what is over is forgotten, and when too much is known, all of it."""

    clock: Callable[[], float] = time.monotonic
    _counts: dict[str, tuple[float, int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def taken(self, key: str, seconds: int) -> int:
        with self._lock:
            now = self.clock()
            if len(self._counts) > 5000:
                self._counts = {k: v for k, v in self._counts.items() if v[0] > now}
                if len(self._counts) > 5000:
                    self._counts.clear()
            until, count = self._counts.get(key, (0.0, 0))
            until, count = (until, count + 1) if until > now else (now + seconds, 1)
            self._counts[key] = until, count
            return count


@dataclass(slots=True)
class Host:
    """`ports`: which may be looked at, and where each is found (25 → 25). `private`: also inner networks."""

    secret: str
    name: str
    limits: Limits
    ports: Mapping[int, int] = field(default_factory=lambda: dict.fromkeys(PORTS, 0))
    private: bool = False
    clock: Callable[[], float] = time.time
    _busy: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))

    def answer(self, data: bytes, caller: str) -> tuple[int, bytes]:
        """(status of HTTP, body). Who cannot sign learns nothing but that."""
        try:
            asked = question(data, self.secret, self.clock())
        except WitnessFault as fault:
            return _no(403 if str(fault) in ("signature", "secret", "old") else 400, str(fault))
        ip = _plain(caller)
        if ip is None or not (self.private or is_public(ip)):
            return _no(403, "address")
        if not set(asked.ports) <= set(self.ports) & set(KNOWN):
            return _no(400, "port")
        if self.limits.taken(f"nonce:{asked.nonce}", 2 * APART) > 1:
            return _no(403, "old")
        many = self.limits.taken(f"of:{_network(ip)}", WINDOW) > MOST_OF_ONE
        if many or self.limits.taken("all", WINDOW) > MOST_OF_ALL or not self._busy.acquire(blocking=False):
            return _no(429, "often")
        try:
            return 200, self._testify(asked, str(ip)).sealed(self.secret)
        finally:
            self._busy.release()

    def _testify(self, asked: Question, ip: str) -> Testimony:
        net = self._network()
        seen = look(net, ip, asked, self.name)
        reached = any(one.port == 25 and one.state == "open" for one in seen)
        found = relaying(net, ip, asked, self.name) if reached else []
        return Testimony(asked.nonce, ip, tuple(seen), tuple(one.to_json() for one in found))

    def _network(self) -> Network:
        places = {port: place for port, place in self.ports.items() if place}
        return Resolver(Settings(), doors=Doors(ports=places, stranger=True, patience=CONNECT))


def _plain(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """A v4 caller of a v6 socket is a v4 caller (RFC 4291, 2.5.5.2)."""
    found = address(text)
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


def _network(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    return str(ipaddress.ip_network((ip, 32 if ip.version == 4 else 64), strict=False))


def _no(status: int, reason: str) -> tuple[int, bytes]:
    return status, json.dumps({"error": reason}).encode()
