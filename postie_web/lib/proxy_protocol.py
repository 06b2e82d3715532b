"""PROXY protocol v2: tells a server behind us who is really calling. haproxy.org, proxy-protocol.txt §2.2."""

import ipaddress
import struct

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_PROXY, _LOCAL = 0x21, 0x20
_TCP4, _TCP6 = 0x11, 0x21


def header(source: str, destination: str, source_port: int = 0, destination_port: int = 0) -> bytes:
    """The octets to send before anything else. An unreadable `source` gives LOCAL: "it is only me"."""
    try:
        ends = [ipaddress.ip_address(source), ipaddress.ip_address(destination)]
    except ValueError:
        return SIGNATURE + struct.pack("!BBH", _LOCAL, 0, 0)
    if ends[0].version == ends[1].version == 4:
        family = _TCP4
    else:
        family = _TCP6
        ends = [ipaddress.IPv6Address(f"::ffff:{end}") if end.version == 4 else end for end in ends]
    body = ends[0].packed + ends[1].packed + struct.pack("!HH", source_port, destination_port)
    return SIGNATURE + struct.pack("!BBH", _PROXY, family, len(body)) + body
