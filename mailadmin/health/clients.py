"""Does the mail server see who is really calling, or only the proxy in front of it?"""

import ipaddress
from collections import Counter
from collections.abc import Sequence

from .reading import Reading, ok, unknown, warn

LEAST = 20  # strangers; fewer prove nothing
PART = "clients"


def judge(addresses: Sequence[str]) -> Reading:
    """`addresses` of strangers at the door, newest first. One private address for everybody is a proxy."""
    if len(addresses) < LEAST:
        return unknown(PART, "clients.few", count=len(addresses))
    address, count = Counter(addresses).most_common(1)[0]
    if count >= 0.95 * len(addresses) and _is_inside(address):
        return warn(PART, "clients.proxy", address=address, count=count)
    return ok(PART, "clients.seen", count=len(set(addresses)))


def _is_inside(address: str) -> bool:
    try:
        return not ipaddress.ip_address(address.removeprefix("IPv6:")).is_global
    except ValueError:
        return False
