"""A provider's addresses copied into the record by hand ("flattened") age. Check S14."""

import ipaddress
from collections.abc import Iterator

from mailadmin.dns.finding import Finding, not_applicable, ok, unknown, warn
from mailadmin.dns.network import LookupFailed, Network

from .record import Record
from .survey import Node, Survey

FEWEST = 2  # networks in common before it is a copy and no chance
MOST_SHOWN = 5
Networks = frozenset[ipaddress.IPv4Network | ipaddress.IPv6Network]


def check_copies(record: Record, services: dict[str, str], net: Network) -> Iterator[Finding]:
    """Only a record with several networks of its own is compared; a provider it includes is not a copy."""
    own = literal(record)
    if len(own) < FEWEST:
        yield not_applicable("spf.copies-none")
        return
    included = {term.value.lower().rstrip(".") for term in record.terms if term.name == "include"}
    copied = False
    for domain, name in services.items():
        if domain in included:
            continue
        try:
            theirs = networks(Survey(net).read(domain))
        except LookupFailed:
            yield unknown("spf.copies-unmeasured", on=domain, service=name)
            continue
        if len(own & theirs) < FEWEST:
            continue
        copied = True
        missing = sorted(map(str, theirs - own))
        facts = {"service": name, "domain": domain, "missing": missing[:MOST_SHOWN]}
        yield warn("spf.copies-old", on=domain, **facts) if missing else ok("spf.copies", on=domain, **facts)
    if not copied:
        yield not_applicable("spf.copies-none")


def literal(record: Record) -> Networks:
    return frozenset(ipaddress.ip_network(term.value) for term in record.terms if term.name in ("ip4", "ip6"))


def networks(root: Node) -> Networks:
    return frozenset().union(*(literal(node.record) for node in root.walk() if node.record is not None))
