"""Reverse DNS of every address we send from. RFC 1912, 2.1; 8601 (iprev); checks R1 to R6."""

import re
from collections.abc import Iterator

from .finding import Finding, Words, _, fail, not_applicable, ok, warn
from .names import Address, reverse
from .network import Network
from .subject import Subject

GENERIC = re.compile(
    r"(^|[.\-_\d])(dyn|dynamic|dsl|adsl|pool|static|dhcp|vps|ppp|cable|customer)([.\-_\d]|$)"
)
MOST_NAMES = 10


def check_reverse(subject: Subject, net: Network) -> Iterator[Finding]:
    if not subject.server.senders:
        yield not_applicable("reverse.ours-unknown")
    for ip in subject.server.senders:
        yield from _address(subject, ip, net)


def _address(subject: Subject, ip: Address, net: Network) -> Iterator[Finding]:
    on, wanted = str(ip), subject.server.name
    names = [text.rstrip(".").lower() for text in net.lookup(reverse(ip), "PTR").records][:MOST_NAMES]
    if not names:
        code = "reverse.missing" if ip.version == 4 else "reverse.missing-ipv6"
        yield fail(code, on=on, address=on, record=f"{reverse(ip)}. IN PTR {wanted}.")
        return
    yield (
        warn("reverse.several", on=on, address=on, names=names)
        if len(names) > 1
        else ok("reverse.present", on=on, address=on, name=names[0])
    )
    back = [name for name in names if ip in net.addresses(name)]
    if not back:
        yield fail("reverse.no-way-back", on=on, address=on, names=names)
    else:
        yield ok("reverse.way-back", on=on, address=on, name=back[0])
        yield (
            ok("reverse.same", on=on, name=wanted)
            if wanted in back
            else warn("reverse.other-name", on=on, address=on, names=back, wanted=wanted)
        )
    generic = [name for name in names if is_generic(name, ip)]
    yield (
        warn("reverse.generic", on=on, names=generic, wanted=wanted)
        if generic
        else ok("reverse.own", on=on, name=names[0])
    )
    if ip in net.addresses(wanted):
        yield ok("reverse.ehlo", on=on, name=wanted)
    else:
        yield fail("reverse.ehlo-elsewhere", on=on, name=wanted, address=on)


def is_generic(name: str, ip: Address) -> bool:
    """Names a provider gives to everybody: they carry the address, or say "dynamic"."""
    if GENERIC.search(name):
        return True
    if ip.version == 6:
        return False
    octets = str(ip).split(".")
    numbers = re.findall(r"\d+", name)
    wanted = [str(int(octet)) for octet in octets]
    found = [str(int(number)) for number in numbers]
    runs = [found[n : n + 3] for n in range(len(found) - 2)]
    return wanted[:3] in runs or wanted[1:] in runs or wanted[::-1][:3] in runs or wanted[::-1][1:] in runs


_REJECT = _("Gmail and Outlook refuse such mail: “550 5.7.25 The IP address does not have a PTR record”.")
_AT_PROVIDER = _("The owner of the address (your hosting provider) sets this: ask for the name %(wanted)s.")
WORDS = {
    "reverse.ours-unknown": Words("R1", _("The addresses this server sends from are not set yet.")),
    "reverse.missing": Words(
        "R1",
        _("The address %(address)s has no name (PTR)."),
        _REJECT,
        _("Ask the owner of the address (your hosting provider) for this record."),
        "RFC 1912, 2.1",
    ),
    "reverse.missing-ipv6": Words(
        "R6",
        _("The IPv6 address %(address)s has no name (PTR)."),
        _REJECT,
        _("Ask your hosting provider for this record, or send over IPv4 only."),
        "RFC 1912, 2.1",
    ),
    "reverse.present": Words("R1", _("The address %(address)s is called %(name)s.")),
    "reverse.several": Words(
        "R1",
        _("The address %(address)s has several names: %(names)s."),
        _("Receivers pick one at random; a wrong pick looks suspicious."),
        _("Keep one name."),
        "RFC 1912, 2.1",
    ),
    "reverse.way-back": Words("R2", _("%(name)s leads back to %(address)s."), rfc="RFC 8601, 2.7.3"),
    "reverse.no-way-back": Words(
        "R2",
        _("The name of %(address)s (%(names)s) does not lead back to it."),
        _REJECT,
        _("Publish an A or AAAA record for that name, or correct the PTR."),
        "RFC 8601, 2.7.3",
    ),
    "reverse.same": Words("R3", _("The server greets with the same name: %(name)s.")),
    "reverse.other-name": Words(
        "R3",
        _("%(address)s is called %(names)s, but the server greets as %(wanted)s."),
        _("Spam filters give points for that."),
        _AT_PROVIDER,
        "RFC 5321, 4.1.1.1",
    ),
    "reverse.own": Words("R4", _("%(name)s is a name of its own.")),
    "reverse.generic": Words(
        "R4",
        _("%(names)s looks like a customer connection."),
        _("Many servers refuse such names as “dynamic”."),
        _AT_PROVIDER,
    ),
    "reverse.ehlo": Words("R5", _("The greeting name %(name)s has this address.")),
    "reverse.ehlo-elsewhere": Words(
        "R5",
        _("The greeting name %(name)s does not have the address %(address)s."),
        _("Receivers answer “Helo command rejected: Host not found”."),
        _("Publish the address record of %(name)s."),
        "RFC 5321, 4.1.4",
    ),
}
