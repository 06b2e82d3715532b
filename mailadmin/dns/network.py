"""The network as a check sees it: questions in, answers out. A test is a dict of answers.

LookupFailed
└── Bogus          DNSSEC says the answer is forged; RFC 4033, 5
Unreachable        no TCP connection, or it broke; says nothing unless `ours` is false
"""

import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import dns.rdata

from .names import Address, address, is_public


class State(StrEnum):
    FOUND = "found"
    EMPTY = "empty"  # the name exists, the type does not
    ABSENT = "absent"  # NXDOMAIN
    FAILED = "failed"  # SERVFAIL, REFUSED, timeout, nonsense: rule E1
    BOGUS = "bogus"


def decoded(data: bytes) -> str:
    """Never a crash: what is no UTF-8 is shown byte for byte."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


class LookupFailed(Exception):
    """Could not be measured; says nothing about the domain."""

    def __init__(self, answer: "Answer") -> None:
        super().__init__(f"{answer.name} {answer.kind}: {answer.reason}")
        self.answer = answer


class Bogus(LookupFailed):
    pass


class Unreachable(Exception):
    """`reason` in one word: refused, timeout, closed, unreachable, garbled, busy, tls, unmeasured."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail

    @property
    def ours(self) -> bool:
        """Our own side of the network is to blame, or the other side only asks to wait (rule E1)."""
        return self.reason in ("unreachable", "unmeasured", "busy")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, who answered and what. `views` holds the answer of every authoritative server."""

    name: str
    kind: str
    state: State
    rdatas: tuple[dns.rdata.Rdata, ...] = ()
    ttl: int = 0
    chain: tuple[str, ...] = ()  # names of the CNAMEs followed, in order
    secure: bool = False  # AD, from our own validating resolver only
    authentic: bool = False  # AA
    server: str = ""
    reason: str = ""  # NOERROR, NXDOMAIN, SERVFAIL, timeout …
    elapsed: float = 0.0
    views: tuple["Answer", ...] = ()
    signatures: tuple[dns.rdata.Rdata, ...] = ()  # RRSIGs over the answer, where they were asked for
    _written: list[tuple[object, list[str]]] = field(default_factory=list, compare=False, repr=False)

    @property
    def measured(self) -> bool:
        return self.state in (State.FOUND, State.EMPTY, State.ABSENT)

    @property
    def heard(self) -> bool:
        """Has our validating resolver answered? If not, `secure` says nothing (rules E1, E4)."""
        return self.views[0].measured if self.views else self.measured

    @property
    def texts(self) -> list[str]:
        """Character strings joined without a separator (RFC 7208, 3.3; rule E6)."""
        return [decoded(b"".join(getattr(rdata, "strings", ()))) for rdata in self.rdatas]

    @property
    def records(self) -> list[str]:
        """Presentation form, sorted: two answers are the same when these are."""
        if not self._written or self._written[0][0] is not self.rdatas:  # a copy may hold others
            self._written[:] = [(self.rdatas, sorted(rdata.to_text() for rdata in self.rdatas))]
        return list(self._written[0][1])

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "kind": self.kind,
            "state": str(self.state),
            "rcode": self.reason,
            "records": self.records,
            "ttl": self.ttl,
            "chain": list(self.chain),
            "flags": [flag for flag, on in (("AD", self.secure), ("AA", self.authentic)) if on],
            "server": self.server,
            "milliseconds": round(self.elapsed * 1000, 1),
            "views": [view.to_json() for view in self.views],
        }


@dataclass(frozen=True, slots=True)
class Server:
    """One address of one name server."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Delegation:
    """A zone, the servers its parent names and the servers it names itself (RFC 1034, 4.2.2)."""

    zone: str
    servers: tuple[Server, ...] = ()
    parent_names: frozenset[str] = frozenset()
    exists: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """An answer over HTTP(S). `error` is one word: dns, refused, timeout, certificate, tls, size, broken."""

    url: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str = ""
    detail: str = ""
    certificate: bytes = b""


class Network(ABC):
    """The only door to the outside for every check."""

    @abstractmethod
    def ask(self, name: str, kind: str) -> Answer:
        """Never raises: a question without an answer is an Answer in state FAILED."""

    @abstractmethod
    def ask_at(self, server: Server, name: str, kind: str) -> Answer:
        """One authoritative server, RD=0."""

    @abstractmethod
    def delegation(self, zone: str) -> Delegation: ...

    @abstractmethod
    def zone_of(self, name: str) -> str:
        """The apex of the zone `name` lives in."""

    @abstractmethod
    def fetch(
        self,
        url: str,
        *,
        post: bytes | None = None,
        host_address: str = "",
        headers: Mapping[str, str] | None = None,
        patience: float = 0.0,
    ) -> Page:
        """No redirect is followed; at most 64 KiB; 5 s, or `patience`."""

    @abstractmethod
    def now(self) -> datetime: ...

    def connect(self, ip: str, port: int) -> socket.socket:
        """A TCP connection to a service; raises Unreachable."""
        raise Unreachable("unmeasured", f"{ip}:{port}")

    def is_stranger(self, own: str) -> bool:
        """May a server trust the address we come from? Only then a refusal proves something (V15)."""
        ip = address(own)
        return ip is not None and is_public(ip)

    @property
    def authorities(self) -> str:
        """A file with certificate authorities beside the system's own, or ""."""
        return ""

    def watching(self, domain: str) -> AbstractContextManager["Network"]:
        """While it is open, questions about `domain` also go to all its authoritative servers (E3)."""
        return nullcontext(self)

    def validates(self) -> bool:
        """May AD be believed? The self-test of rule E4."""
        return True

    def lookup(self, name: str, kind: str) -> Answer:
        answer = self.ask(name, kind)
        if answer.state is State.BOGUS:
            raise Bogus(answer)
        if not answer.measured:
            raise LookupFailed(answer)
        return answer

    def texts(self, name: str) -> list[str]:
        return self.lookup(name, "TXT").texts

    def addresses(self, name: str, *, kinds: Sequence[str] = ("A", "AAAA")) -> list[Address]:
        found = (address(rdata.to_text()) for kind in kinds for rdata in self.lookup(name, kind).rdatas)
        return [ip for ip in found if ip is not None]


class Wrapped(Network):
    """Passes everything on; what stands around a network overrides the one thing it changes."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def ask(self, name: str, kind: str) -> Answer:
        return self.network.ask(name, kind)

    def ask_at(self, server: Server, name: str, kind: str) -> Answer:
        return self.network.ask_at(server, name, kind)

    def delegation(self, zone: str) -> Delegation:
        return self.network.delegation(zone)

    def zone_of(self, name: str) -> str:
        return self.network.zone_of(name)

    def fetch(
        self,
        url: str,
        *,
        post: bytes | None = None,
        host_address: str = "",
        headers: Mapping[str, str] | None = None,
        patience: float = 0.0,
    ) -> Page:
        return self.network.fetch(
            url, post=post, host_address=host_address, headers=headers, patience=patience
        )

    def now(self) -> datetime:
        return self.network.now()

    def connect(self, ip: str, port: int) -> socket.socket:
        return self.network.connect(ip, port)

    def is_stranger(self, own: str) -> bool:
        return self.network.is_stranger(own)

    @property
    def authorities(self) -> str:
        return self.network.authorities

    def watching(self, domain: str) -> AbstractContextManager["Network"]:
        return self.network.watching(domain)

    def validates(self) -> bool:
        return self.network.validates()
