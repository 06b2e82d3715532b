"""TLS reports. RFC 8460, 3; checks T12 to T14: a foreign address needs no agreement here, unlike DMARC."""

import re
from collections.abc import Iterator

from . import tags
from .finding import Finding, Words, _, fail, info, not_applicable, ok, unknown, warn
from .names import is_below
from .network import Network
from .subject import Subject

_HEAD = re.compile(r"v[ \t]*=[ \t]*TLSRPTv1[ \t]*;")
_URI = re.compile(r"(mailto:[^@\s,]+@[A-Za-z0-9._-]+|https://[A-Za-z0-9._-]+(:[0-9]+)?(/[^\s,]*)?)\Z")


def check_tls_rpt(subject: Subject, net: Network) -> Iterator[Finding]:
    if subject.parked:
        return
    name = f"_smtp._tls.{subject.name}"
    texts = net.texts(name)
    records = [text for text in texts if _HEAD.match(text)]
    wanted = f'{name}. IN TXT "{wanted_text(subject)}"'
    if not records and any("tlsrpt" in text.lower() for text in texts):
        yield fail("tlsrpt.not-recognised", found=texts, record=wanted)
    elif not records:
        # T12: whoever asks for TLS wants to know where it fails.
        used = any(text.startswith("v=STSv1") for text in net.texts(f"_mta-sts.{subject.name}"))
        used = used or bool(net.ask(f"_25._tcp.{subject.server.host}", "TLSA").rdatas)
        yield (warn("tlsrpt.needed", record=wanted) if used else info("tlsrpt.none", record=wanted))
    elif len(records) > 1:
        yield fail("tlsrpt.several", name=name)
    else:
        bad = bad_uris(records[0])
        yield fail("tlsrpt.bad-uri", uris=bad) if bad else ok("tlsrpt.present", found=records[0])
        if not bad:
            yield from _elsewhere(subject, records[0])
    yield from _host(subject, net)


def _elsewhere(subject: Subject, record: str) -> Iterator[Finding]:
    """T14: RFC 8460 knows no agreement of the other side; DMARC's rule is not applied."""
    if any(f"@{subject.name}" not in uri for uri in tags.parse(record).get("rua", "").split(",")):
        yield ok("tlsrpt.elsewhere")


def _host(subject: Subject, net: Network) -> Iterator[Finding]:
    """T13: reports about DANE are asked for by the domain of the MX host."""
    host = subject.server.host
    if not host or host == subject.name or is_below(host, subject.name):
        yield not_applicable("tlsrpt.host-same")
        return
    zone = net.zone_of(host)
    name = f"_smtp._tls.{zone}"
    answer = net.ask(name, "TXT")
    if not answer.measured:
        yield unknown("tlsrpt.host-unmeasured", name=name)
    elif any(_HEAD.match(text) for text in answer.texts):
        yield ok("tlsrpt.host", name=name)
    else:
        yield info("tlsrpt.host-none", name=name)


def wanted_text(subject: Subject) -> str:
    return f"v=TLSRPTv1; rua=mailto:{subject.server.reports or 'postmaster@' + subject.name}"


def bad_uris(record: str) -> list[str]:
    try:
        uris = tags.parse(record).get("rua", "").split(",")
    except tags.TagFault as fault:
        return [fault.part]
    return [uri.strip() or "—" for uri in uris if not _URI.match(uri.strip())]


_NONE = _("You do not learn when other servers cannot deliver to you securely.")
WORDS = {
    "tlsrpt.none": Words(
        "T12", _("There is no address for TLS reports."), _NONE, _("Publish this TXT record."), "RFC 8460, 3"
    ),
    "tlsrpt.needed": Words(
        "T12",
        _("The domain asks for TLS, but nobody would hear of failures (no TLS reports)."),
        _NONE,
        _("Publish this TXT record."),
        "RFC 8460, 3",
    ),
    "tlsrpt.present": Words("T12", _("TLS reports are asked for: %(found)s"), rfc="RFC 8460, 3"),
    "tlsrpt.elsewhere": Words(
        "T14", _("The reports go to another domain; that needs no agreement there."), rfc="RFC 8460, 3"
    ),
    "tlsrpt.host-same": Words("T13", _("The mail host belongs to this domain: one address serves both.")),
    "tlsrpt.host": Words("T13", _("Reports about DANE are asked for at %(name)s."), rfc="RFC 8460, 3"),
    "tlsrpt.host-none": Words(
        "T13", _("There is no address for TLS reports at %(name)s, the domain of the mail host."), _NONE
    ),
    "tlsrpt.host-unmeasured": Words("T13", _("%(name)s could not be measured.")),
    "tlsrpt.several": Words(
        "T12", _("There is more than one record at %(name)s."), _NONE, _("Keep one."), "RFC 8460, 3"
    ),
    "tlsrpt.not-recognised": Words(
        "T12",
        _("This text is not read as a TLS report address: %(found)s."),
        _NONE,
        _("It must begin with v=TLSRPTv1;"),
        "RFC 8460, 3",
    ),
    "tlsrpt.bad-uri": Words(
        "T12",
        _("Not a usable address for TLS reports: %(uris)s."),
        _NONE,
        _("Use mailto: or https:."),
        "RFC 8460, 3",
    ),
}
