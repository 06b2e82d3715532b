"""Checks S1 to S14."""

import re
from collections.abc import Iterator
from typing import Any

from mailadmin.dns.finding import Finding, critical, fail, info, not_applicable, ok, unknown, warn
from mailadmin.dns.network import Network
from mailadmin.dns.subject import Subject

from .copies import check_copies
from .evaluate import MOST_LOOKUPS, MOST_VOIDS, evaluate
from .record import Record, SyntaxFault, is_spf, parse
from .seen import check_seen
from .survey import Node, Survey
from .words import WORDS as WORDS

PARKED = "v=spf1 -all"
WIDE = 2**20
ALMOST = re.compile(r"^[\s\"']*v\s*=\s*spf", re.IGNORECASE)


def check_spf(subject: Subject, net: Network) -> Iterator[Finding]:
    answer = net.lookup(subject.name, "TXT")
    records = [text for text in answer.texts if is_spf(text)]
    if subject.parked:
        good = records == [PARKED]
        yield (
            ok("spf.parked")
            if good
            else warn("spf.parked-open", found=records, record=f'{subject.name}. IN TXT "{PARKED}"')
        )
        return
    yield from _strays(answer.texts)
    if net.ask(subject.name, "SPF").rdatas:
        yield info("spf.own-type")  # 3.1: nobody asks for it any more
    if not records:
        yield fail("spf.missing", record=f'{subject.name}. IN TXT "{wanted(subject)}"')
        return
    if len(records) > 1:
        yield fail("spf.several", found=records)  # 4.5: permerror
        return
    yield ok("spf.present", found=records[0])
    yield from _size(answer.rdatas, records[0])
    try:
        record = parse(records[0])
    except SyntaxFault as fault:
        yield fail("spf.syntax", term=fault.term, position=fault.position, found=records[0])
        return
    yield from _grammar(record)
    yield from _all(record)
    yield from _senders(subject, net)  # first: a provider that does not answer says nothing of our addresses
    yield from _tree(Survey(net).read(subject.name))
    yield from check_copies(record, SERVICES, net)
    yield from check_seen(subject, record, SERVICES, net)


def wanted(subject: Subject) -> str:
    return f"v=spf1 a:{subject.server.host} -all" if subject.server.host else "v=spf1 mx -all"


def _strays(texts: list[str]) -> Iterator[Finding]:
    almost = [text for text in texts if ALMOST.match(text) and not is_spf(text)]
    for text in almost:
        if text.lower().startswith("spf2.0"):
            continue
        yield fail("spf.not-recognised", on=text[:40], found=text)
    if any(text.lower().startswith("spf2.0/") for text in texts):
        yield info("spf.sender-id")


def _size(rdatas: tuple[object, ...], record: str) -> Iterator[Finding]:
    """3.4: an answer should fit into 512 bytes of UDP."""
    size = sum(len(b"".join(getattr(rdata, "strings", ()))) + 12 for rdata in rdatas)
    if size > 512:
        yield warn("spf.size-large", size=size)
    elif size > 450:
        yield info("spf.size-growing", size=size)
    else:
        yield ok("spf.size", size=size)


def _grammar(record: Record) -> Iterator[Finding]:
    if record.unknown:
        yield info("spf.unknown-modifier", terms=list(record.unknown))
    if record.after_all or (record.redirect and record.all_term):
        yield info("spf.after-all", terms=[term.text for term in record.after_all] or [record.redirect])
    yield ok("spf.syntax-good")


def _all(record: Record) -> Iterator[Finding]:
    last = record.all_term
    if last is None and record.redirect:
        yield ok("spf.all-redirected", target=record.redirect)
    elif last is None:
        yield warn("spf.all-absent")
    elif last.qualifier == "pass":
        yield fail("spf.all-open")
    elif last.qualifier == "neutral":
        yield warn("spf.all-neutral")
    else:
        yield ok("spf.all", term=last.text)


def _tree(root: Node) -> Iterator[Finding]:
    nodes = list(root.walk())
    for node in nodes[1:]:
        if node.trouble:
            yield fail(f"spf.include-{node.trouble}", on=node.domain, domain=node.domain, detail=node.detail)
        elif (
            node.record is not None and (end := node.record.all_term) is not None and end.qualifier == "pass"
        ):
            yield fail("spf.include-open", on=node.domain, domain=node.domain)
    names = [node.domain for node in nodes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not any(node.trouble for node in nodes):
        yield info("spf.include-twice", domains=twice) if twice else ok("spf.includes")
    yield from _cost(root)
    yield from _habits(nodes)


def _cost(root: Node) -> Iterator[Finding]:
    worst = max(root.children, key=lambda child: child.cost, default=root)
    facts: dict[str, Any] = {"count": root.cost, "tree": root.lines(), "worst": worst.domain}
    if root.cost > MOST_LOOKUPS:
        yield fail("spf.lookups-too-many", **facts)
    elif root.cost > 8:
        yield warn("spf.lookups-many", **facts)
    else:
        yield ok("spf.lookups", **facts)
    voids = [void for node in root.walk() for void in node.voids]
    if len(voids) > MOST_VOIDS:
        yield fail("spf.voids-too-many", names=voids)
    else:
        yield warn("spf.voids", names=voids) if voids else ok("spf.no-voids")


def _habits(nodes: list[Node]) -> Iterator[Finding]:
    terms = [term for node in nodes if node.record for term in node.record.terms]
    # 5.5: slow, unreliable, "SHOULD NOT be published".
    yield warn("spf.ptr") if any(term.name == "ptr" for term in terms) else ok("spf.no-ptr")
    crowded = [name for node in nodes for name in node.crowded]
    if crowded:
        yield fail("spf.mx-many", names=crowded)  # 4.6.4: permerror
    width = sum(node.width for node in nodes)
    yield warn("spf.wide", count=width) if width > WIDE else ok("spf.narrow", count=width)
    known = [node.domain for node in nodes[1:]]
    yield ok("spf.authorised", domains=[SERVICES.get(name, name) for name in known] or ["—"])


def _senders(subject: Subject, net: Network) -> Iterator[Finding]:
    """S7, S8: evaluated as a receiver would, for each address we send from; never compared as text."""
    if not subject.server.senders:
        yield not_applicable("spf.senders-unknown")
    for ip in subject.server.senders:
        verdict = evaluate(net, ip, f"postmaster@{subject.name}", subject.server.name)
        facts = {"address": str(ip), "result": verdict.result, "term": verdict.term or verdict.reason or "—"}
        if verdict.result == "pass":
            yield ok("spf.sender-passes", on=str(ip), **facts)
        elif verdict.result == "temperror":
            yield unknown("spf.sender-unmeasured", on=str(ip), **facts)
        else:
            yield critical("spf.sender-fails", on=str(ip), **facts)
        bounce = evaluate(net, ip, "", subject.server.name)
        on = f"{subject.server.name} {ip}"
        if bounce.result == "none":
            record = f'{subject.server.name}. IN TXT "v=spf1 a -all"'
            yield info("spf.ehlo-none", on=on, name=subject.server.name, record=record)
        elif bounce.result == "temperror":
            facts = {"address": str(ip), "result": bounce.result, "term": bounce.reason or "—"}
            yield unknown("spf.sender-unmeasured", on=on, **facts)
        elif bounce.result in ("fail", "permerror"):
            yield fail("spf.ehlo-fails", on=on, name=subject.server.name, result=bounce.result)
        else:
            yield ok("spf.ehlo", on=on, name=subject.server.name, result=bounce.result)


SERVICES = {
    "_spf.google.com": "Google Workspace",
    "spf.protection.outlook.com": "Microsoft 365",
    "amazonses.com": "Amazon SES",
    "servers.mcsv.net": "Mailchimp",
    "sendgrid.net": "SendGrid",
    "mailgun.org": "Mailgun",
    "spf.mandrillapp.com": "Mandrill",
    "spf.mtasv.net": "Postmark",
    "zoho.com": "Zoho",
    "_spf.mx.cloudflare.net": "Cloudflare",
    "spf.brevo.com": "Brevo",
    "mail.zendesk.com": "Zendesk",
    "_spf.salesforce.com": "Salesforce",
}
