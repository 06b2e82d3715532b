"""From Traefik's acme.json into the mail server, and the proof on every port that it is served."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from mailadmin.health import acme, certificate, install, ports
from mailadmin.health.acme import Pair
from mailadmin.health.reading import Reading, fail, ok, unknown, warn
from mailadmin.models import CertificateInstall

PART = "acme"
TRIES, PAUSE = 3, 0.5  # Traefik writes acme.json in place: a half one is whole a moment later
PROOF_SECONDS = 20.0  # the bundled server looks every two seconds
PORT_SECONDS = 5.0
KEPT = 50
STALE = timedelta(hours=3)


class Failed(Exception):
    """A code of words.py, and its facts."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True, slots=True)
class Port:
    """What one port serves now. `current`: the installed certificate."""

    name: str
    port: int
    found: certificate.Certificate | None
    current: bool


def wanted(now: datetime) -> Pair:
    """Traefik's best for our name. Raises Failed."""
    if not settings.ACME_JSON or not settings.MAIL_TLS_DIR:
        raise Failed("acme.unset")
    for attempt in range(TRIES):
        try:
            found = acme.pairs(_read(Path(settings.ACME_JSON)))
            break
        except acme.Unreadable:
            if attempt + 1 == TRIES:
                raise Failed("acme.unreadable", said="half written") from None
            time.sleep(PAUSE)
        except OSError as error:
            raise Failed("acme.unreadable", said=type(error).__name__) from None
    pair = acme.best(found, settings.POSTEIO_HOSTNAME, now)
    if pair is None:
        raise Failed("acme.missing", host=settings.POSTEIO_HOSTNAME)
    return pair


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(acme.MOST_BYTES)


def renew(now: datetime | None = None, proof_seconds: float = PROOF_SECONDS) -> Reading:
    """Installs what is new, and proves it. Written down when something was installed or is wrong."""
    now = now or timezone.now()
    try:
        reading = _renew(now, proof_seconds)
    except Failed as error:
        make = {"acme.unset": unknown, "acme.missing": fail}.get(error.code, warn)
        reading = make(PART, error.code, **error.facts)
    if reading.code != "acme.unset":  # another container may be the one that installs
        _keep(now, reading)
    return reading


def _renew(now: datetime, proof_seconds: float) -> Reading:
    pair, folder = wanted(now), Path(settings.MAIL_TLS_DIR)
    try:
        changed = install.put(folder, pair)
    except OSError as error:
        raise Failed("acme.not_written", path=str(folder), said=type(error).__name__) from None
    seen = proof(pair.leaf.fingerprint, proof_seconds if changed else 0)
    old = [port.name for port in seen if not port.current]
    facts = {
        "ends": pair.leaf.ends.date().isoformat(),
        "days": int((pair.leaf.ends - now).total_seconds() // 86400),
        "fingerprint": pair.leaf.fingerprint,
        "changed": changed,
        "old": ", ".join(old),
        "ports": ", ".join(port.name for port in seen),
    }
    if old:
        return fail(PART, "acme.not_served", **facts)
    if pair.leaf.ends.timestamp() - now.timestamp() < certificate.WARN_DAYS * 86400:
        return warn(PART, "acme.ends_soon", **facts)
    return ok(PART, "acme.served", **facts)


def proof(fingerprint: str, seconds: float) -> list[Port]:
    """Every mail port, asked until all serve it or the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        seen = served(fingerprint)
        if all(port.current for port in seen) or time.monotonic() >= deadline:
            return seen
        time.sleep(PAUSE)


def served(fingerprint: str = "") -> list[Port]:
    """https is Traefik's own and not asked."""
    places = ports.places(settings.HEALTH_PORTS, settings.HEALTH_HOST, settings.POSTEIO_HOSTNAME)
    found = []
    for place in places:
        if place.name == "https":
            continue
        _reading, shown = ports.ask(place, settings.POSTEIO_HOSTNAME, settings.IMAP_CA_FILE, PORT_SECONDS)
        try:
            leaf = certificate.read(shown.der) if shown.der else None
        except ValueError:
            leaf = None
        found.append(Port(place.name, place.port, leaf, bool(leaf and leaf.fingerprint == fingerprint)))
    return found


def installed() -> Pair | None:
    try:
        return install.installed(Path(settings.MAIL_TLS_DIR)) if settings.MAIL_TLS_DIR else None
    except OSError:
        return None


def reading() -> Reading:
    """What the last look said."""
    last = CertificateInstall.objects.first()
    if last is None or timezone.now() - last.seen_at > STALE:
        return unknown(PART, "acme.unset")
    return Reading.from_json(last.reading)


def _keep(now: datetime, found: Reading) -> None:
    last = CertificateInstall.objects.first()
    same = last and last.reading["code"] == found.code
    if last and same and not found.facts.get("changed"):
        last.reading = found.to_json()
        last.seen_at = now
        last.save()
        return
    CertificateInstall.objects.create(at=now, seen_at=now, reading=found.to_json())
    spare = CertificateInstall.objects.values_list("pk", flat=True)[KEPT:]
    CertificateInstall.objects.filter(pk__in=list(spare)).delete()
