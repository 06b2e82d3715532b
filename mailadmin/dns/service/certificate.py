"""One certificate: what it says, and how strong it is. RFC 5280, 6125; checks V7 and V8. Pure."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mailadmin.dns.finding import Finding, fail, info, ok, warn
from mailadmin.dns.names import address


@dataclass(frozen=True, slots=True)
class Certificate:
    der: bytes
    serial: int
    names: tuple[str, ...]
    begins: datetime
    ends: datetime
    issuer: str
    self_signed: bool
    kind: str  # RSA, EC, Ed25519 …
    bits: int
    curve: str
    hash: str
    spki: bytes

    def covers(self, name: str) -> bool:
        """RFC 6125, 6.4.3: a wildcard stands for the whole left-most label."""
        return any(
            pattern == name or (pattern.startswith("*.") and pattern[2:] == name.partition(".")[2])
            for pattern in self.names
        )

    def days(self, now: datetime) -> int:
        return (self.ends - now).days

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.der).hexdigest()[:16]


def read(der: bytes) -> Certificate | None:
    """None when nobody could read it."""
    try:
        found = x509.load_der_x509_certificate(der)
        key = found.public_key()
        kind, bits, curve = _key(key)
        hashed = found.signature_hash_algorithm
        return Certificate(
            der,
            found.serial_number,
            _names(found),
            found.not_valid_before_utc,
            found.not_valid_after_utc,
            found.issuer.rfc4514_string()[:120],
            found.issuer == found.subject,
            kind,
            bits,
            curve,
            hashed.name if hashed else "",
            key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    names = [name.lower() for name in extension.get_values_for_type(x509.DNSName)]
    return (*names, *(str(ip) for ip in extension.get_values_for_type(x509.IPAddress)))


def _key(key: object) -> tuple[str, int, str]:
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size, ""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.key_size, key.curve.name
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519", 256, ""
    if isinstance(key, ed448.Ed448PublicKey):
        return "Ed448", 456, ""
    return ("DSA", key.key_size, "") if isinstance(key, dsa.DSAPublicKey) else ("?", 0, "")


def judge_key(cert: Certificate, on: str) -> Iterator[Finding]:
    """V7, V8: NCSC-NL 2025-05, tables 3 and 9."""
    facts = {"kind": cert.kind, "bits": cert.bits, "host": on}
    if cert.kind in ("RSA", "DSA") and cert.bits < 1024:
        yield fail("tls.key-broken", on=on, **facts)
    elif (cert.kind in ("RSA", "DSA") and cert.bits < 2048) or (cert.kind == "EC" and cert.bits < 256):
        yield warn("tls.key-weak", on=on, **facts)
    elif cert.kind == "RSA" and cert.bits < 3072:
        yield info("tls.key-ageing", on=on, **facts)
    else:
        yield ok("tls.key", on=on, **facts)
    if cert.hash in ("sha1", "md5"):
        yield fail("tls.signature-broken", on=on, hash=cert.hash.upper(), host=on)
    elif cert.hash == "sha224":
        yield warn("tls.signature-weak", on=on, hash=cert.hash.upper(), host=on)
    else:
        yield ok("tls.signature", on=on, hash=cert.hash.upper() or cert.kind, host=on)


def missing_names(cert: Certificate, names: list[str]) -> list[str]:
    return [name for name in names if not cert.covers(name) and address(name) is None]
