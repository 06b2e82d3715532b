"""DNSSEC of the domain and of its mail host. RFC 4033 to 4035, 9364; checks X1 to X5."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dns.dnssec
import dns.name
from dns.exception import DNSException

from .finding import Finding, Words, _, critical, info, not_applicable, ok, unknown, warn
from .mx import exchanges
from .network import Network, State
from .subject import Subject

GOOD = (8, 13, 14, 15, 16)  # RFC 8624, 3.1
OLD = (1, 3, 5, 6, 7)


def check_dnssec(subject: Subject, net: Network) -> Iterator[Finding]:
    if not net.validates():
        yield unknown("dnssec.resolver")  # rule E4
        return
    yield from _zone("dnssec", subject.name, net)
    hosts = sorted({mx.host for mx in exchanges(subject.name, net)[0] if mx.host}) or [subject.server.host]
    for host in hosts[:10]:
        answer = net.ask(host, "A")
        if answer.state is State.BOGUS:
            yield critical("dnssec.host-bogus", on=host, host=host)
        elif not answer.measured:
            yield unknown("dnssec.unmeasured", on=host, name=host)
        else:
            yield (
                ok("dnssec.host-secure", on=host, host=host)
                if answer.secure
                else info("dnssec.host-insecure", on=host, host=host)
            )


def _zone(code: str, name: str, net: Network) -> Iterator[Finding]:
    answer = net.ask(name, "SOA")
    if answer.state is State.BOGUS:
        yield critical("dnssec.bogus", name=name)
    elif not answer.measured:
        yield unknown("dnssec.unmeasured", on=name, name=name)
        return
    elif not answer.secure:
        yield info("dnssec.insecure", name=name)
    else:
        yield ok("dnssec.secure", name=name)
    zone = net.zone_of(name)
    signers = net.ask(zone, "DS")
    if answer.state is State.BOGUS or answer.secure:
        yield from _chain(zone, signers.rdatas, net)
        yield from _signatures(zone, net)
    else:
        yield not_applicable("dnssec.no-chain")


def _chain(zone: str, signers: tuple, net: Network) -> Iterator[Finding]:  # type: ignore[type-arg]
    servers = net.delegation(zone).servers
    keys = net.ask_at(servers[0], zone, "DNSKEY").rdatas if servers else ()
    origin = dns.name.from_text(zone)
    matched = [ds for ds in signers if any(_fits(ds, key, origin) for key in keys)]
    if signers and keys and not matched:
        yield critical("dnssec.ds-orphans", zone=zone)
    elif len(matched) < len(signers) and keys:
        yield warn("dnssec.ds-orphan", tags=[ds.key_tag for ds in signers if ds not in matched])
    elif matched:
        yield ok("dnssec.ds")
    old = [int(ds.algorithm) for ds in signers if ds.algorithm in OLD or ds.digest_type == 1]
    yield warn("dnssec.old-algorithm", algorithms=old) if old else ok("dnssec.algorithm")


def _fits(ds: Any, key: Any, origin: dns.name.Name) -> bool:
    if dns.dnssec.key_id(key) != ds.key_tag:
        return False
    try:
        return bool(dns.dnssec.make_ds(origin, key, ds.digest_type, validating=True) == ds)
    except DNSException:  # an algorithm nobody supports protects nobody
        return False


def _signatures(zone: str, net: Network) -> Iterator[Finding]:
    servers = net.delegation(zone).servers
    found = net.ask_at(servers[0], zone, "SOA").signatures if servers else ()
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
