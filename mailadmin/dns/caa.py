"""Who may issue certificates. RFC 8659, 8657; check K1."""

from collections.abc import Iterator
from typing import Any

from .finding import Finding, Words, _, critical, info, ok, warn
from .names import parents
from .network import Network
from .subject import Subject

KNOWN = ("issue", "issuewild", "iodef", "issuevmc", "issuemail", "contactemail", "contactphone")


def check_caa(subject: Subject, net: Network) -> Iterator[Finding]:
    host = subject.server.host
    for name in parents(host):
        rdatas = net.lookup(name, "CAA").rdatas
        if rdatas:
            yield from _judge(subject, name, rdatas)
            return
    yield info("caa.none", record=f'{host}. IN CAA 0 issue "{subject.server.authority}"')


def _judge(subject: Subject, name: str, rdatas: tuple[Any, ...]) -> Iterator[Finding]:
    found = [(int(r.flags), r.tag.decode().lower(), r.value.decode("utf-8", "replace")) for r in rdatas]
    odd = [tag for flags, tag, _value in found if flags & 128 and tag not in KNOWN]
    if odd:
        yield critical("caa.unknown-critical", name=name, tags=odd)  # RFC 8659, 4.1: nobody may issue
        return
    allowed = [value for _flags, tag, value in found if tag == "issue"]
    if not allowed:
        yield warn("caa.no-issue", name=name)
    elif any(permits(value, subject) for value in allowed):
        yield ok("caa.allowed", name=name, authority=subject.server.authority)
    else:
        record = f'{name}. IN CAA 0 issue "{subject.server.authority}"'
        yield critical("caa.refused", name=name, authority=subject.server.authority, record=record)
    special = sorted({tag for _flags, tag, _value in found} & {"issuevmc", "issuemail"})
    if special:
        yield info("caa.special", name=name, tags=special)
    if not any(tag == "iodef" for _flags, tag, _value in found):
        yield info("caa.no-contact", name=name)


def value_of(record: str) -> str:
    """The value in `0 issue "value"`."""
    return record.split(" ", 2)[-1].strip('"')


def permits(value: str, subject: Subject) -> bool:
    issuer, *rest = [part.strip() for part in value.split(";")]
    options = {tag.strip(): told.strip() for tag, _is, told in (part.partition("=") for part in rest)}
    methods = options.get("validationmethods", subject.server.validation).split(",")
    account = options.get("accounturi", subject.server.account)
    return (
        issuer.lower() == subject.server.authority
        and subject.server.validation in methods
        and (not subject.server.account or account == subject.server.account)
    )


_RENEWAL = _("The certificate cannot be renewed; after its end mail programs refuse to connect.")
WORDS = {
    "caa.none": Words(
        "K1",
        _("There is no CAA record: every authority may issue certificates."),
        "",
        _("Publish this record."),
        "RFC 8659",
    ),
    "caa.allowed": Words("K1", _("%(name)s allows our authority (%(authority)s)."), rfc="RFC 8659"),
    "caa.no-issue": Words(
        "K1", _("The CAA records of %(name)s name no authority."), "", _("Add an issue record."), "RFC 8659"
    ),
    "caa.refused": Words(
        "K1",
        _("%(name)s does not allow our authority (%(authority)s)."),
        _RENEWAL,
        _("Add this record."),
        "RFC 8659",
    ),
    "caa.unknown-critical": Words(
        "K1", _("A critical CAA tag is unknown: %(tags)s."), _RENEWAL, _("Remove it."), "RFC 8659, 4.1"
    ),
    "caa.special": Words("K2", _("%(name)s also limits certificates for %(tags)s."), rfc="RFC 9495"),
    "caa.no-contact": Words("K1", _("%(name)s names no contact (iodef) for attempts of others.")),
}
