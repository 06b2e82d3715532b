"""DANE for SMTP: the TLSA records of every MX. RFC 6698, 7671, 7672; checks X6 to X8 and X13."""

from collections.abc import Iterator
from typing import Any

from .finding import Finding, Words, _, critical, fail, info, ok, unknown, warn
from .mx import exchanges
from .network import Network, State
from .subject import Subject

LENGTHS = {1: 32, 2: 64}
MOST_RECORDS = 20


def check_dane(subject: Subject, net: Network) -> Iterator[Finding]:
    if subject.parked:
        return
    if not net.validates():
        yield unknown("dane.resolver")  # rule E4
        return
    for host in sorted({mx.host for mx in exchanges(subject.name, net)[0] if mx.host})[:10]:
        yield from _host(subject, host, net)


def _host(subject: Subject, host: str, net: Network) -> Iterator[Finding]:
    name, mx = f"_25._tcp.{host}", net.ask(subject.name, "MX")
    answer = net.ask(name, "TLSA")
    if answer.state is State.BOGUS or (answer.reason == "SERVFAIL" and net.ask(host, "A").secure):
        yield critical("dane.bogus", on=host, name=name)  # RFC 7672, 2.1.1: senders must wait
    elif not answer.measured or (answer.rdatas and not (answer.heard and mx.heard)):
        yield unknown("dane.unmeasured", on=host, name=name)
    elif not answer.rdatas:
        yield info("dane.none", on=host, host=host)
    elif not (answer.secure and mx.secure):
        yield warn("dane.insecure", on=host, name=name)
    else:
        yield ok("dane.present", on=host, name=name)
        yield from _records(host, answer.rdatas, answer.ttl)


def _records(host: str, rdatas: tuple[Any, ...], ttl: int) -> Iterator[Finding]:
    for rdata in rdatas[:MOST_RECORDS]:
        on = f"{host} {rdata.usage} {rdata.selector} {rdata.mtype}"
        if rdata.usage in (0, 1):
            yield warn("dane.usage", on=on, record=rdata.to_text())  # RFC 7672, 3.1.3: unusable
        elif (
            rdata.usage > 3
            or rdata.selector > 1
            or rdata.mtype > 2
            or len(rdata.cert) != LENGTHS.get(rdata.mtype, len(rdata.cert))
        ):
            yield fail("dane.malformed", on=on, record=rdata.to_text())
        else:
            unusual = rdata.mtype == 0 or (rdata.usage, rdata.selector) == (3, 0)
            yield info("dane.unusual", on=on) if unusual else ok("dane.record", on=on)
    yield from _scheme(host, rdatas)
    yield info("dane.ttl-long", on=host, ttl=ttl) if ttl > 86400 else ok("dane.ttl", on=host, ttl=ttl)


def _scheme(host: str, rdatas: tuple[Any, ...]) -> Iterator[Finding]:
    """X11 as far as the DNS shows it; service/tlsa.py knows when the certificate ends."""
    usable = [r for r in rdatas[:MOST_RECORDS] if r.usage in (2, 3) and r.selector < 2 and r.mtype < 3]
    if len(usable) == 1:
        yield info("dane.one", on=host)
    elif usable:
        yield ok("dane.several", on=host)


WORDS = {
    "dane.none": Words("X6", _("There is no TLSA record for %(host)s. That is fine."), rfc="RFC 7672"),
    "dane.present": Words("X6", _("There is a signed TLSA record at %(name)s."), rfc="RFC 7672"),
    "dane.insecure": Words(
        "X6",
        _("The TLSA record at %(name)s has no effect: the zone is not signed."),
        "",
        _("Sign the zone with DNSSEC."),
        "RFC 7672, 2.2",
    ),
    "dane.resolver": Words("X6", _("Our resolver does not check signatures, so DANE cannot be judged.")),
    "dane.unmeasured": Words("X7", _("%(name)s could not be measured.")),
    "dane.bogus": Words(
        "X7",
        _("The question for %(name)s fails although the zone is signed."),
        _("Senders with DANE must wait: mail stays with them and is returned after days."),
        _("Ask the DNS provider to answer this question properly."),
        "RFC 7672, 2.1.1",
    ),
    "dane.record": Words("X8", _("The record is well formed.")),
    "dane.unusual": Words(
        "X8", _("The record is allowed but unusual."), "", _("Use the form 3 1 1."), "RFC 7672, 3.1"
    ),
    "dane.usage": Words(
        "X8",
        _("Senders ignore %(record)s: usage 0 and 1 do not count for mail."),
        "",
        _("Use the form 3 1 1."),
        "RFC 7672, 3.1.3",
    ),
    "dane.malformed": Words(
        "X8",
        _("Malformed: %(record)s."),
        _("Senders cannot use it."),
        _("Use the form 3 1 1 with 64 hexadecimal digits."),
        "RFC 6698, 2.1",
    ),
    "dane.one": Words(
        "X11",
        _("There is only one usable TLSA record."),
        _("At the next key change there is a gap."),
        _("Publish the record of the next key beforehand."),
        "RFC 7671, 8.1",
    ),
    "dane.several": Words("X11", _("There is a second TLSA record for the next key change.")),
    "dane.ttl": Words("X13", _("The TLSA record may be remembered for %(ttl)s seconds.")),
    "dane.ttl-long": Words(
        "X13",
        _("The TLSA record is remembered for %(ttl)s seconds."),
        "",
        _("Set the TTL to 3600."),
        "RFC 7671, 8.1",
    ),
}
