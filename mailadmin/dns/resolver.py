"""The real network: our own validating resolver beside every authoritative server. Rules E1, E3, E4, E10."""

import socket
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock
from typing import TypeVar

import dns.rdatatype

from . import answers, wire
from .doors import Doors
from .names import is_below, parents
from .network import Answer, Delegation, Network, Page, Server, State
from .web import Asking, Web

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
MOST_SERVERS = 8  # name servers asked per zone: every list is bounded
MOST_ANSWERS = 50_000


@dataclass(frozen=True, slots=True)
class Settings:
    """`secure_name` must come with AD, `bogus_name` must fail: else our resolver does not validate (E4).

    mox: some validators do not set AD for the root, so a top-level domain is asked.
    """

    resolver: str = "127.0.0.1"
    port: int = 53
    secure_name: str = "com"
    bogus_name: str = "dnssec-failed.org"


class Resolver(Network):
    def __init__(
        self,
        settings: Settings,
        *,
        transport: wire.Transport = wire.exchange,
        web: Web | None = None,
        doors: Doors | None = None,
    ) -> None:
        self.settings = settings
        self._doors = doors or Doors()
        self._transport = transport
        self._web = web or Web()
        self._lock, self._self_test = Lock(), Lock()
        self._answers: dict[tuple[str, str], Future[Answer]] = {}
        self._delegations: dict[str, Future[Delegation]] = {}
        self._watched: dict[str, tuple[Server, ...]] = {}
        self._validates: bool | None = None

    @contextmanager
    def watching(self, domain: str) -> Iterator[Network]:
        """While a domain is verified, its questions also go to all servers of its zone."""
        zone = self.zone_of(domain)
        if zone in self._watched:
            yield self
            return
        chosen: dict[str, Server] = {}
        for server in self.delegation(zone).servers:
            # One address per name: every server is asked, none twice.
            chosen.setdefault(server.name, server)
        self._watched[zone] = tuple(chosen.values())
        with self._lock:
            for key in [key for key in self._answers if is_below(key[0], zone)]:
                del self._answers[key]
        try:
            yield self
        finally:
            self._forget(zone)

    def ask(self, name: str, kind: str) -> Answer:
        return _once(self._lock, self._answers, (name, kind), lambda: self._ask(name, kind))

    def ask_at(self, server: Server, name: str, kind: str) -> Answer:
        question = wire.Question(name, kind, server.address, dnssec=True)
        return answers.read(name, kind, f"{server.name} ({server.address})", self._transport([question])[0])

    def zone_of(self, name: str) -> str:
        for candidate in parents(name):
            answer = self._resolve(candidate, "SOA")
            if (answer.state is State.FOUND and not answer.chain) or not answer.measured:
                return candidate
        return "."

    def delegation(self, zone: str) -> Delegation:
        return _once(self._lock, self._delegations, zone, lambda: self._delegation(zone))

    def fetch(
        self,
        url: str,
        *,
        post: bytes | None = None,
        host_address: str = "",
        headers: Mapping[str, str] | None = None,
        patience: float = 0.0,
    ) -> Page:
        asking = Asking(post, host_address, headers or {}, patience)
        return self._web.fetch(url, self, asking)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def connect(self, ip: str, port: int) -> socket.socket:
        return self._doors.open(ip, port)

    def is_stranger(self, own: str) -> bool:
        return super().is_stranger(own) if self._doors.stranger is None else self._doors.stranger

    @property
    def authorities(self) -> str:
        return self._doors.authorities

    def validates(self) -> bool:
        with self._self_test:  # several checks want to know at the same moment
            if self._validates is None:
                good = self._resolve(self.settings.secure_name, "NS")
                bad = self._resolve(self.settings.bogus_name, "A")
                self._validates = good.secure and bad.state is State.BOGUS
            return self._validates

    def _ask(self, name: str, kind: str) -> Answer:
        servers = self._servers_for(name)
        if not servers or kind in ("DS",):  # the DS lives at the parent (RFC 4035, 3.1.4.1)
            return self._resolve(name, kind)
        own = wire.Question(name, kind, self.settings.resolver, self.settings.port, recursive=True)
        others = [wire.Question(name, kind, server.address) for server in servers]
        replies = self._transport([own, *others])
        recursive = self._judged(name, kind, replies[0])
        views = answers.views(name, kind, servers, replies[1:])
        # A lame server answers with a referral or from a cache: not an authority (RFC 1912, 2.8).
        return answers.merge(recursive, [view for view in views if view.authentic or not view.measured])

    def _resolve(self, name: str, kind: str) -> Answer:
        question = wire.Question(name, kind, self.settings.resolver, self.settings.port, recursive=True)
        return self._judged(name, kind, self._transport([question])[0])

    def _judged(self, name: str, kind: str, reply: wire.Reply) -> Answer:
        """SERVFAIL that turns into an answer with CD is bogus DNSSEC (rule E1; RFC 4035, 3.2.2)."""
        answer = answers.read(name, kind, "resolver", reply)
        if answer.reason != "SERVFAIL":
            return answer
        again = wire.Question(
            name, kind, self.settings.resolver, self.settings.port, recursive=True, unchecked=True
        )
        unchecked = answers.read(name, kind, "resolver", self._transport([again])[0])
        if unchecked.measured:
            return replace(unchecked, state=State.BOGUS, reason="SERVFAIL, but answered with CD")
        return answer

    def _servers_for(self, name: str) -> Sequence[Server]:
        return next((self._watched[zone] for zone in parents(name) if zone in self._watched), ())

    def _forget(self, zone: str) -> None:
        self._watched.pop(zone, None)
        with self._lock:
            self._delegations.pop(zone, None)
            for key in [key for key in self._answers if is_below(key[0], zone)]:
                del self._answers[key]
            if len(self._answers) > MOST_ANSWERS:
                self._answers.clear()

    def _delegation(self, zone: str) -> Delegation:
        above = zone.partition(".")[2] or "."
        parent = self.zone_of(above) if above != "." else "."
        referral = self._referral(zone, self._name_servers(parent)[:3])
        own = self._resolve(zone, "NS")
        names = sorted(referral.names | {_target(rdata) for rdata in own.rdatas})[:MOST_SERVERS]
        servers = tuple(Server(name, ip) for name in names for ip in self._addresses(name, referral))
        return Delegation(zone, servers, frozenset(referral.names), referral.exists)

    def _name_servers(self, zone: str) -> list[Server]:
        names = sorted(_target(rdata) for rdata in self.ask(zone, "NS").rdatas)
        return [Server(name, ip) for name in names for ip in self._addresses(name, _Referral())]

    def _addresses(self, name: str, referral: "_Referral") -> list[str]:
        found = [rdata.to_text() for kind in ("A", "AAAA") for rdata in self.ask(name, kind).rdatas]
        return found or referral.glue.get(name, [])

    def _referral(self, zone: str, servers: Sequence[Server]) -> "_Referral":
        """What the parent says: NS in the authority section (or in the answer, when it serves both)."""
        result = _Referral()
        replies = self._transport([wire.Question(zone, "NS", server.address) for server in servers])
        messages = [reply.message for reply in replies if reply.message is not None]
        for message in messages:
            result.exists = result.exists and message.rcode() != 3
            for rrset in (*message.answer, *message.authority):
                if rrset.rdtype == dns.rdatatype.NS and _text(rrset.name) == zone:
                    result.names |= {_target(rdata) for rdata in rrset}
            for rrset in message.additional:
                if rrset.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
                    result.glue.setdefault(_text(rrset.name), []).extend(rdata.to_text() for rdata in rrset)
        return result


@dataclass(slots=True)
class _Referral:
    names: set[str] = field(default_factory=set)
    glue: dict[str, list[str]] = field(default_factory=dict)
    exists: bool = True


def _text(name: object) -> str:
    return str(name).rstrip(".").lower() or "."


def _target(rdata: object) -> str:
    return _text(rdata.target)  # type: ignore[attr-defined]


def _once(lock: Lock, memory: dict[K, "Future[V]"], key: K, make: Callable[[], V]) -> V:
    """Each question is asked once in a run, even when two checks want it at the same moment."""
    with lock:
        future = memory.get(key)
        mine = future is None
        if future is None:
            future = memory[key] = Future()
    if mine:
        try:
            future.set_result(make())
        except BaseException as error:
            future.set_exception(error)
            raise
    return future.result()
