"""Block lists. RFC 5782; checks B1 to B8: a refusal is never a listing, a dead list is never asked twice."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from .finding import Finding, Words, _, fail, info, ok, unknown, warn
from .names import Address, address
from .network import Network, State
from .subject import Subject

_ANSWERS = ipaddress.ip_network("127.0.0.0/8")
_ZERO = int(_ANSWERS.network_address)
_REFUSALS = ipaddress.ip_network("127.255.255.0/24")  # Spamhaus: bad question, open resolver, too many


@dataclass(frozen=True, slots=True)
class List:
    """`codes`: documented answers 127.0.0.x with their meaning; empty when any 127/8 answer means listed."""

    zone: str
    name: str
    serious: bool = False
    ipv6: bool = False
    codes: tuple[tuple[int, str], ...] = ()
    note: bool = False  # too many are on it for more than a note


SPAMHAUS = ((2, "SBL"), (3, "CSS"), (4, "XBL"), (5, "XBL"), (6, "XBL"), (7, "XBL"), (9, "DROP"))
LISTS = (
    List("zen.spamhaus.org", "Spamhaus ZEN", True, True, (*SPAMHAUS, (10, "PBL"), (11, "PBL"))),
    List("b.barracudacentral.org", "Barracuda", True, codes=((2, "BRBL"),)),
    List("bl.spamcop.net", "SpamCop", True, codes=((2, "SCBL"),)),
    List("bl.mailspike.net", "Mailspike", True, codes=((2, "Z"), (10, "L5"), (11, "L4"), (12, "L3"))),
    List("dnsbl-1.uceprotect.net", "UCEPROTECT 1", note=True, codes=((2, "L1"),)),
    List("psbl.surriel.com", "PSBL", codes=((2, "PSBL"),)),
)


# Lists a whole network (ASN) when many of its addresses misbehave: a note, never more.
WHOLE = List("dnsbl-3.uceprotect.net", "UCEPROTECT 3")
NEIGHBOURS = (1, 2, 3, 5, 9, 17, 33, 65)  # distances within the /24: a sample, never the whole network
MANY = 3


def check_block_lists(subject: Subject, net: Network) -> Iterator[Finding]:
    """B1 to B5 for every address, and B7: a small set that is alive."""
    found = list(check_lists(subject, net))
    yield from found
    if not found:
        return
    dead = sorted({str(f.facts["list"]) for f in found if f.code == "dnsbl.dead"})
    if all(f.code == "dnsbl.refused" for f in found):
        yield unknown("dnsbl.set-unmeasured")
    else:
        names = [block.name for block in LISTS]
        yield info("dnsbl.set-dead", lists=dead) if dead else ok("dnsbl.set", lists=names)


def check_neighbours(subject: Subject, net: Network) -> Iterator[Finding]:
    """B8: how the network around us behaves; eight questions for each IPv4 address, to one list."""
    block = LISTS[0]
    for ip in (ip for ip in subject.server.senders if ip.version == 4):
        yield from _whole_network(ip, net)
        on = facts = str(ip)
        if _health(ip, block, net):
            yield unknown("dnsbl.neighbours-unmeasured", on=on, address=facts)
            continue
        network = int(ip) & ~0xFF
        near = [ipaddress.ip_address(network | (int(ip) + step) & 0xFF) for step in NEIGHBOURS]
        bad = [str(other) for other in near if _is_listed(other, block, net)]
        told = {"address": facts, "listed": bad, "count": len(bad), "asked": len(near)}
        if len(bad) >= MANY:
            yield warn("dnsbl.neighbours-bad", on=on, **told)
        elif bad:
            yield info("dnsbl.neighbours-some", on=on, **told)
        else:
            yield ok("dnsbl.neighbours", on=on, **told)


def _whole_network(ip: Address, net: Network) -> Iterator[Finding]:
    facts = {"address": str(ip), "list": WHOLE.name}
    if _health(ip, WHOLE, net):
        yield unknown("dnsbl.asn-unmeasured", on=str(ip), **facts)
        return
    answer = net.ask(question(ip, WHOLE.zone), "A")
    codes = [code for record in answer.records if (code := address(record)) is not None]
    if not answer.measured or any(code not in _ANSWERS or code in _REFUSALS for code in codes):
        yield unknown("dnsbl.asn-unmeasured", on=str(ip), **facts)
    elif codes:
        yield warn("dnsbl.asn-listed", on=str(ip), **facts)
    else:
        yield ok("dnsbl.asn", on=str(ip), **facts)


def _is_listed(ip: Address, block: List, net: Network) -> bool:
    """For spam or abuse; the policy list says nothing about behaviour."""
    codes = [code for record in net.ask(question(ip, block.zone), "A").records if (code := address(record))]
    bad = {number for number, word in block.codes if word != "PBL"}
    return any(code in _ANSWERS and code not in _REFUSALS and int(code) - _ZERO in bad for code in codes)


def check_lists(subject: Subject, net: Network, lists: tuple[List, ...] = LISTS) -> Iterator[Finding]:
    for block in lists:
        for ip in subject.server.senders:
            if ip.version == 6 and not block.ipv6:
                continue
            yield from _one(ip, block, net)


@dataclass(frozen=True, slots=True)
class DomainList:
    """`known`: a name that is always listed, to see whether the list lives and answers us."""

    zone: str
    name: str
    known: str
    wrong: str = ""  # "you asked wrongly", or a refusal


DOMAIN_LISTS = (
    DomainList("dbl.spamhaus.org", "Spamhaus DBL", "dbltest.com", "127.0.1.255"),
    DomainList("multi.surbl.org", "SURBL", "surbl-org-permanent-test-point.com"),
    DomainList("multi.uribl.com", "URIBL", "test.uribl.com", "127.0.0.1"),
)


def check_domains(
    subject: Subject, net: Network, lists: tuple[DomainList, ...] = DOMAIN_LISTS
) -> Iterator[Finding]:
    """B6: the mail domain and the greeting's."""
    for block in lists:
        for name in sorted({subject.name, subject.server.name} - {""}):
            yield from _domain(name, block, net)


def _domain(name: str, block: DomainList, net: Network) -> Iterator[Finding]:
    facts = {"address": name, "list": block.name}
    on = f"{block.zone} {name}"
    health = _codes(block.known, block, net)
    found = _codes(name, block, net) if health else []
    if health is None or found is None:
        yield unknown("dnsbl.refused", on=on, **facts)
    elif not health:
        yield unknown("dnsbl.dead", on=on, **facts)
    elif found:
        yield fail("dnsbl.domain", on=on, kind=found, **facts)
    else:
        yield ok("dnsbl.domain-clean", on=on, **facts)


def _codes(name: str, block: DomainList, net: Network) -> list[str] | None:
    """None: refused, or no answer."""
    answer = net.ask(f"{name}.{block.zone}", "A")
    codes = [code for record in answer.records if (code := address(record)) is not None]
    bad = any(c not in _ANSWERS or c in _REFUSALS or str(c) == block.wrong for c in codes)
    return None if bad or not answer.measured else [str(code) for code in codes]


def question(ip: Address, zone: str) -> str:
    """RFC 5782, 2.1 and 2.4: reversed octets, or 32 reversed nibbles, each a label of its own."""
    return f"{ip.reverse_pointer.rpartition('.')[0].rpartition('.')[0]}.{zone}"


def _one(ip: Address, block: List, net: Network) -> Iterator[Finding]:
    facts = {"address": str(ip), "list": block.name}
    on = f"{block.zone} {ip}"
    health = _health(ip, block, net)
    if health:
        yield unknown(health, on=on, **facts)
        return
    answer = net.ask(question(ip, block.zone), "A")
    codes = [code for record in answer.records if (code := address(record)) is not None]
    if not answer.measured or any(code not in _ANSWERS or code in _REFUSALS for code in codes):
        yield unknown("dnsbl.refused", on=on, **facts)
    elif not codes:
        yield from _clean(ip, block, net, on)
    else:
        yield from _listed(codes, block, on, facts)


def _clean(ip: Address, block: List, net: Network, on: str) -> Iterator[Finding]:
    """B2: of IPv6 many lists hold whole /64 networks, which are asked for by their first address."""
    facts = {"address": str(ip), "list": block.name}
    if ip.version == 4:
        yield ok("dnsbl.clean", on=on, **facts)
        return
    first = ipaddress.ip_address(int(ip) >> 64 << 64)
    if first != ip and _is_listed(first, block, net):
        yield warn("dnsbl.network-listed", on=on, **facts)
    else:
        yield ok("dnsbl.clean-ipv6", on=on, **facts)


def _listed(codes: list[Address], block: List, on: str, facts: dict[str, str]) -> Iterator[Finding]:
    meanings = dict(block.codes)
    known = [meanings.get(int(code) - _ZERO, "") for code in codes]
    if block.codes and not any(known):
        yield unknown("dnsbl.refused", on=on, **facts)
    elif set(known) == {"PBL"}:
        yield warn("dnsbl.policy", on=on, **facts)
    elif block.serious:
        yield fail("dnsbl.listed", on=on, kind=sorted({word for word in known if word}) or "—", **facts)
    else:
        yield (info if block.note else warn)("dnsbl.listed-minor", on=on, **facts)


def _health(ip: Address, block: List, net: Network) -> str:
    """RFC 5782, 5: 127.0.0.2 is always listed, 127.0.0.1 never; both or none means the list is dead."""
    listed, clean = ("127.0.0.2", "127.0.0.1")
    if ip.version == 6:
        listed, clean = ("::ffff:7f00:2", "::ffff:7f00:1")
    must = net.ask(question(ipaddress.ip_address(listed), block.zone), "A")
    never = net.ask(question(ipaddress.ip_address(clean), block.zone), "A")
    if not must.measured or not never.measured or any(r.startswith("127.255.255.") for r in must.records):
        return "dnsbl.refused"
    if must.state is not State.FOUND or never.state is State.FOUND:
        return "dnsbl.dead"
    return ""


WORDS = {
    "dnsbl.clean": Words("B1", _("%(address)s is not on %(list)s."), rfc="RFC 5782"),
    "dnsbl.clean-ipv6": Words(
        "B2", _("%(address)s and its network are not on %(list)s."), rfc="RFC 5782, 2.4"
    ),
    "dnsbl.network-listed": Words(
        "B2",
        _("The /64 network of %(address)s is on the block list %(list)s."),
        _("Receivers count it for every address in it."),
        _("Ask the provider for a network of your own, or the list to remove it."),
        "RFC 5782, 2.4",
    ),
    "dnsbl.set": Words("B7", _("All lists that are asked are alive: %(lists)s.")),
    "dnsbl.set-dead": Words("B7", _("These lists are dead and not counted: %(lists)s.")),
    "dnsbl.set-unmeasured": Words("B7", _("No list answered.")),
    "dnsbl.neighbours": Words("B8", _("None of %(asked)s neighbours of %(address)s is on a block list.")),
    "dnsbl.neighbours-some": Words(
        "B8", _("%(count)s of %(asked)s neighbours of %(address)s are on a block list: %(listed)s.")
    ),
    "dnsbl.neighbours-bad": Words(
        "B8",
        _("%(count)s of %(asked)s neighbours of %(address)s are on a block list: %(listed)s."),
        _("Receivers distrust the whole network, and the next listing may include you."),
        _("Ask the hosting provider, or move to a network with a better name."),
    ),
    "dnsbl.asn": Words("B8", _("The whole network of %(address)s (ASN) is not on %(list)s.")),
    "dnsbl.asn-listed": Words(
        "B8",
        _("The whole network of %(address)s (ASN) is on %(list)s."),
        _("Some receivers give points for it, however well you behave."),
        _("Ask the hosting provider, or move to a network with a better name."),
    ),
    "dnsbl.asn-unmeasured": Words("B8", _("%(list)s did not answer about the network of %(address)s.")),
    "dnsbl.neighbours-unmeasured": Words("B8", _("The neighbours of %(address)s could not be looked up.")),
    "dnsbl.listed": Words(
        "B1",
        _("%(address)s is on the block list %(list)s (%(kind)s)."),
        _("Many receivers refuse your mail: “550 5.7.1 … blocked using …”."),
        _("Find out what was sent, stop it, then ask the list to remove the address."),
        "RFC 5782",
    ),
    "dnsbl.domain-clean": Words("B6", _("%(address)s is not on %(list)s.")),
    "dnsbl.domain": Words(
        "B6",
        _("The domain %(address)s is on the block list %(list)s (%(kind)s)."),
        _("Mail that only mentions it is refused: “550 5.7.1 … URL blocked”."),
        _("Find out what was sent or hosted, stop it, then ask the list to remove the domain."),
    ),
    "dnsbl.listed-minor": Words(
        "B1",
        _("%(address)s is on the small block list %(list)s."),
        _("Some receivers give points for it."),
        _("Find out what was sent, then ask the list to remove the address."),
    ),
    "dnsbl.policy": Words(
        "B5",
        _("%(address)s is on the policy list of %(list)s: its provider says no server should send from it."),
        _("Many receivers refuse your mail."),
        _("Ask the provider, or remove it on the list’s page."),
    ),
    "dnsbl.refused": Words(
        "B3",
        _("%(list)s did not answer about %(address)s."),
        "",
        _("Use your own resolver, or a free key of the list."),
    ),
    "dnsbl.dead": Words("B4", _("%(list)s does not work any more and is ignored.")),
}
