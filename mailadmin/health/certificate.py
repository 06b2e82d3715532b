"""Is the certificate right: its names, its days, and the same one on every port?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from .ports import Served
from .reading import Reading, fail, ok, unknown, warn

WARN_DAYS, FAIL_DAYS = 14, 5  # Let's Encrypt renews 30 days before the end: two weeks late is a fault


@dataclass(frozen=True, slots=True)
class Certificate:
    """What we need of one. `fingerprint`: SHA-256 in hexadecimal."""

    fingerprint: str
    names: tuple[str, ...]
    starts: datetime
    ends: datetime
    issuer: str = ""

    def covers(self, name: str) -> bool:
        """RFC 6125, 6.4.3: a star stands for exactly the first label."""
        wanted = name.lower().rstrip(".")
        return wanted in self.names or f"*.{wanted.partition('.')[2]}" in self.names


def read(der: bytes) -> Certificate:
    """Raises ValueError."""
    return of(x509.load_der_x509_certificate(der))


def of(found: x509.Certificate) -> Certificate:
    common = found.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Certificate(
        fingerprint=found.fingerprint(hashes.SHA256()).hex(),
        names=_names(found),
        starts=found.not_valid_before_utc,
        ends=found.not_valid_after_utc,
        issuer=str(common[0].value) if common else found.issuer.rfc4514_string(),
    )


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(name.lower() for name in extension.value.get_values_for_type(x509.DNSName))


def judge(served: Sequence[Served], hostname: str, now: datetime) -> list[Reading]:
    """One reading per port that showed a certificate, one about them all. `now` has a time zone."""
    shown = [one for one in served if one.der]
    if not shown:
        return [unknown("certificate", "certificate.none")]
    found: dict[str, Certificate] = {}
    readings = []
    for one in shown:
        part = f"certificate.{one.place.name}"
        try:
            found[one.place.name] = certificate = read(one.der)
        except ValueError:
            readings.append(fail(part, "certificate.unreadable", name=one.place.name))
            continue
        readings.append(_one(part, certificate, one, hostname, now))
    return [*readings, _together(found)]


def _one(part: str, certificate: Certificate, served: Served, hostname: str, now: datetime) -> Reading:
    days = int((certificate.ends - now).total_seconds() // 86400)
    facts = {
        "name": served.place.name,
        "host": hostname,
        "days": days,
        "ends": certificate.ends.date().isoformat(),
        "ends_at": int(certificate.ends.timestamp()),
        "issuer": certificate.issuer,
        "fingerprint": certificate.fingerprint,
    }
    if now >= certificate.ends:
        return fail(part, "certificate.expired", **facts)
    if now < certificate.starts:
        return fail(part, "certificate.not_yet", starts=certificate.starts.date().isoformat(), **facts)
    if not certificate.covers(hostname):
        return fail(part, "certificate.wrong_name", names=", ".join(certificate.names[:5]) or "–", **facts)
    if days < FAIL_DAYS:
        return fail(part, "certificate.ends_now", **facts)
    if days < WARN_DAYS:
        return warn(part, "certificate.ends_soon", **facts)
    if served.distrust:
        return warn(part, "certificate.untrusted", said=served.distrust, **facts)
    return ok(part, "certificate.good", **facts)


def _together(found: dict[str, Certificate]) -> Reading:
    """The classic fault: renewed for the web, while a mail port still shows the old one."""
    if len({certificate.fingerprint for certificate in found.values()}) <= 1:
        return ok("certificate", "certificate.same", ports=", ".join(found))
    newest = max(found.values(), key=lambda certificate: certificate.starts)
    old = [name for name, certificate in found.items() if certificate.fingerprint != newest.fingerprint]
    return warn("certificate", "certificate.differs", old=", ".join(old))
