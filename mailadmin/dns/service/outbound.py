"""Can mail leave? Check V19: EHLO to large servers, nothing more. They are named in the settings."""

from collections.abc import Iterator

from mailadmin.dns.finding import Finding, critical, not_applicable, ok, unknown, warn
from mailadmin.dns.network import LookupFailed, Network, Unreachable
from mailadmin.dns.subject import Subject

from .places import own_name
from .sessions import BY_PORT, greeted

MOST_HOSTS = 5


def check_outbound(subject: Subject, net: Network) -> Iterator[Finding]:
    if subject.server.smart_host or not subject.server.outbound:
        yield not_applicable("outbound.smart-host" if subject.server.smart_host else "outbound.not-asked")
        return
    hosts = subject.server.outbound[:MOST_HOSTS]
    measured, reached = 0, []
    for host in hosts:
        try:
            ips = net.addresses(host, kinds=("A",))
        except LookupFailed:
            continue
        measured += bool(ips)
        if ips and _answers(str(ips[0]), subject, net):
            reached.append(host)
    if not measured:
        yield unknown("outbound.unmeasured", hosts=list(hosts))
    elif not reached:
        yield critical("outbound.closed", hosts=list(hosts))
    elif len(reached) == 1 < measured:
        yield warn("outbound.narrow", hosts=reached)
    else:
        yield ok("outbound.open", hosts=reached)


def _answers(ip: str, subject: Subject, net: Network) -> bool:
    try:
        with greeted(net, ip, BY_PORT[25], own_name(subject)) as session:
            session.smtp("QUIT")
            return True
    except Unreachable as fault:
        return fault.reason == "busy"  # it answered, and asks to wait
