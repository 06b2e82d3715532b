"""TCP connections to services. Where a port is really found may differ from where the world sees it."""

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from .network import Network, Unreachable, Wrapped

PATIENCE = 4.0
SILENT_PORTS = 2
_OUR_SIDE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES, errno.EPERM, errno.EADDRNOTAVAIL)


@dataclass(frozen=True, slots=True)
class Doors:
    """`addresses`: public address → where it is reached from here (behind NAT it may not be reachable).

    `ports` and `authorities` (a PEM file) are for a server on other ports and for a private authority;
    `stranger` overrides the judgement whether a server might trust the address we come from.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[int, int] = field(default_factory=dict)
    authorities: str = ""
    stranger: bool | None = None
    closed: bool = False  # only what `addresses` names is reached: the demonstration's world ends there
    patience: float = PATIENCE

    def open(self, ip: str, port: int) -> socket.socket:
        if self.closed and ip not in self.addresses:
            raise Unreachable("unmeasured", ip)
        place = (self.addresses.get(ip, ip), self.ports.get(port, port))
        try:
            return socket.create_connection(place, timeout=self.patience)
        except TimeoutError:
            raise Unreachable("timeout") from None
        except ConnectionRefusedError:
            raise Unreachable("refused") from None
        except OSError as error:
            reason = "unreachable" if error.errno in _OUR_SIDE else "closed"
            raise Unreachable(reason, error.strerror or "") from None


class Weary(Wrapped):
    """For one run: a port that did not answer is not tried again, nor an address where nothing answers."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self._lock = Lock()
        self._failed: dict[tuple[str, int], str] = {}
        self._alive: set[str] = set()

    def connect(self, ip: str, port: int) -> socket.socket:
        with self._lock:
            reason = self._failed.get((ip, port), "") or self._silent(ip)
        if reason:
            raise Unreachable(reason)
        try:
            connection = self.network.connect(ip, port)
        except Unreachable as fault:
            with self._lock:
                self._failed[ip, port] = fault.reason
                if fault.reason == "refused":
                    self._alive.add(ip)
            raise
        with self._lock:
            self._alive.add(ip)
        return connection

    def _silent(self, ip: str) -> str:
        silent = [r for (where, _), r in self._failed.items() if where == ip and r == "timeout"]
        return "timeout" if len(silent) >= SILENT_PORTS and ip not in self._alive else ""
