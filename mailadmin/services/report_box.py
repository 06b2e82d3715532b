"""The mailbox that reports arrive in, over IMAP: each letter once, marked, nothing deleted."""

import imaplib
import re
from dataclasses import replace

from django.conf import settings

from mailadmin.dns.reports.unpack import MOST_RAW
from mailadmin.health import canary
from mailadmin.health.canary import Account, Door, Failed
from mailadmin.posteio.client import Client
from mailadmin.services import dns_received
from mailadmin.services.canary import imap_door
from mailadmin.services.dns_received import Taken

READ = "PostieRead"
MOST = 200  # letters a run; the rest waits for the next
FOLDERS = ("INBOX", "Junk")


def is_wanted() -> bool:
    return bool(settings.REPORTS_MAILBOX)


def fetch(poste: Client) -> list[Taken]:
    """Raises canary.Failed when the mailbox cannot be read."""
    taken: list[Taken] = []
    with canary.reading(door(settings.REPORTS_IMAP), _account()) as imap:
        for folder in FOLDERS:
            if imap.select(folder)[0] != "OK":
                continue
            numbers = (imap.uid("SEARCH", "UNDELETED", "UNKEYWORD", READ)[1][0] or b"").split()
            for number in map(bytes.decode, numbers[: MOST - len(taken)]):
                if raw := _letter(imap, number):
                    taken += dns_received.take(poste, raw)
                imap.uid("STORE", number, "+FLAGS.SILENT", f"({READ})")
    return taken


def _letter(imap: imaplib.IMAP4, number: str) -> bytes:
    """Empty when it is too big to be a report."""
    told = imap.uid("FETCH", number, "(RFC822.SIZE)")[1]
    size = re.search(rb"RFC822\.SIZE (\d+)", told[0] if told and isinstance(told[0], bytes) else b"")
    if size is None or int(size[1]) > MOST_RAW:
        return b""
    answer = imap.uid("FETCH", number, "(BODY.PEEK[])")[1]
    return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), b"")


def _account() -> Account:
    """With its own password, or by the mail server's master user."""
    address, password = settings.REPORTS_MAILBOX, settings.REPORTS_PASSWORD
    if password or settings.REPORTS_IMAP:
        return Account(address=address, password=password)
    if not settings.IMAP_MASTER_USER:
        raise Failed("canary.no_login", "REPORTS_PASSWORD")
    user = f"{address}{settings.IMAP_MASTER_SEPARATOR}{settings.IMAP_MASTER_USER}"
    return Account(address=user, password=settings.IMAP_MASTER_PASSWORD)


def door(place: str) -> Door:
    """Our own mail server, or `host:port` with TLS somewhere else."""
    host, _, port = place.partition(":")
    if not host:
        return imap_door()
    return replace(
        imap_door(),
        host=host,
        port=int(port or 993),
        security="tls",
        ca_file="",
        server_name="",
        proxied=False,
    )
