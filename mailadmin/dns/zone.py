"""The zone and its name servers. RFC 1034, 1912, 2182; checks N1 to N5, N7 and rule E3."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from .answers import essence
from .finding import Finding, Words, _, critical, fail, info, ok, unknown, warn
from .names import address, prefix
from .network import Answer, Delegation, Network, State
from .subject import Subject

DAY, HOUR = 86400, 3600
# Served by our side of the network, not by theirs (rule E1).
OUR_SIDE = ("unreachable",)


def check_zone(subject: Subject, net: Network) -> Iterator[Finding]:
    delegation = net.delegation(net.zone_of(subject.name))
    if not delegation.exists or net.ask(subject.name, "SOA").state is State.ABSENT:
        yield critical("zone.absent", name=subject.name)
        return
    if not delegation.servers:
        yield unknown("zone.unmeasured", zone=delegation.zone)
        return
    answers = {server: net.ask_at(server, delegation.zone, "SOA") for server in delegation.servers}
    yield from _alive(delegation, {f"{s.name} ({s.address})": a for s, a in answers.items()})
    yield from _names(delegation, net)
    yield networks_of(delegation)
    soas = [answer.rdatas[0] for answer in answers.values() if answer.authentic and answer.rdatas]
    if soas:
        yield from _serials(subject, delegation.zone, soas, net)
        yield from _timers(soas[0])


def networks_of(delegation: Delegation) -> Finding:
    """N3: an IPv4 and an IPv6 network of the same servers are one place, behind one router."""
    places: dict[str, set[str]] = {}
    for server in delegation.servers:
        if ip := address(server.address):
            places.setdefault(server.name, set()).add(prefix(ip))
    networks = sorted({network for found in places.values() for network in found})
    six = [network for network in networks if ":" in network]
    apart = len(places) > 1 and not set.intersection(*places.values())
    if apart or max(len(six), len(networks) - len(six)) > 1:
        return ok("zone.diverse", networks=networks)
    return info("zone.one-network", network=networks)


def _alive(delegation: Delegation, answers: dict[str, Answer]) -> Iterator[Finding]:
    good = [name for name, answer in answers.items() if answer.authentic and answer.state is State.FOUND]
    unseen = [name for name, answer in answers.items() if answer.reason in OUR_SIDE]
    dead = [name for name in answers if name not in good and name not in unseen]
    names = {name.partition(" ")[0] for name in good}
    if not good:
        silent = all(answer.reason == "timeout" for answer in answers.values())
        # Nobody answers at all: it may be our own port 53 that is blocked; the resolver decides (E1).
        if unseen or (silent and delegation.parent_names == frozenset()):
            yield unknown("zone.unmeasured", zone=delegation.zone)
        else:
            yield critical("zone.dead", servers=sorted(dead))
    elif dead:
        yield warn("zone.some-dead", servers=sorted(dead))
    elif len(names) < 2:
        yield warn("zone.one-server", servers=sorted(names))
    else:
        yield ok("zone.alive", servers=sorted(names))


def _names(delegation: Delegation, net: Network) -> Iterator[Finding]:
    own = {record.rstrip(".").lower() for record in net.lookup(delegation.zone, "NS").records}
    if not delegation.parent_names:
        yield unknown("zone.parent-unmeasured", zone=delegation.zone)
    elif own == delegation.parent_names:
        yield ok("zone.parent-agrees")
    else:
        yield warn("zone.parent-differs", parent=sorted(delegation.parent_names), child=sorted(own))


def _serials(subject: Subject, zone: str, soas: list[Any], net: Network) -> Iterator[Finding]:
    """N4: an hour of difference is a transfer on its way, a day is a server that was forgotten."""
    serials = sorted({soa.serial for soa in soas})
    if len(serials) == 1:
        yield ok("zone.serial", serial=serials[0])
        return
    memory = f"serials:{zone}"
    begun = datetime.fromisoformat(subject.memory.get(memory) or net.now().isoformat())
    seconds = (net.now() - begun).total_seconds()
    facts: dict[str, Any] = {
        "serials": serials,
        "hours": int(seconds // 3600),
        "remember": {memory: begun.isoformat()},
    }
    if seconds > DAY:
        yield fail("zone.serials-stuck", **facts)
    else:
        yield (warn if seconds > HOUR else info)("zone.serials-differ", **facts)


def _timers(soa: object) -> Iterator[Finding]:
    """RFC 1912, 2.2."""
    odd = []
    for name, low, high in (
        ("refresh", 1200, DAY),
        ("expire", 7 * DAY, 3650 * DAY),
        ("minimum", 60, DAY),
    ):
        value = getattr(soa, name)
        if not low <= value <= high:
            odd.append(f"{name} {value}")
    yield info("zone.timers-odd", timers=odd) if odd else ok("zone.timers")


def check_wildcards(subject: Subject, net: Network) -> Iterator[Finding]:
    """A wildcard TXT puts a wrong text where DMARC, MTA-STS or DKIM is looked for (RFC 4592)."""
    answering = [
        f"{place}.{subject.name}"
        for place in ("_dmarc", "_mta-sts", "_domainkey")
        if (found := net.texts(f"postie-wildcard-probe.{place}.{subject.name}"))
        and not (place == "_domainkey" and all(map(_is_no_key, found)))
    ]
    if answering:
        yield warn("zone.wildcard", names=answering)
    else:
        yield ok("zone.no-wildcard")


def _is_no_key(text: str) -> bool:
    """ "v=DKIM1; p=" for every selector says that nobody signs: what parked domains are told to publish."""
    return "".join(text.split()).rstrip(";") in ("v=DKIM1;p", "v=DKIM1;p=")


def check_agreement(answers: list[Answer]) -> Iterator[Finding]:
    """E3: the same question, different answers. Asked last, over everything that was asked in a run."""
    if not answers:
        yield ok("zone.servers-agree")
    for answer in answers:
        seen = {view.server: list(map(str, essence(view))) for view in answer.views if view.measured}
        yield warn(
            "zone.servers-disagree",
            on=f"{answer.name} {answer.kind}",
            record=f"{answer.name} {answer.kind}",
            answers=[f"{server}: {' '.join(found[1:]) or '—'}" for server, found in seen.items()],
            seconds=max((view.ttl for view in answer.views), default=0),
        )


WORDS = {
    "zone.absent": Words(
        "N1",
        _("The domain %(name)s does not exist in the DNS."),
        _("Nobody can write to it; senders get “Domain not found” (5.1.2)."),
        _("Check that the registration has not expired and that name servers are set at the registrar."),
        "RFC 1034, 4.2",
    ),
    "zone.unmeasured": Words("N1", _("The name servers of %(zone)s could not be asked from here.")),
    "zone.dead": Words(
        "N1",
        _("None of the name servers answers for the zone: %(servers)s."),
        _("Mail is deferred and then returned: “Host or domain name not found. Name service error”."),
        _("Start the zone at these servers, or name the right servers at the registrar."),
        "RFC 2182, 5",
    ),
    "zone.some-dead": Words(
        "N1",
        _("These name servers do not answer for the zone: %(servers)s."),
        _("Part of all lookups is slow or fails; when the others go too, mail stops."),
        _("Repair these servers or take them out of the delegation."),
        "RFC 1912, 2.8",
    ),
    "zone.one-server": Words(
        "N1",
        _("There is only one name server: %(servers)s."),
        _("When it is away, the domain is away."),
        _("Add a second name server in another network."),
        "RFC 2182, 5",
    ),
    "zone.alive": Words("N1", _("All name servers answer: %(servers)s."), rfc="RFC 1034, 4.2"),
    "zone.parent-agrees": Words("N2", _("The registrar names the same name servers as the zone.")),
    "zone.parent-unmeasured": Words("N2", _("The servers above %(zone)s could not be asked.")),
    "zone.parent-differs": Words(
        "N2",
        _("The registrar names %(parent)s, the zone itself names %(child)s."),
        _("Some people may see an old zone with old mail records."),
        _("Enter the same name servers in both places."),
        "RFC 1034, 4.2.2",
    ),
    "zone.diverse": Words("N3", _("The name servers stand in different networks.")),
    "zone.one-network": Words(
        "N3",
        _("All name servers stand in one network (%(network)s)."),
        _("One broken router takes the domain away."),
        _("Use a secondary name server of another provider."),
        "RFC 2182, 3.1",
    ),
    "zone.serial": Words("N4", _("All name servers have the same version of the zone (%(serial)s).")),
    "zone.serials-differ": Words(
        "N4",
        _("The name servers have different versions of the zone: %(serials)s."),
        _("A change is on its way, or a secondary has stopped following."),
        _("Wait an hour; if it stays, check the transfer to the secondaries."),
        "RFC 1034, 4.3.5",
    ),
    "zone.serials-stuck": Words(
        "N4",
        _("A name server has kept an old version of the zone for %(hours)s hours."),
        _("Some senders still use the old records."),
        _("Repair the transfer to this secondary."),
        "RFC 1034, 4.3.5",
    ),
    "zone.timers": Words("N5", _("The times in the SOA record are sensible.")),
    "zone.timers-odd": Words(
        "N5",
        _("Unusual times in the SOA record: %(timers)s."),
        _("Changes take long to arrive, or a secondary forgets the zone too soon."),
        _("Usual values: refresh 3600, expire 1209600, minimum 3600."),
        "RFC 1912, 2.2",
    ),
    "zone.no-wildcard": Words("N7", _("No wildcard answers in the place of mail records.")),
    "zone.wildcard": Words(
        "N7",
        _("A wildcard record answers below %(names)s."),
        _("Receivers find a wrong text where they look for DMARC, MTA-STS or DKIM."),
        _("Remove the wildcard TXT record, or publish the names it must not cover."),
        "RFC 4592",
    ),
    "zone.servers-agree": Words("E3", _("All name servers give the same answers.")),
    "zone.servers-disagree": Words(
        "E3",
        _("Name servers give different answers for %(record)s: %(answers)s."),
        _("A change has not arrived everywhere; some receivers still see the old record."),
        _("Wait %(seconds)s seconds; if it stays, check the transfer between the servers."),
        "RFC 1034, 4.3.5",
    ),
}
