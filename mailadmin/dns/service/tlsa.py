"""Do the TLSA records fit what the server shows? RFC 6698, 7671, 7672; checks X9 to X12."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mailadmin.dns.finding import Finding, critical, fail, info, not_applicable, ok, unknown, warn
from mailadmin.dns.mx import exchanges
from mailadmin.dns.network import LookupFailed, Network, Unreachable
from mailadmin.dns.subject import Subject

from .certificate import read
from .places import own_name
from .presented import present
from .sessions import BY_PORT
from .survey import Asker, certificates

NEAR = 14  # days
RENEWED = 30  # days before its end ACME clients renew a certificate
MOST_HOSTS, MOST_RECORDS = 10, 20
Chain = Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Record:
    usage: int
    selector: int
    matching: int
    data: bytes

    @property
    def text(self) -> str:
        return f"{self.usage} {self.selector} {self.matching} {self.data.hex()[:16]}…"

    def fits(self, chain: Chain) -> bool:
        """Usage 3: the server's own; usage 2: any of the chain that was sent (RFC 7671, 5.1 and 5.2)."""
        candidates = chain[:1] if self.usage == 3 else chain
        return any(digest(der, self.selector, self.matching) == self.data for der in candidates)


def digest(der: bytes, selector: int, matching: int) -> bytes:
    cert = read(der)
    if cert is None:
        return b""
    data = cert.spki if selector == 1 else der
    if matching == 0:
        return data
    return (hashlib.sha256 if matching == 1 else hashlib.sha512)(data).digest()


def record_for(der: bytes) -> str:
    """3 1 1: the form RFC 7672, 3.1.1 recommends."""
    return f"3 1 1 {digest(der, 1, 1).hex()}"


def check_tlsa(subject: Subject, net: Network) -> Iterator[Finding]:
    if subject.parked:
        return
    if not net.validates():  # rule E4
        yield unknown("tlsa.unmeasured", on=subject.name, host=subject.name, reason="DNSSEC")
        return
    mx = net.ask(subject.name, "MX")
    for host in sorted({mx.host for mx in exchanges(subject.name, net)[0] if mx.host})[:MOST_HOSTS]:
        answer = net.ask(f"_25._tcp.{host}", "TLSA")
        if not (answer.heard and mx.heard):
            yield unknown("tlsa.unmeasured", on=host, host=host, reason=answer.reason or "DNSSEC")
            continue
        if not (answer.rdatas and answer.secure and mx.secure):
            continue
        try:
            chains = _chains(subject, host, net)
        except (Unreachable, LookupFailed) as fault:
            yield unknown("tlsa.unmeasured", on=host, host=host, reason=str(fault))
            continue
        if not chains:
            yield unknown("tlsa.unmeasured", on=host, host=host, reason="tls")
            continue
        records = usable(answer.rdatas)
        yield from compare(host, records, chains)
        days = _days(chains, net)
        yield _rollover(host, records, days)
        yield _next(Coming(subject, host, records, answer.ttl, days), net)


def served(subject: Subject, net: Network) -> tuple[bytes, ...]:
    """SubjectPublicKeyInfo of every certificate port 25 of the mail host shows; nothing when it cannot."""
    try:
        chains = _chains(subject, subject.server.host, net)
    except (Unreachable, LookupFailed):
        return ()
    certs = [read(chain[0]) for chain in chains]
    return tuple(dict.fromkeys(cert.spki for cert in certs if cert is not None))


def usable(rdatas: Sequence[Any]) -> list[Record]:
    found = [
        Record(int(r.usage), int(r.selector), int(r.mtype), bytes(r.cert)) for r in rdatas[:MOST_RECORDS]
    ]
    return [r for r in found if r.usage in (2, 3) and r.selector in (0, 1) and r.matching in (0, 1, 2)]


def _chains(subject: Subject, host: str, net: Network) -> list[tuple[bytes, ...]]:
    ips = net.addresses(host)
    if not ips:
        return []
    own = own_name(subject)
    chains = certificates(Asker(net, str(ips[0]), BY_PORT[25], host, own))
    if chains:
        return chains
    shown = present(net, str(ips[0]), BY_PORT[25], host, own).certificate  # TLS 1.3 only
    return [(shown.der,)] if shown else []


def compare(host: str, records: Sequence[Record], chains: Sequence[Chain]) -> Iterator[Finding]:
    if not records:
        return
    for chain in chains:
        cert = read(chain[0])
        kind = cert.kind if cert else "?"
        on, facts = f"{host} {kind}", {"host": host, "kind": kind}
        if any(record.fits(chain) for record in records):
            yield ok("tlsa.fits", on=on, **facts)
        else:
            yield critical(
                "tlsa.misfit", on=on, record=f"_25._tcp.{host}. IN TLSA {record_for(chain[0])}", **facts
            )
    yield from _authorities(host, records, chains)
    stale = [r.text for r in records if not any(r.fits(chain) for chain in chains)]
    if stale and len(stale) < len(records):
        yield info("tlsa.extra", on=host, host=host, records=stale)


def _authorities(host: str, records: Sequence[Record], chains: Sequence[Chain]) -> Iterator[Finding]:
    """X10: usage 2 counts only when that certificate is sent and the name fits (RFC 7671, 5.2)."""
    for record in records:
        if record.usage != 2:
            continue
        fitting = [chain for chain in chains if record.fits(chain)]
        certs = [cert for chain in fitting if (cert := read(chain[0])) is not None]
        if not fitting:
            yield fail(
                "tlsa.authority-absent", on=f"{host} {record.text}", host=host, record_text=record.text
            )
        elif not any(cert.covers(host) for cert in certs):
            yield fail("tlsa.authority-name", on=f"{host} {record.text}", host=host)
        else:
            yield ok("tlsa.authority", on=f"{host} {record.text}", host=host)


def _days(chains: Sequence[Chain], net: Network) -> int:
    """Until the first of the certificates ends."""
    certs = [cert for chain in chains if (cert := read(chain[0])) is not None]
    return max(min((cert.days(net.now()) for cert in certs), default=RENEWED + 1), 0)


def _rollover(host: str, records: Sequence[Record], days: int) -> Finding:
    """X11: with one record, two weeks before the end of the certificate (RFC 7671, 8.1)."""
    if len(records) == 1 and days <= NEAR:
        return warn("tlsa.one", on=host, host=host, days=days)
    return ok("tlsa.time", on=host, host=host, days=days)


@dataclass(frozen=True, slots=True)
class Coming:
    """What X12 looks at. `days`: until the certificate that is shown ends."""

    subject: Subject
    host: str
    records: Sequence[Record]
    ttl: int
    days: int


def _next(about: Coming, net: Network) -> Finding:
    """X12: the key that comes next stands in the DNS for two TTLs before it is used."""
    key, host = about.subject.server.next_key, about.host
    if not key:
        return not_applicable("tlsa.next-unknown", on=host)
    digests = {0: key, 1: hashlib.sha256(key).digest(), 2: hashlib.sha512(key).digest()}
    there = any(r.selector == 1 and digests[r.matching] == r.data for r in about.records)
    record = f"_25._tcp.{host}. IN TLSA 3 1 1 {digests[1].hex()}"
    if not there:
        harm = critical if about.days <= RENEWED else warn
        return harm("tlsa.next-missing", on=host, host=host, record=record)
    memory = f"tlsa:{host}:{digests[1].hex()[:32]}"
    since = about.subject.memory.get(memory, net.now().isoformat())
    waited = net.now() - datetime.fromisoformat(since)
    seconds = 2 * about.ttl
    code, said = ("tlsa.next-early", info) if waited < timedelta(seconds=seconds) else ("tlsa.next", ok)
    return said(code, on=host, host=host, seconds=seconds, remember={memory: since})
