"""What a service agrees to in TLS: one short handshake for each question. Nothing is ever finished."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mailadmin.dns.network import Network, Unreachable

from . import hello
from .after import After
from .sessions import Service, opened

HANDSHAKE = 5.0  # seconds
OLD = (hello.TLS11, hello.TLS10, hello.SSL3)


@dataclass(slots=True)
class Survey:
    """`versions` and `broken`: what was accepted. `hellos`: the answers, by the question asked."""

    versions: list[int] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    static: bool = False
    cbc: bool = False
    hellos: dict[str, hello.ServerHello] = field(default_factory=dict)
    renegotiations: int = 0  # that a client may ask for
    early: int = 0  # octets taken before the handshake is finished

    @property
    def chains(self) -> list[tuple[bytes, ...]]:
        """One for each kind of certificate the server has (RSA, ECDSA)."""
        found = [self.hellos[kind].chain for kind in ("ecdsa", "rsa") if kind in self.hellos]
        return [chain for number, chain in enumerate(found) if chain and chain not in found[:number]]


@dataclass(frozen=True, slots=True)
class Asker:
    net: Network
    ip: str
    service: Service
    name: str
    own_name: str

    def ask(
        self, version: int, suites: Sequence[int], *, compression: bool = False
    ) -> hello.ServerHello | None:
        """None when the server says no."""
        return self._exchange(hello.client_hello(version, suites, self.name, compression=compression))

    def after(self, version: int, found: Survey) -> None:
        """Finishes one handshake, for what is only seen after it. A server that hangs up allows nothing."""
        with opened(self.net, self.ip, self.service) as session:
            if not self.service.wrapped:
                session.greet()
                session.capabilities(self.own_name)
                session.ask_for_tls()
            try:
                shaken = After(session.talk, version, self.name)
            except Unreachable:
                return
            if version == hello.TLS12:
                found.renegotiations = shaken.renegotiations()
            else:
                prompt = f"EHLO {self.own_name}\r\n" if self.service.protocol == "smtp" else ""
                found.early = shaken.early_data(prompt.encode())

    def ask_ssl2(self) -> hello.ServerHello | None:
        return self._exchange(hello.ssl2_hello())

    def _exchange(self, words: bytes) -> hello.ServerHello | None:
        with opened(self.net, self.ip, self.service) as session:
            if not self.service.wrapped:
                session.greet()
                session.capabilities(self.own_name)
                session.ask_for_tls()
            reader = hello.Reader()
            session.talk.patience = HANDSHAKE
            try:
                session.talk.raw(words)
                while not reader.feed(session.talk.some()):
                    pass
            except hello.HelloFault as fault:
                raise Unreachable("garbled", str(fault)) from None
            except Unreachable as fault:
                if fault.reason != "closed":
                    raise
                return None  # a server that hangs up in the middle of the handshake has said no
            return reader.hello


def survey(asker: Asker) -> Survey:
    found = Survey()
    for kind, suites in (("ecdsa", hello.ECDSA), ("rsa", hello.RSA)):
        answer = asker.ask(hello.TLS12, suites)
        if answer is not None and answer.version == hello.TLS12:
            found.hellos[kind] = answer
    if found.hellos:
        found.versions.append(hello.TLS12)
    _versions(asker, found)
    _suites(asker, found)
    for version in (hello.TLS12, hello.TLS13):
        if version in found.versions:
            asker.after(version, found)
    return found


def certificates(asker: Asker) -> list[tuple[bytes, ...]]:
    """The chains as sent, for a server that speaks TLS 1.2 (before it they are hidden only in 1.3)."""
    found = Survey()
    for kind, suites in (("ecdsa", hello.ECDSA), ("rsa", hello.RSA)):
        answer = asker.ask(hello.TLS12, suites)
        if answer is not None:
            found.hellos[kind] = answer
    return found.chains


def _versions(asker: Asker, found: Survey) -> None:
    newest = asker.ask(hello.TLS13, (*hello.TLS13_SUITES, *hello.AEAD))
    if newest is not None and newest.version == hello.TLS13:
        found.versions.insert(0, hello.TLS13)
    everything = (*hello.CBC, *hello.STATIC_RSA, *(s for kind in hello.BROKEN.values() for s in kind))
    for version in OLD:
        answer = asker.ask(version, everything)
        if answer is None:
            continue
        if answer.version == version:
            found.versions.append(version)
            found.hellos[hello.NAMES[version]] = answer
    answer = asker.ask_ssl2()
    if answer is not None and answer.version == 2:
        found.versions.append(2)


def _suites(asker: Asker, found: Survey) -> None:
    if hello.TLS12 not in found.versions:
        return
    left = dict(hello.BROKEN)
    while left:
        answer = asker.ask(hello.TLS12, [suite for suites in left.values() for suite in suites])
        kind = next((k for k, suites in left.items() if answer and answer.suite in suites), "")
        if not kind:
            break
        found.broken.append(kind)
        del left[kind]
    found.static = asker.ask(hello.TLS12, hello.STATIC_RSA) is not None
    found.cbc = asker.ask(hello.TLS12, hello.CBC) is not None
    finite = asker.ask(hello.TLS12, hello.DHE)
    if finite is not None:
        found.hellos["dhe"] = finite
    squeezed = asker.ask(hello.TLS12, (*hello.AEAD, *hello.CBC, *hello.STATIC_RSA), compression=True)
    if squeezed is not None:
        found.hellos["compression"] = squeezed
