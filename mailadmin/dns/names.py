"""Names and addresses in one spelling: lower case, A-labels, no trailing dot (rule E7)."""

import ipaddress
import re
from collections.abc import Iterable

import dns.name

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# RFC 6890 and its updates: addresses that no stranger can reach. The documentation ranges are not in
# the list: they are caught by "not ours" and serve as public addresses in tests and in the demo.
NOT_PUBLIC = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/128",
        "::1/128",
        "::ffff:0:0/96",
        "64:ff9b:1::/48",
        "100::/64",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
]
LABEL = re.compile(r"^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$")
HOST_LABEL = re.compile(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")


def normal(name: str) -> str:
    """`Büro.Example.` → `xn--bro-hoa.example`. Raises ValueError for what can be no name."""
    text = name.strip().rstrip(".")
    if text.isascii():
        return text.lower()
    try:
        encoded = dns.name.from_unicode(text, idna_codec=dns.name.IDNA_2008_UTS_46)
    except Exception as error:  # the idna package raises its own family, dnspython its own
        raise ValueError(f"{name!r} is not a domain name") from error
    return encoded.to_text(omit_final_dot=True).lower()


def readable(name: str) -> str:
    """The U-label form for people."""
    try:
        return dns.name.from_text(name).to_unicode(omit_final_dot=True, idna_codec=dns.name.IDNA_2008)
    except Exception:  # not IDNA after all: the name as it stands
        return name


def is_domain(name: str) -> bool:
    """A name that may carry mail: letters, digits, hyphens and at least one dot (RFC 1035, 2.3.1)."""
    labels = name.split(".")
    return len(name) <= 253 and len(labels) > 1 and all(HOST_LABEL.match(label) for label in labels)


def is_below(name: str, zone: str) -> bool:
    return name == zone or name.endswith("." + zone)


def parents(name: str) -> Iterable[str]:
    """`a.b.c` → `a.b.c`, `b.c`, `c`."""
    labels = name.split(".")
    return (".".join(labels[n:]) for n in range(len(labels)))


def address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]").removeprefix("IPv6:"))
    except ValueError:
        return None


def is_public(ip: Address) -> bool:
    return not any(ip in network for network in NOT_PUBLIC if network.version == ip.version)


def prefix(ip: Address) -> str:
    """The network two servers share when one router can take both away: /24 or /48 (RFC 2182, 3.1)."""
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


def reverse(ip: Address) -> str:
    return ip.reverse_pointer
