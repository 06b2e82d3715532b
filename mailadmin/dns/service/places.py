"""Where the services of a server are looked for."""

import socket
from collections.abc import Iterator

from mailadmin.dns.network import Network, Unreachable
from mailadmin.dns.subject import Subject

from .sessions import SERVICES, Service

MOST_ADDRESSES = 4


def own_name(subject: Subject) -> str:
    """Who we are when we say EHLO: rule E11."""
    return subject.server.panel or socket.getfqdn() or "localhost"


def addresses(subject: Subject, net: Network) -> list[str]:
    """Our public set (E8); what the DNS says when nobody told us."""
    ours = subject.server.addresses or frozenset(net.addresses(subject.server.host))
    return [str(ip) for ip in sorted(ours, key=lambda ip: (ip.version, int(ip)))[:MOST_ADDRESSES]]


def places(subject: Subject, net: Network) -> Iterator[tuple[Service, str]]:
    """Each service with the first address where its port is open."""
    found = addresses(subject, net)
    for service in SERVICES:
        for ip in found:
            try:
                net.connect(ip, service.port).close()
            except Unreachable:
                continue
            yield service, ip
            break
