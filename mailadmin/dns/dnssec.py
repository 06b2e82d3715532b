"""DNSSEC of the domain and of its mail host. RFC 4033 to 4035, 9364; checks X1 to X5."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dns.dnssec
import dns.name
from dns.exception import DNSException

from .finding import Finding, Status, Words, _, critical, info, not_applicable, ok, unknown, warn
from .mx import exchanges
from .network import Answer, Network, Server, State
from .subject import Subject

GOOD = (8, 13, 14, 15, 16)  # RFC 8624, 3.1
OLD = (1, 3, 5, 6, 7)
RSA = (1, 5, 7, 8, 10)
SUPPORTED = (*GOOD, 5, 7, 10)  # and digests 1, 2, 4: with others a zone counts as not signed (RFC 4035, 5.2)
SHORT = 2048  # bits
KINDS = ("SOA", "MX", "TXT")  # what mail asks a domain for


def check_dnssec(subject: Subject, net: Network) -> Iterator[Finding]:
    if not net.validates():
        yield unknown("dnssec.resolver")  # rule E4
        return
    yield from _zone(subject.name, net)
    hosts = sorted({mx.host for mx in exchanges(subject.name, net)[0] if mx.host}) or [subject.server.host]
    for host in hosts[:10]:
        answer = net.ask(host, "A")
        if answer.state is State.BOGUS:
            yield critical("dnssec.host-bogus", on=host, host=host)
        elif not answer.heard:
            yield unknown("dnssec.unmeasured", on=host, name=host)
        else:
            yield (
                ok("dnssec.host-secure", on=host, host=host)
                if answer.secure
                else info("dnssec.host-insecure", on=host, host=host)
            )


def _zone(name: str, net: Network) -> Iterator[Finding]:
    state = _judged(name, [net.ask(name, kind) for kind in KINDS])
    yield state
    if state.status is Status.UNKNOWN:
        return
    zone = net.zone_of(name)
    signers = net.ask(zone, "DS").rdatas
    if state.status is not Status.INFO:
        yield _algorithms(signers)
        yield from _signed(zone, signers, net)
    elif signers and not any(_is_supported(ds) for ds in signers):
        numbers = [int(getattr(ds, "algorithm", 0)) for ds in signers]
        yield warn("dnssec.unsupported", zone=zone, algorithms=numbers)
    else:
        yield not_applicable("dnssec.no-chain")


def _judged(name: str, answers: list[Answer]) -> Finding:
    """X1: one forged record set is enough; what does not exist need not be signed."""
    if any(answer.state is State.BOGUS for answer in answers):
        return critical("dnssec.bogus", name=name)
    if not all(answer.heard for answer in answers):
        return unknown("dnssec.unmeasured", on=name, name=name)
    found = [answer for answer in answers if answer.rdatas] or answers[:1]
    secure = all(answer.secure for answer in found)
    return ok("dnssec.secure", name=name) if secure else info("dnssec.insecure", name=name)


def _algorithms(signers: tuple[Any, ...]) -> Finding:
    old = [int(ds.algorithm) for ds in signers if ds.algorithm in OLD or ds.digest_type == 1]
    return warn("dnssec.old-algorithm", algorithms=old) if old else ok("dnssec.algorithm")


def _is_supported(ds: Any) -> bool:
    return ds.algorithm in SUPPORTED and ds.digest_type in (1, 2, 4)


def _signed(zone: str, signers: tuple[Any, ...], net: Network) -> Iterator[Finding]:
    """Keys and signatures as the first name server shows them that answers at all."""
    servers = net.delegation(zone).servers
    server = next((one for one in servers if net.ask_at(one, zone, "SOA").measured), None)
    if server is None:
        yield unknown("dnssec.unmeasured", on=f"{zone} RRSIG", name=zone)
        return
    keys = net.ask_at(server, zone, "DNSKEY")
    yield from _chain(zone, signers, keys.rdatas)
    yield from _signatures(zone, server, keys, net)


def _chain(zone: str, signers: tuple[Any, ...], keys: tuple[Any, ...]) -> Iterator[Finding]:
    origin = dns.name.from_text(zone)
    matched = [ds for ds in signers if any(_fits(ds, key, origin) for key in keys)]
    if signers and keys and not matched:
        yield critical("dnssec.ds-orphans", zone=zone)
    elif len(matched) < len(signers) and keys:
        yield warn("dnssec.ds-orphan", tags=[ds.key_tag for ds in signers if ds not in matched])
    elif matched:
        yield ok("dnssec.ds")
    short = sorted({bits for key in keys if 0 < (bits := key_bits(key)) < SHORT})
    if short:
        yield warn("dnssec.short-key", zone=zone, bits=short)


def key_bits(key: Any) -> int:
    """Of an RSA key: exponent, then modulus (RFC 3110, 2). 0 for other kinds."""
    data = bytes(key.key)
    if key.algorithm not in RSA or len(data) < 3:
        return 0
    begin = 1 + data[0] if data[0] else 3 + int.from_bytes(data[1:3], "big")
    return 8 * len(data[begin:])


def _fits(ds: Any, key: Any, origin: dns.name.Name) -> bool:
    if dns.dnssec.key_id(key) != ds.key_tag:
        return False
    try:
        return bool(dns.dnssec.make_ds(origin, key, ds.digest_type, validating=True) == ds)
    except DNSException:  # an algorithm nobody supports protects nobody
        return False


def _signatures(zone: str, server: Server, keys: Answer, net: Network) -> Iterator[Finding]:
    found = [*keys.signatures, *net.ask_at(server, zone, "SOA").signatures]
    if not found:
        return
    ends = min(datetime.fromtimestamp(sig.expiration, UTC) for sig in found)  # type: ignore[attr-defined]
    hours = int((ends - net.now()).total_seconds() // 3600)
    if hours <= 24:
        yield critical("dnssec.signature-ends", zone=zone, hours=hours)
    elif hours <= 72:
        yield warn("dnssec.signature-short", zone=zone, hours=hours)
    else:
        yield ok("dnssec.signature", zone=zone, hours=hours)


_BOGUS_WHY = _("A third of all receivers check signatures: for them the domain does not exist.")
WORDS = {
    "dnssec.resolver": Words(
        "X1",
        _("Our resolver does not check signatures, so DNSSEC and DANE cannot be judged."),
        "",
        _("Use the resolver that comes with Postie."),
        "RFC 4035, 4.9.3",
    ),
    "dnssec.unmeasured": Words("X1", _("The signatures of %(name)s could not be measured.")),
    "dnssec.secure": Words("X1", _("%(name)s is signed and valid."), rfc="RFC 4035, 5"),
    "dnssec.insecure": Words(
        "X1",
        _("%(name)s is not signed."),
        _("Answers can be forged on the way, and DANE is not possible."),
        _("Switch DNSSEC on at the DNS provider and enter the DS record at the registrar."),
        "RFC 4033",
    ),
    "dnssec.bogus": Words(
        "X1",
        _("The signatures of %(name)s are wrong."),
        _BOGUS_WHY,
        _("Remove the DS record at the registrar, or sign the zone again."),
        "RFC 4035, 5",
    ),
    "dnssec.host-secure": Words("X2", _("The mail host %(host)s is signed and valid.")),
    "dnssec.host-insecure": Words("X2", _("The mail host %(host)s is not signed; DANE is not possible.")),
    "dnssec.host-bogus": Words(
        "X2",
        _("The signatures of the mail host %(host)s are wrong."),
        _BOGUS_WHY,
        _("Remove the DS record at the registrar, or sign the zone again."),
        "RFC 4035, 5",
    ),
    "dnssec.no-chain": Words("X5", _("Not signed: there is no chain to check.")),
    "dnssec.algorithm": Words("X3", _("The signatures use a good algorithm.")),
    "dnssec.old-algorithm": Words(
        "X3",
        _("Old algorithms are in use: %(algorithms)s."),
        _("Resolvers begin to ignore them."),
        _("Move to algorithm 13 with a SHA-256 DS record."),
        "RFC 8624, 3",
    ),
    "dnssec.signature": Words("X4", _("The signatures of %(zone)s are valid for %(hours)s more hours.")),
    "dnssec.signature-short": Words(
        "X4",
        _("The signatures of %(zone)s end in %(hours)s hours."),
        _BOGUS_WHY,
        _("Check that the zone is signed again automatically."),
        "RFC 6781, 4.4.2",
    ),
    "dnssec.signature-ends": Words(
        "X4",
        _("The signatures of %(zone)s end in %(hours)s hours or have ended."),
        _BOGUS_WHY,
        _("Sign the zone again now."),
        "RFC 6781, 4.4.2",
    ),
    "dnssec.short-key": Words(
        "X3",
        _("Keys of %(zone)s are short: RSA with %(bits)s bits."),
        _("With much computing power they can be guessed, and then answers forged."),
        _("Use algorithm 13, or RSA with 2048 bits."),
        "RFC 8624, 3.1",
    ),
    "dnssec.unsupported": Words(
        "X3",
        _("%(zone)s is signed with an algorithm nobody checks (%(algorithms)s): it counts as not signed."),
        _("Answers can be forged on the way, and DANE is not possible."),
        _("Use algorithm 13."),
        "RFC 4035, 5.2",
    ),
    "dnssec.ds": Words("X5", _("The registrar’s DS record belongs to the key of the zone.")),
    "dnssec.ds-orphan": Words(
        "X5",
        _("DS records without a key: %(tags)s."),
        "",
        _("Remove them at the registrar when the key change is over."),
        "RFC 6781, 4.1",
    ),
    "dnssec.ds-orphans": Words(
        "X5",
        _("No DS record at the registrar belongs to a key of %(zone)s."),
        _BOGUS_WHY,
        _("Enter the right DS record, or remove it."),
        "RFC 4035, 5",
    ),
}
