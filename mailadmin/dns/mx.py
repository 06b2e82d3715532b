"""Where mail for the domain goes. RFC 5321, 5.1; 7505; checks M1 to M11, M13 to M15."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .finding import Finding, critical, fail, info, not_applicable, ok, warn
from .mx_words import WORDS as WORDS
from .names import Address, address, is_public
from .network import Network, State
from .subject import Subject

SHORT, LONG = 300, 86400  # seconds a record may be remembered


@dataclass(frozen=True, slots=True)
class Exchange:
    preference: int
    host: str  # "" is the null MX


def exchanges(name: str, net: Network) -> tuple[list[Exchange], int]:
    answer = net.lookup(name, "MX")
    found = [
        Exchange(int(rdata.preference), rdata.exchange.to_text(omit_final_dot=True).lower().strip("."))  # type: ignore[attr-defined]
        for rdata in answer.rdatas
    ]
    return sorted(found, key=lambda mx: (mx.preference, mx.host)), answer.ttl


def check_mx(subject: Subject, net: Network) -> Iterator[Finding]:
    found, ttl = exchanges(subject.name, net)
    if subject.parked:
        yield from _parked(subject, found, net)
        return
    if not found:
        yield from _implicit(subject, net)
        return
    real = [mx for mx in found if mx.host]
    if len(real) < len(found):
        yield fail("mx.null-and-others") if real else critical("mx.null")
        if not real:
            return
    yield ok("mx.present", hosts=[f"{mx.preference} {mx.host}" for mx in real])
    yield from _count(found)
    usable = []
    for host in sorted({mx.host for mx in real}):
        problems = list(_shape(subject, host, net))
        yield from problems
        if not problems:
            usable.append(host)
            yield ok("mx.name-good", on=host, host=host)
    yield from _targets(subject, real, net)
    yield from _ttl(subject, ttl)


def _parked(subject: Subject, found: list[Exchange], net: Network) -> Iterator[Finding]:
    """RFC 7505, 3: `0 .` says "no mail here" and spares senders a week of retries."""
    has_address = bool(net.addresses(subject.name))
    null = [mx for mx in found if not mx.host]
    if len(found) > len(null):
        yield warn("mx.parked-takes-mail", hosts=[mx.host for mx in found if mx.host])
    elif has_address == bool(null):
        yield ok("mx.parked")
    elif null:
        yield info("mx.parked-needless-null")
    else:
        yield info("mx.parked-no-null", record=f"{subject.name}. IN MX 0 .")


def _implicit(subject: Subject, net: Network) -> Iterator[Finding]:
    """RFC 5321, 5.1: without MX the address of the domain itself is used."""
    record = f"{subject.name}. IN MX 10 {subject.server.host}."
    found, ours = set(net.addresses(subject.name)), subject.server.addresses
    if found & (ours or found):  # whose it is cannot be said while our own are not set
        yield warn("mx.implicit", record=record)
    else:
        yield critical("mx.missing", record=record)


def _count(found: list[Exchange]) -> Iterator[Finding]:
    hosts = [mx.host for mx in found]
    twice = sorted({host for host in hosts if hosts.count(host) > 1})
    yield info("mx.twice", hosts=twice) if twice else ok("mx.once")
    # RFC 7208, 4.6.4: an SPF record with `mx` breaks.
    yield warn("mx.many", count=len(found)) if len(found) > 10 else ok("mx.few", count=len(found))


def _shape(subject: Subject, host: str, net: Network) -> Iterator[Finding]:
    if address(host) is not None:
        yield fail("mx.is-address", on=host, host=host)  # RFC 1035, 3.3.9: a name
        return
    doubled = f".{host}".endswith(
        (f".{subject.name}.{subject.name}", f".{subject.server.host}.{subject.name}")
    )
    if doubled or (address(host.removesuffix("." + subject.name)) is not None):
        yield fail("mx.doubled", on=host, host=host, zone=subject.name)
    elif "_" in host:
        yield fail("mx.underscore", on=host, host=host)
    elif net.lookup(host, "A").chain:
        yield fail("mx.alias", on=host, host=host, target=net.lookup(host, "A").chain[-1])


def _targets(subject: Subject, found: list[Exchange], net: Network) -> Iterator[Finding]:
    addresses = {mx.host: net.addresses(mx.host) for mx in found if address(mx.host) is None}
    empty = sorted(host for host, ips in addresses.items() if not ips)
    if empty and len(empty) == len(addresses):
        yield critical("mx.no-address", hosts=empty)
    elif empty:
        yield warn("mx.some-no-address", hosts=empty)
    else:
        yield ok("mx.addresses", addresses=sorted({str(ip) for ips in addresses.values() for ip in ips}))
    private = [f"{host} {ip}" for host, ips in addresses.items() for ip in ips if not is_public(ip)]
    yield critical("mx.private", addresses=private) if private else ok("mx.public")
    yield from _whose(subject, found, addresses)


def _whose(subject: Subject, found: list[Exchange], addresses: dict[str, list[Address]]) -> Iterator[Finding]:
    ours = subject.server.addresses
    if not ours:
        yield not_applicable("mx.ours-unknown")
        return
    best = [mx.host for mx in found if mx.preference == found[0].preference]
    ips = {ip for host in best for ip in addresses.get(host, [])}
    if ips and ips <= ours:
        yield ok("mx.ours", hosts=best)
    elif subject.server.filters.issuperset(best):
        yield ok("mx.filter", hosts=best)
    elif ips & ours:
        yield warn("mx.partly-ours", addresses=sorted(map(str, ips - ours)))
    elif ips:
        yield critical("mx.elsewhere", hosts=best, wanted=subject.server.host)
    known = subject.server.backups | subject.server.filters | {subject.server.host}
    foreign = sorted(
        mx.host
        for mx in found
        if mx.host not in best and mx.host not in known and not set(addresses.get(mx.host, [])) <= ours
    )
    yield warn("mx.foreign-backup", hosts=foreign) if foreign else ok("mx.no-foreign")


def _ttl(subject: Subject, ttl: int) -> Iterator[Finding]:
    if subject.moving and ttl > SHORT:
        yield info("mx.ttl-moving", ttl=ttl)
    elif SHORT <= ttl <= LONG or subject.moving:
        yield ok("mx.ttl", ttl=ttl)
    else:
        yield info("mx.ttl-odd", ttl=ttl)


def check_host(subject: Subject, net: Network) -> Iterator[Finding]:
    """M14: the mail host has exactly our addresses."""
    server = subject.server
    if not server.addresses:
        yield not_applicable("host.ours-unknown")
        return
    found = set(net.addresses(server.host))
    missing, extra = server.addresses - found, found - server.addresses
    if missing:
        yield critical(
            "host.missing",
            host=server.host,
            addresses=sorted(map(str, missing)),
            record="\n".join(
                f"{server.host}. IN {'A' if ip.version == 4 else 'AAAA'} {ip}" for ip in missing
            ),
        )
    elif extra:
        yield warn("host.extra", host=server.host, addresses=sorted(map(str, extra)))
    else:
        yield ok("host.addresses", host=server.host, addresses=sorted(map(str, found)))
    if net.lookup(server.host, "AAAA").state is not State.FOUND:
        yield info("host.no-ipv6", host=server.host)
    yield from _host_ttl(subject, net)


def _host_ttl(subject: Subject, net: Network) -> Iterator[Finding]:
    """M15: as its authority says it; what a cache says counts down."""
    answer = net.lookup(subject.server.host, "A")
    facts: dict[str, Any] = {"host": subject.server.host, "ttl": answer.ttl}
    if not answer.authentic or not answer.rdatas or answer.chain:
        return
    if subject.moving and answer.ttl > SHORT:
        yield info("host.ttl-moving", **facts)
    elif subject.moving or SHORT <= answer.ttl <= LONG:
        yield ok("host.ttl", **facts)
    else:
        yield info("host.ttl-odd", **facts)
