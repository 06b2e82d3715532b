"""Write to a zone by dynamic update. RFC 2136, signed with TSIG (RFC 8945)."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdataset
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.update

from .plan import TTL, Change, parse

SECONDS = 5.0
ALGORITHMS = ("hmac-sha256", "hmac-sha512", "hmac-sha384", "hmac-sha224")


class UpdateRefused(Exception):
    """`reason`: refused, unreachable, key: nothing was written. More of them: provider.apply."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Zone:
    """Where to write. `secret` is base64 and never shown."""

    name: str
    server: str
    key_name: str
    secret: str = field(repr=False)
    algorithm: str = "hmac-sha256"
    port: int = 53


def apply(zone: Zone, changes: Sequence[Change], ttl: int = TTL) -> None:
    """All or nothing (RFC 2136, 3.7)."""
    message = dns.update.UpdateMessage(
        dns.name.from_text(zone.name), keyring=_key(zone), keyname=dns.name.from_text(zone.key_name)
    )
    for change in changes:
        owner = dns.name.from_text(change.name)
        for value in change.old:
            message.delete(owner, parse(change.kind, value))
        for value in change.new:
            message.add(owner, ttl, parse(change.kind, value))
    try:
        answer = dns.query.tcp(message, zone.server, timeout=SECONDS, port=zone.port)
    except (OSError, dns.exception.Timeout) as error:
        raise UpdateRefused("unreachable", type(error).__name__) from None
    except (dns.exception.DNSException, ValueError) as error:
        raise UpdateRefused("key", type(error).__name__) from None
    if answer.rcode() != dns.rcode.NOERROR:
        raise UpdateRefused("refused", dns.rcode.to_text(answer.rcode()))


def _key(zone: Zone) -> dict[dns.name.Name, dns.tsig.Key]:
    try:
        base64.b64decode(zone.secret, validate=True)
        name = dns.name.from_text(zone.key_name)
    except (binascii.Error, ValueError, dns.exception.DNSException):
        raise UpdateRefused("key", "base64") from None
    return {name: dns.tsig.Key(name, zone.secret, zone.algorithm)}
