"""A letter to a cooperating mailbox elsewhere, read there: how the world judges our mail. Check G3."""

import secrets
import time

from django.conf import settings
from django.utils import timezone

from mailadmin.dns.finding import Finding
from mailadmin.health import canary
from mailadmin.health.canary import Account, Failed
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import PosteError
from mailadmin.services import canary as own
from mailadmin.services import dns_letters, report_box

PATIENCE = 180.0  # seconds; later than 60 is "slow"


def is_wanted() -> bool:
    return bool(settings.ECHO_ADDRESS and settings.ECHO_PASSWORD and settings.CANARY_MAILBOX)


def fly(poste: Client, patience: float = PATIENCE) -> list[Finding]:
    """One letter there; what was found stands in the domain's next report. Nothing of it stays there."""
    door = report_box.door(settings.ECHO_IMAP)
    there = Account(address=settings.ECHO_ADDRESS, password=settings.ECHO_PASSWORD)
    token = secrets.token_hex(16)
    try:
        account = own.account_for(poste, settings.CANARY_MAILBOX)
        message = canary.letter(account, token, timezone.now(), to=there.address)
        started = time.monotonic()
        canary.submit(own.smtp_door(), account, message, to=there.address)
    except (Failed, PosteError) as error:
        return dns_letters.unsent(settings.CANARY_MAILBOX, str(error))
    try:
        found = canary.wait(door, there, token, patience)
        seconds = time.monotonic() - started
        canary.sweep(door, there)
    except Failed as failed:
        if (
            failed.code != "canary.missing"
        ):  # the mailbox there could not be read: that says nothing of our mail
            return dns_letters.unsent(account.address, failed.said or failed.code)
        return dns_letters.arrived(account.address, message, None, external=True)
    return dns_letters.arrived(account.address, found.raw, seconds, external=True)
