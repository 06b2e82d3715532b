"""Ports, greetings and what is offered. RFC 5321, 8314; checks M12, V1 to V4, V11 and V17."""

import re
from collections.abc import Iterator

from mailadmin.dns.finding import Finding, critical, fail, info, not_applicable, ok, unknown, warn
from mailadmin.dns.names import address, is_domain
from mailadmin.dns.network import Network, Unreachable
from mailadmin.dns.subject import Subject

from .places import addresses, own_name
from .sessions import BY_PORT, SERVICES, Service, Session, greeted, opened, unchecked

SOON, LATE = 5.0, 10.0
VERSION = re.compile(r"\d+\.\d+")
BASIC = ("SIZE", "8BITMIME")
GOOD = ("PIPELINING", "ENHANCEDSTATUSCODES", "SMTPUTF8")
SRV = {465: "_submissions", 587: "_submission", 993: "_imaps", 143: "_imap", 995: "_pop3s", 110: "_pop3"}
SRV |= {4190: "_sieve"}
ALWAYS = (465, 993)  # what autoconfig and autodiscover name


def check_smtp(subject: Subject, net: Network) -> Iterator[Finding]:
    """Port 25 on every address of ours."""
    found = addresses(subject, net)
    if not found:
        yield not_applicable("smtp.ours-unknown")
    for ip in found:
        try:
            with greeted(net, ip, BY_PORT[25], own_name(subject)) as session:
                yield from _greeting(subject, session, ip)
                yield from _offers(session, ip)
                yield from _clear(session, ip, net)
                yield from _curious(subject, session, ip)
        except Unreachable as fault:
            yield from _closed(ip, fault)


def _closed(ip: str, fault: Unreachable) -> Iterator[Finding]:
    found = address(ip)
    if fault.ours:
        yield unknown("smtp.unmeasured", on=ip, address=ip, reason=str(fault))
    elif found is not None and found.version == 6:
        yield fail("host.ipv6-closed", on=ip, address=ip, reason=fault.reason)
    else:
        yield critical("smtp.closed", on=ip, address=ip, reason=fault.reason)


def _greeting(subject: Subject, session: Session, ip: str) -> Iterator[Finding]:
    facts = {"address": ip, "seconds": round(session.waited, 1)}
    if session.waited > LATE:
        yield warn("smtp.slow", on=ip, **facts)
    else:
        yield (info if session.waited > SOON else ok)("smtp.open", on=ip, **facts)
    if ":" in ip:
        yield ok("host.ipv6-open", on=ip, address=ip)
    words = session.greeting.split(" ")
    name, wanted = words[0].lower().rstrip("."), subject.server.name
    if not is_domain(name) or not is_domain(session.hello):
        bad = name if not is_domain(name) else session.hello
        yield fail("smtp.name-bad", on=ip, name=bad or "—", wanted=wanted)
    elif {name, session.hello} != {wanted}:
        other = name if name != wanted else session.hello
        yield warn("smtp.name-other", on=ip, name=other, wanted=wanted)
    else:
        yield ok("smtp.name", on=ip, name=wanted)
    if VERSION.search(" ".join(words[1:])):
        yield info("smtp.version-shown", on=ip, greeting=session.greeting)


def _offers(session: Session, ip: str) -> Iterator[Finding]:
    offered = {word.split(" ")[0] for word in session.before}
    if "STARTTLS" not in offered:
        yield fail("smtp.no-starttls", on=ip, address=ip)
    missing = [word for word in (*BASIC, *GOOD) if word not in offered]
    yield info("smtp.extensions-missing", on=ip, names=missing) if missing else ok("smtp.extensions", on=ip)


def _clear(session: Session, on: str, net: Network) -> Iterator[Finding]:
    port = str(session.service.port)
    if session.clear_sign_in and not net.is_stranger(session.talk.own):
        # Dovecot, for one, takes a connection from its own host as safe.
        yield unknown("service.clear-trusted", on=f"{on} {port}", port=port)
    elif session.clear_sign_in:
        yield fail("service.clear-sign-in", on=f"{on} {port}", port=port, ways=session.clear_sign_in)
    else:
        yield ok("service.no-clear-sign-in", on=f"{on} {port}", port=port)


def _curious(subject: Subject, session: Session, ip: str) -> Iterator[Finding]:
    """V17: 252 says nothing about who exists (RFC 5321, 3.5.3)."""
    told = []
    for command in ("VRFY", "EXPN"):
        reply = session.smtp(f"{command} postmaster@{subject.name}")
        if reply.code in (250, 251):
            told.append(command)
    yield warn("smtp.tells-users", on=ip, commands=told) if told else ok("smtp.silent", on=ip)


def check_services(subject: Subject, net: Network) -> Iterator[Finding]:
    """Every other port, as a mail program meets it."""
    ours = addresses(subject, net)
    for service in SERVICES:
        if not service.public and ours:
            yield from _service(subject, service, ours[0], net)


def _service(subject: Subject, service: Service, ip: str, net: Network) -> Iterator[Finding]:
    port = str(service.port)
    facts = {"port": port, "name": service.name}
    try:
        with opened(net, ip, service) as session:
            if service.wrapped:
                session.talk.secure(unchecked(), subject.server.host)
            session.greet()
            yield ok("service.open", on=port, **facts)
            if not service.wrapped:
                session.before = session.capabilities(own_name(subject))
                yield from _clear(session, ip, net)
                if not session.offers_tls:
                    yield fail("service.no-tls", on=port, **facts)
    except Unreachable as fault:
        if fault.ours:
            yield unknown("service.unmeasured", on=port, reason=str(fault), **facts)
        elif service.port in ALWAYS or _advertised(subject, service, net):
            yield fail("service.closed", on=port, reason=fault.reason, **facts)
        else:
            yield not_applicable("service.absent", on=port, **facts)


def _advertised(subject: Subject, service: Service, net: Network) -> bool:
    label = SRV.get(service.port)
    if label is None:
        return False
    records = net.ask(f"{label}._tcp.{subject.name}", "SRV").records
    return any(int(record.split()[2]) == service.port for record in records)
