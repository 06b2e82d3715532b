"""Who is on the other side: the visitor's address, believed only from our own proxies."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
MOST_HOPS = 20


def networks(names: Sequence[str]) -> tuple[Network, ...]:
    """`10.0.0.0/8`, `192.0.2.7` … → networks. ValueError names what is not one."""
    return tuple(ip_network(name.strip(), strict=False) for name in names if name.strip())


def is_trusted(peer: str, proxies: Sequence[Network]) -> bool:
    address = parse(peer)
    return address is not None and any(address in proxy for proxy in proxies)


def visitor(peer: str, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """
    The nearest address that is not one of our proxies, read from the right: what stands further left is
    only what a stranger wrote. `peer` is the other end of the TCP connection; "" when there is none.
    """
    here = parse(peer)
    for hop in reversed(forwarded_for.split(",")[-MOST_HOPS:]):
        if here is None or not any(here in proxy for proxy in proxies):
            break
        further = parse(hop)
        if further is None:
            break
        here = further
    return "" if here is None else str(here)


def parse(text: str) -> Address | None:
    """`192.0.2.7`, `192.0.2.7:4711`, `[2001:db8::1]:4711`, `::ffff:192.0.2.7` → address, or None."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
