"""What a witness does: a few ports of one address, each once, up to EHLO and the TLS handshake (rule E11)."""

import ssl
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

from mailadmin.dns.finding import Finding
from mailadmin.dns.names import address
from mailadmin.dns.network import Network, Unreachable
from mailadmin.dns.service import relay
from mailadmin.dns.service.sessions import BY_PORT, Service, Session, opened, unchecked
from mailadmin.dns.subject import MailServer, Subject

from .protocol import Question, Seen

PATIENCE = 18.0  # seconds for all ports together
GREETING = 12.0
WEB = Service(443, "HTTPS", "https", wrapped=True)
KNOWN = {**BY_PORT, 443: WEB}


def look(net: Network, ip: str, asked: Question, own_name: str) -> list[Seen]:
    """In the order asked; a port that takes too long is a timeout."""
    pool = ThreadPoolExecutor(4, thread_name_prefix="witness")
    try:
        looks = [pool.submit(_port, net, ip, KNOWN[port], asked, own_name) for port in asked.ports]
        wait(looks, PATIENCE)
        return [
            one.result() if one.done() else Seen(port, "timeout")
            for port, one in zip(asked.ports, looks, strict=True)
        ]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _port(net: Network, ip: str, service: Service, asked: Question, own_name: str) -> Seen:
    seen = Seen(service.port, "open")
    try:
        with opened(net, ip, service) as session:
            session.talk.patience = GREETING
            name = asked.web or asked.name if service is WEB else asked.name
            if service.wrapped:
                session.talk.secure(unchecked(), name)
            if service is not WEB:
                session.greet()
                seen = replace(seen, greeting=session.greeting, seconds=session.waited)
            if not service.wrapped:
                _upgrade(session, name, own_name)
            return _with_certificate(seen, session)
    except Unreachable as fault:
        reason = "tls" if seen.greeting and fault.reason in ("tls", "garbled", "closed") else fault.reason
        return replace(seen, state="open" if reason == "tls" and seen.greeting else reason)


def _upgrade(session: Session, name: str, own_name: str) -> None:
    session.before = session.capabilities(own_name)
    if session.offers_tls:
        session.start_tls(unchecked(), name)


def _with_certificate(seen: Seen, session: Session) -> Seen:
    connection = session.talk.socket
    if not isinstance(connection, ssl.SSLSocket):
        return seen
    shown = connection.getpeercert(binary_form=True) or b""
    return replace(seen, tls=connection.version() or "", certificate=shown)


def relaying(net: Network, ip: str, asked: Question, own_name: str) -> list[Finding]:
    """V15 as it is meant: from an address the server has no reason to trust."""
    found = address(ip)
    if not asked.domain or found is None or 25 not in asked.ports:
        return []
    server = MailServer(host=asked.name, addresses=frozenset({found}), panel=own_name)
    return list(relay.check_relay(Subject(name=asked.domain, server=server), net))
