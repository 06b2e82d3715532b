"""Checks A1 to A9, A11 and A12."""

from collections.abc import Iterator
from datetime import timedelta

from mailadmin.dns.finding import Finding, fail, info, ok, warn
from mailadmin.dns.network import Network
from mailadmin.dns.subject import Subject

from .readiness import check_readiness
from .record import REMOVED, Record, RecordFault, discover, is_dmarc, mailbox, organisation, parse
from .words import WORDS as WORDS

GOAL = "v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s"
PARKED = "v=DMARC1; p=reject; sp=reject; np=reject"
PATIENCE = timedelta(days=30)


def check_dmarc(subject: Subject, net: Network) -> Iterator[Finding]:
    place = f"_dmarc.{subject.name}"
    wanted = f'{place}. IN TXT "{PARKED if subject.parked else first_step(subject)}"'
    texts = net.texts(place)
    own = [text for text in texts if is_dmarc(text)]
    if any(is_dmarc(text) for text in net.texts(subject.name)):
        yield warn("dmarc.at-apex", name=place)
    if len(own) > 1:
        yield fail("dmarc.several", found=own, record=wanted)  # 4.7: as if there were none
        return
    strays = [text for text in texts if not is_dmarc(text)]
    if any("dmarc1" in text.lower() for text in strays) and not own:
        yield fail("dmarc.not-recognised", found=strays[0], record=wanted)
        return
    if strays:
        yield warn("dmarc.stray", found=strays)
    if own:
        yield ok("dmarc.present", found=own[0])
        yield from _record(subject, own[0], net, wanted)
    else:
        yield from _inherited(subject, net, wanted)


def first_step(subject: Subject) -> str:
    """The safe way to the goal begins with watching."""
    reports = f"; rua=mailto:{subject.server.reports}" if subject.server.reports else ""
    return f"v=DMARC1; p=none{reports}"


def _inherited(subject: Subject, net: Network, wanted: str) -> Iterator[Finding]:
    above, records = discover(subject.name, net)
    if not records:
        yield fail("dmarc.missing", record=wanted)
    elif len(records) > 1:
        yield fail("dmarc.several", found=records, record=wanted)
    else:
        try:
            record = parse(records[0])
        except RecordFault as fault:
            yield fail("dmarc.invalid", tag=fault.tag, value=fault.value, record=wanted)
            return
        yield info("dmarc.inherited", domain=above, policy=record.sub_policy)


def _record(subject: Subject, text: str, net: Network, wanted: str) -> Iterator[Finding]:
    try:
        record = parse(text)
    except RecordFault as fault:
        yield fail("dmarc.invalid", tag=fault.tag, value=fault.value, record=wanted)
        return
    yield ok("dmarc.syntax-good")
    if subject.parked:
        strict = {record.policy, record.sub_policy, record.missing_policy} == {"reject"}
        yield ok("dmarc.parked") if strict else warn("dmarc.parked-open", record=wanted)
        return
    yield from _tags(record)
    yield from _policy(subject, record, net)
    yield from _reports(subject, record, net)
    yield from check_readiness(subject, record)
    options = [letter.strip() for letter in record.tags.get("fo", "").split(":") if letter.strip()]
    if ({"0", "1"} <= set(options)) or (options and "ruf" not in record.tags):
        yield info("dmarc.fo-useless")
    else:
        yield ok("dmarc.fo")


def _tags(record: Record) -> Iterator[Finding]:
    old = [tag for tag in REMOVED if tag in record.tags]
    if old:
        yield info("dmarc.old-tags", tags=old)
    if "p" not in record.tags:
        yield warn("dmarc.no-policy")
    elif list(record.tags)[1] != "p":
        yield info("dmarc.order")
    else:
        yield ok("dmarc.tags")


def _policy(subject: Subject, record: Record, net: Network) -> Iterator[Finding]:
    if record.testing:
        yield warn("dmarc.testing", policy=record.policy)
    if record.tags.get("sp", "").lower() == "none" and record.policy != "none":
        yield warn("dmarc.sub-open")
    if record.policy == "none":
        begun = subject.since.get("dmarc.watching")
        if begun is None or net.now() - begun > PATIENCE:
            yield warn("dmarc.none", goal=GOAL)
        else:
            yield info("dmarc.watching", goal=GOAL, remember={"dmarc-watching": begun.isoformat()})
    else:
        yield ok("dmarc.policy", policy=record.policy)
    share = record.tags.get("pct", "100")
    if share.isdigit() and int(share) < 100:
        yield info("dmarc.share", share=share)


def _reports(subject: Subject, record: Record, net: Network) -> Iterator[Finding]:
    if not record.reports:
        yield warn("dmarc.no-reports")
        return
    if len(record.reports) > 2:
        yield info("dmarc.many-reports", count=len(record.reports))
    for uri in record.reports[:5]:
        address = mailbox(uri)
        if address:
            yield (
                info("dmarc.report-size", on=address, uri=uri)
                if "!" in uri
                else ok("dmarc.reports", on=address, address=address)
            )
            yield from _destination(subject, address, net)
        elif ":" in uri and not uri.lower().startswith("mailto:"):
            yield warn("dmarc.report-scheme", on=uri, uri=uri)
        else:
            yield fail("dmarc.report-malformed", on=uri, uri=uri)


def _destination(subject: Subject, address: str, net: Network) -> Iterator[Finding]:
    domain = address.rpartition("@")[2]
    if organisation(domain, net) != organisation(subject.name, net):
        name = f"{subject.name}._report._dmarc.{domain}"
        allowed = any(is_dmarc(text) for text in net.texts(name))
        # RFC 9990, 4: without this the other side's reports are not sent.
        yield (
            ok("dmarc.report-allowed", on=address, name=name)
            if allowed
            else fail("dmarc.report-refused", on=address, record=f'{name}. IN TXT "v=DMARC1"')
        )
    if not net.lookup(domain, "MX").rdatas:
        yield warn("dmarc.report-no-mx", on=address, domain=domain)
    elif subject.addresses and domain == subject.name and address not in subject.addresses:
        yield fail("dmarc.report-no-mailbox", on=address, address=address)
    else:
        yield ok("dmarc.report-mailbox", on=address, address=address)
