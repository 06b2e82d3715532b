"""What strangers may do on port 25: nothing but write to who exists. Checks V15, V16, V18 and G2.

Never DATA towards anybody but our own canary (rule E11). Recipients are reserved names (RFC 2606).
"""

import secrets
from collections.abc import Iterator
from email.utils import format_datetime

from mailadmin.dns.dmarc.record import RecordFault, discover, parse
from mailadmin.dns.finding import Finding, critical, fail, info, not_applicable, ok, unknown, warn
from mailadmin.dns.network import LookupFailed, Network, Unreachable
from mailadmin.dns.subject import Subject

from .dialogue import Reply
from .places import addresses, own_name
from .sessions import BY_PORT, Session, greeted

ABROAD = "probe@example.net"


def check_relay(subject: Subject, net: Network) -> Iterator[Finding]:
    """V15. Six ways in, all must be refused."""
    for ip in addresses(subject, net)[:1]:
        with_reason = {"address": ip}
        try:
            with greeted(net, ip, BY_PORT[25], own_name(subject)) as session:
                if _takes_everything(subject, session):
                    ways = _ways(subject, local=False)
                else:
                    ways = _ways(subject, local=True)
                replies = {to: _try(session, sender, to) for sender, to in ways}
                stranger = net.is_stranger(session.talk.own)
        except Unreachable as fault:
            yield unknown("smtp.relay-unmeasured", on=ip, reason=str(fault), **with_reason)
            continue
        open_ways = [to for to, reply in replies.items() if reply.good]
        later = [to for to, reply in replies.items() if reply.later]
        if open_ways and stranger:
            yield critical("smtp.open-relay", on=ip, ways=open_ways, **with_reason)
        elif open_ways:
            yield unknown("smtp.relay-trusted", on=ip, **with_reason)
        elif later:
            yield unknown("smtp.relay-later", on=ip, reply=replies[later[0]].text, **with_reason)
        else:
            yield ok("smtp.no-relay", on=ip, count=len(replies), **with_reason)


def _ways(subject: Subject, *, local: bool) -> list[tuple[str, str]]:
    """(sender, recipient). The ones that end in our own domain prove nothing behind a catch-all."""
    inside = [
        (f"probe@{subject.server.host}", f"probe%example.net@{subject.name}"),
        (f"probe@{subject.server.host}", f'"{ABROAD}"@{subject.name}'),
        (f"probe@{subject.server.host}", f"@{subject.name}:{ABROAD}"),
    ]
    outside = [
        (f"probe@{subject.server.host}", ABROAD),
        ("", f"probe2@{ABROAD.partition('@')[2]}"),
        ("probe@localhost", f"probe3@{ABROAD.partition('@')[2]}"),
    ]
    return outside + (inside if local else [])


def _takes_everything(subject: Subject, session: Session) -> bool:
    return _try(session, "", f"{_nobody()}@{subject.name}").good


def _nobody() -> str:
    return f"postie-probe-{secrets.token_hex(6)}"


def _try(session: Session, sender: str, recipient: str) -> Reply:
    """The first refusal, or the answer to RCPT; the conversation stays usable."""
    reply = session.smtp(f"MAIL FROM:<{sender}>")
    if reply.good:
        reply = session.smtp(f"RCPT TO:<{recipient}>")
    session.smtp("RSET")
    return reply


def check_recipients(subject: Subject, net: Network) -> Iterator[Finding]:
    """V16, G2: who can be written to."""
    if subject.parked:
        return
    for ip in addresses(subject, net)[:1]:
        try:
            with greeted(net, ip, BY_PORT[25], own_name(subject)) as session:
                yield from _unknown_person(subject, _try(session, "", f"{_nobody()}@{subject.name}"))
                for name in ("postmaster", "abuse"):
                    box = f"{name}@{subject.name}"
                    yield from _role(box, _try(session, "", box))
        except Unreachable as fault:
            yield unknown("smtp.recipients-unmeasured", on=ip, reason=str(fault))


def _unknown_person(subject: Subject, reply: Reply) -> Iterator[Finding]:
    if reply.good:
        yield info("smtp.catch-all") if subject.catch_all else warn("smtp.takes-anybody", domain=subject.name)
    elif reply.later:
        yield unknown("smtp.anybody-later", reply=reply.text)
    else:
        yield ok("smtp.refuses-unknown", reply=reply.text)


def _role(box: str, reply: Reply) -> Iterator[Finding]:
    if reply.good:
        yield ok("receivers.role", on=box, address=box)
    elif reply.later:
        yield unknown("receivers.role-later", on=box, address=box, reply=reply.text)
    else:
        yield fail("receivers.role-missing", on=box, address=box, reply=reply.text)  # RFC 2142, 5


def check_spoof(subject: Subject, net: Network) -> Iterator[Finding]:
    """V18. A refusal at RCPT is enough; an acceptance there proves nothing, since most servers judge DMARC
    after DATA: so the forged letter goes to our own canary, when there is one."""
    if subject.parked or not _protected(subject.name, net):
        yield not_applicable("smtp.spoof-no-policy")
        return
    canary = subject.server.canary
    for ip in addresses(subject, net)[:1]:
        try:
            with greeted(net, ip, BY_PORT[25], own_name(subject)) as session:
                stranger = net.is_stranger(session.talk.own)
                reply = _forge(session, subject, canary or f"postmaster@{subject.name}", net)
        except Unreachable as fault:
            yield unknown("smtp.spoof-unmeasured", on=ip, reason=str(fault))
            continue
        if reply.later:
            yield unknown("smtp.spoof-unmeasured", on=ip, reason=reply.text)
        elif not reply.good:
            yield ok("smtp.spoof-refused", on=ip, reply=reply.text)
        elif stranger and canary:
            yield warn("smtp.spoof-accepted", on=ip, domain=subject.name)
        else:
            yield unknown("smtp.spoof-undecided", on=ip)


def _protected(name: str, net: Network) -> bool:
    try:
        place, texts = discover(name, net)
        return any(parse(text).policy_for(own=place == name) == "reject" for text in texts)
    except (RecordFault, LookupFailed):
        return False


def _forge(session: Session, subject: Subject, to: str, net: Network) -> Reply:
    sender = f"postmaster@{subject.name}"
    for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{to}>"):
        reply = session.smtp(command)
        if not reply.good:
            return reply
    if not subject.server.canary:
        return reply
    reply = session.smtp("DATA")
    if reply.code != 354:
        return reply
    date, mark = format_datetime(net.now()), secrets.token_hex(8)
    session.talk.send(
        f"From: <{sender}>\r\nTo: <{to}>\r\nDate: {date}\r\nMessage-ID: <{mark}@{subject.name}>\r\n"
        f"Subject: Postie forgery probe {mark}\r\n\r\nThis probe should have been refused.\r\n."
    )
    return session.reply()
