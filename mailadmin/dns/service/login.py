"""Signing in with a mailbox kept for this. Checks V13, V14 and V21."""

import base64
import ssl
import time
from collections.abc import Iterator

from mailadmin.dns.finding import Finding, critical, info, not_applicable, ok, unknown, warn
from mailadmin.dns.network import Network, Unreachable
from mailadmin.dns.subject import Subject

from .dialogue import Reply
from .places import addresses, own_name
from .sessions import BY_PORT, Service, Session, opened, trusting, unchecked

QUICK = 2.0
SANE = ("IDLE", "QUOTA", "SPECIAL-USE")


def check_login(subject: Subject, net: Network) -> Iterator[Finding]:
    if not subject.server.canary:
        yield not_applicable("login.no-canary")
        return
    for ip in addresses(subject, net)[:1]:
        for port in (993, 465):
            service = BY_PORT[port]
            try:
                yield from _sign_in(subject, net, service, ip)
            except Unreachable as fault:
                yield unknown("login.unmeasured", on=service.name, name=service.name, reason=str(fault))
            except ssl.SSLCertVerificationError as error:
                # The password is not shown to a server that cannot prove who it is.
                yield unknown(
                    "login.untrusted", on=service.name, name=service.name, reason=error.verify_message
                )


def _sign_in(subject: Subject, net: Network, service: Service, ip: str) -> Iterator[Finding]:
    started = time.monotonic()
    with opened(net, ip, service) as session:
        session.talk.secure(trusting(net), subject.server.host)
        session.greet()
        answer, good, later = _authenticate(session, subject)
        seconds = round(time.monotonic() - started, 2)
        facts = {"name": service.name, "seconds": seconds}
        if later:
            yield unknown("login.unmeasured", on=service.name, name=service.name, reason=answer)
        elif not good:
            yield critical("login.refused", on=service.name, name=service.name, reply=answer)
        else:
            yield (warn if seconds >= QUICK else ok)(
                "login.slow" if seconds >= QUICK else "login.works", on=service.name, **facts
            )
            yield from _inside(subject, session)


def _authenticate(session: Session, subject: Subject) -> tuple[str, bool, bool]:
    """(answer, good, later)."""
    user, password = subject.server.canary, subject.server.canary_password
    if session.service.protocol == "imap":
        last = session.imap(f"LOGIN {quoted(user)} {quoted(password)}")[-1]
        busy = "[UNAVAILABLE]" in last or "[INUSE]" in last or "[LIMIT]" in last  # RFC 5530
        return last[:120], last.startswith("a OK"), busy
    session.capabilities(own_name(subject))
    secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    reply = session.smtp(f"AUTH PLAIN {secret}")
    return reply.text, reply.good, reply.later


def _inside(subject: Subject, session: Session) -> Iterator[Finding]:
    if session.service.protocol == "imap":
        offered = session.capabilities(own_name(subject))
        missing = [word for word in SANE if word not in offered]
        yield info("imap.missing", names=missing) if missing else ok("imap.offers", names=list(SANE))
        session.imap("LOGOUT")
        return
    # V21: whoever signed in may not write as somebody else.
    stranger = f"postie-probe-somebody-else@{subject.name}"
    reply = session.smtp(f"MAIL FROM:<{stranger}>")
    if reply.good:
        reply = session.smtp(f"RCPT TO:<{subject.server.canary}>")
    session.smtp("RSET")
    yield from _sender(reply)


def _sender(reply: Reply) -> Iterator[Finding]:
    if reply.good:
        yield warn("submission.any-sender")
    elif reply.later:
        yield unknown("submission.unmeasured", reason=reply.text)
    else:
        yield ok("submission.own-sender", reply=reply.text)


def check_anonymous(subject: Subject, net: Network) -> Iterator[Finding]:
    """V21, the other half: without signing in nothing is taken on the submission ports."""
    for ip in addresses(subject, net)[:1]:
        try:
            with opened(net, ip, BY_PORT[465]) as session:
                session.talk.secure(unchecked(), subject.server.host)
                session.greet()
                session.capabilities(own_name(subject))
                reply = session.smtp(f"MAIL FROM:<postmaster@{subject.name}>")
                if reply.good:
                    reply = session.smtp("RCPT TO:<probe@example.net>")
        except Unreachable as fault:
            yield unknown("submission.unmeasured", on="anonymous", reason=str(fault))
            continue
        if reply.good:
            yield critical("submission.anonymous", on="anonymous")
        elif reply.later:
            yield unknown("submission.unmeasured", on="anonymous", reason=reply.text)
        else:
            yield ok("submission.signed-in-only", on="anonymous", reply=reply.text)


def quoted(text: str) -> str:
    """An IMAP quoted string (RFC 9051, 4.3)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
