"""The canary: its mailbox, its trips, and what they cost this month's error budget."""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from mailadmin.health import canary, proof
from mailadmin.health.canary import Account, Door, Failed
from mailadmin.health.reading import Reading, Status, fail, unknown, warn
from mailadmin.models import CanaryAccount, CanaryTrip
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import Duplicate, NotFound, PosteError
from mailadmin.posteio.resources import MailboxChange, NewMailbox
from mailadmin.services import dns_letters, passwords
from postie_web.lib import sealed

PURPOSE = "canary mailbox"
PATIENCE = 60.0  # seconds until it counts as missing
EVERY = timedelta(minutes=10)
SILENT = 2.5 * EVERY
KEPT = timedelta(days=100)
GOAL = 0.995  # of a month's trips


@dataclass(frozen=True, slots=True)
class Budget:
    """This month: `left` of `allowed` failures; `share` of trips that came home."""

    trips: int
    failures: int
    allowed: int
    share: float

    @property
    def left(self) -> int:
        return self.allowed - self.failures


def fly(poste: Client, patience: float = PATIENCE) -> CanaryTrip | None:
    """One trip; None when no canary is wanted."""
    address = settings.CANARY_MAILBOX
    if not address:
        return None
    trip = CanaryTrip(token=secrets.token_hex(16), at=timezone.now())
    try:
        found = account_for(poste, address)
    except PosteError as error:
        reading = fail(proof.PART, "canary.no_mailbox", said=type(error).__name__)
    else:
        reading = _trip(poste, found, trip, patience)
    trip.status, trip.code, trip.facts = str(reading.status), reading.code, dict(reading.facts)
    trip.milliseconds = reading.facts.get("milliseconds")
    trip.save()
    CanaryTrip.objects.filter(at__lt=trip.at - KEPT).delete()
    return trip


def _trip(poste: Client, account: Account, trip: CanaryTrip, patience: float) -> Reading:
    started = time.monotonic()
    try:
        _submit(poste, account, canary.letter(account, trip.token, trip.at))
        account = account_for(poste, account.address)
        found = canary.wait(imap_door(), account, trip.token, patience)
        milliseconds = round((time.monotonic() - started) * 1000)
        dns_letters.arrived(account.address, found.raw, milliseconds / 1000)
        reading = proof.judge(found, milliseconds, _key(poste, account.address), settings.POSTEIO_HOSTNAME)
    except Failed as error:
        reading = proof.failed(error)
    _sweep(account, trip.token)
    return reading


def _submit(poste: Client, account: Account, message: bytes) -> None:
    """A password that is no longer the mailbox' is made anew, once."""
    try:
        canary.submit(smtp_door(), account, message)
    except Failed as error:
        if error.code != "canary.no_login":
            raise
        CanaryAccount.objects.filter(address=account.address).delete()
        canary.submit(smtp_door(), account_for(poste, account.address), message)


def _sweep(account: Account, token: str) -> None:
    """Also finds what came home too late, and says so where it was counted as missing."""
    try:
        swept = canary.sweep(imap_door(), account)
    except Failed:
        return
    for found in swept:
        late = CanaryTrip.objects.filter(token=found.token, milliseconds=None).exclude(token=token).first()
        if late is None or found.stored is None:
            continue
        late.milliseconds = max(0, round((found.stored - late.at).total_seconds() * 1000))
        late.code, late.facts = "canary.late", {"seconds": round(late.milliseconds / 1000)}
        late.save()


def account_for(poste: Client, address: str) -> Account:
    """From the safe, or a mailbox made (or given a new password) now. Raises PosteError."""
    kept = CanaryAccount.objects.filter(address=address).first()
    password = sealed.unseal(kept.sealed_password, settings.SECRET_KEY, PURPOSE) if kept else None
    if password:
        return Account(address=address, password=password)
    password = passwords.generate()
    try:
        poste.mailboxes.create(NewMailbox(address=address, password=password, name="Postie canary"))
    except Duplicate:
        poste.mailboxes.update(address, MailboxChange(password=password))
    CanaryAccount.objects.update_or_create(
        address=address,
        defaults={"sealed_password": sealed.seal(password, settings.SECRET_KEY, PURPOSE)},
    )
    return Account(address=address, password=password)


def _key(poste: Client, address: str) -> proof.Key:
    domain = address.rpartition("@")[2]
    try:
        found = poste.domains.dkim(domain)
    except NotFound:
        return proof.Key(domain)
    except PosteError:
        return proof.Key(domain)
    return proof.Key(domain, found.selector, found.public)


def smtp_door() -> Door:
    return Door(
        host=settings.SMTP_HOST,
        port=settings.SMTP_PORT,
        security=settings.SMTP_SECURITY,
        ca_file=settings.SMTP_CA_FILE,
        server_name=settings.SMTP_SERVER_NAME,
        proxied=settings.SMTP_PROXY_PROTOCOL,
    )


def imap_door() -> Door:
    return Door(
        host=settings.IMAP_HOST,
        port=settings.IMAP_PORT,
        security=settings.IMAP_SECURITY,
        ca_file=settings.IMAP_CA_FILE,
        server_name=settings.IMAP_SERVER_NAME,
        proxied=settings.IMAP_PROXY_PROTOCOL,
    )


def reading(now: datetime) -> Reading:
    """The newest trip as a part of health; one that should have been and was not is a fault of ours."""
    if not settings.CANARY_MAILBOX:
        return unknown(proof.PART, "canary.unset")
    trip = CanaryTrip.objects.first()
    if trip is None:
        return unknown(proof.PART, "canary.never")
    if now - trip.at > SILENT:
        return warn(proof.PART, "canary.silent", minutes=round((now - trip.at).total_seconds() / 60))
    return of(trip)


def of(trip: CanaryTrip) -> Reading:
    critical = trip.code in proof.CRITICAL
    return Reading(proof.PART, Status(trip.status), trip.code, trip.facts, critical)


def budget(now: datetime) -> Budget:
    """Of the calendar month, in the server's time zone."""
    start = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    trips = CanaryTrip.objects.filter(at__gte=start, at__lte=now)
    total, failures = trips.count(), trips.filter(status=Status.FAIL).count()
    month = timedelta(days=30) / EVERY
    return Budget(total, failures, round(month * (1 - GOAL)), 1 - failures / total if total else 1.0)
