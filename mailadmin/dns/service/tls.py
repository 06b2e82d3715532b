"""How safely a service speaks TLS: versions, suites, key exchange. Checks V5, V9, V10. NCSC-NL 2025-05."""

from collections.abc import Iterator

from mailadmin.dns.finding import Finding, fail, info, ok, unknown, warn
from mailadmin.dns.network import Network, Unreachable
from mailadmin.dns.subject import Subject

from . import hello
from .after import MOST
from .certificate import judge_key, read
from .places import own_name, places
from .sessions import Service
from .survey import Asker, Survey, survey

BITS = (2048, 3072, 4096, 6144, 8192)


def check_tls(subject: Subject, net: Network) -> Iterator[Finding]:
    """Every service that answers, on the first address that does; the certificate of each kind once."""
    seen: set[bytes] = set()
    for service, ip in places(subject, net):
        asker = Asker(net, ip, service, subject.server.host, own_name(subject))
        on = f"{service.port}"
        try:
            found = survey(asker)
        except Unreachable as fault:
            yield unknown("tls.unmeasured", on=on, port=on, reason=fault.reason)
            continue
        if not found.versions:
            yield unknown("tls.unmeasured", on=on, port=on, reason="tls")
            continue
        yield from _versions(found, service, on)
        yield from _suites(found, service, on)
        yield from _exchange(found, service, on)
        for chain in found.chains:
            cert = read(chain[0])
            if cert is not None and cert.der not in seen:
                seen.add(cert.der)
                yield from judge_key(cert, f"{subject.server.host} {cert.kind}")


def _bad(service: Service):  # type: ignore[no-untyped-def]
    """On 25 anything is better than clear text (RFC 7435); a client must not be talked down."""
    return warn if service.public else fail


def _versions(found: Survey, service: Service, on: str) -> Iterator[Finding]:
    names = [hello.NAMES[version] for version in found.versions]
    ancient = [hello.NAMES[v] for v in found.versions if v in (2, hello.SSL3)]
    old = [hello.NAMES[v] for v in found.versions if v in (hello.TLS10, hello.TLS11)]
    if ancient:
        yield fail("tls.version-broken", on=on, port=on, versions=ancient)
    elif old:
        yield _bad(service)("tls.version-old", on=on, port=on, versions=old)
    else:
        yield ok("tls.version", on=on, port=on, versions=names)


def _suites(found: Survey, service: Service, on: str) -> Iterator[Finding]:
    broken = found.broken + (["static RSA"] if found.static else [])
    if broken:
        yield _bad(service)("tls.suite-broken", on=on, port=on, suites=broken)
    elif found.cbc:
        yield info("tls.suite-cbc", on=on, port=on)
    else:
        yield ok("tls.suite", on=on, port=on)


def _exchange(found: Survey, service: Service, on: str) -> Iterator[Finding]:
    """V10: the opening words up to TLS 1.2, and what is allowed after one finished handshake."""
    answers = [a for a in found.hellos.values() if a.version == hello.TLS12]
    faults = list(_faults(found, answers, on))
    yield from faults
    if not faults:
        yield ok("tls.exchange", on=on, port=on)


def _faults(found: Survey, answers: list[hello.ServerHello], on: str) -> Iterator[Finding]:
    if any(not answer.renegotiates_safely for answer in answers):
        yield fail("tls.renegotiation", on=on, port=on)
    if any(answer.compression for answer in answers):
        yield fail("tls.compression", on=on, port=on)
    if any(answer.hash == hello.SHA1 for answer in answers):
        yield warn("tls.exchange-sha1", on=on, port=on)
    if any(not answer.has_master_secret for answer in answers):
        yield warn("tls.master-secret", on=on, port=on)
    if found.renegotiations > MOST:
        yield warn("tls.renegotiation-client", on=on, port=on, count=MOST)
    if found.early:
        yield warn("tls.early-data", on=on, port=on, octets=found.early)
    prime = found.hellos["dhe"].prime if "dhe" in found.hellos else 0
    if prime and prime not in map(hello.ffdhe, BITS):
        yield warn("tls.group", on=on, port=on, bits=prime.bit_length())
