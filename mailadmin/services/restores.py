"""Bringing mail back from a backup: what is wanted, how much that is, and asking for it.

The work itself is in restoring.py; here nothing waits for long.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mailadmin import connections
from mailadmin.backup import accounts as copies
from mailadmin.backup import layout
from mailadmin.backup.archive import NothingThere
from mailadmin.backup.past import Look, Past, forget_moments
from mailadmin.backup.results import Snapshot
from mailadmin.models import Restore
from mailadmin.posteio.client import Client
from mailadmin.services import audit, undelete
from mailadmin.services.audit import Actor
from mailadmin.services.errors import Refused
from postie_web.lib import sealed

STALE = timedelta(minutes=2)
MOST_ATTEMPTS = 10
MOST_CHOSEN = 5000
PURPOSE = "restore passwords"
_NO_KEY = _(
    "Nobody knows the passwords of your people, so Postie needs a master user of the mail server to put mail "
    "back. Set IMAP_MASTER_USER and IMAP_MASTER_PASSWORD (docs/restore.md)."
)
_NO_DISK = _(
    "Postie may not write into the mail server's data here. On the server, as root: see “Without IMAP” in "
    "docs/restore.md."
)
_NOT_BOTH = _("A mailbox is made again by the mail server itself: without it only mailboxes that are there.")
_NOT_THERE = _("This mailbox is not in the backup of that moment. Choose an earlier one.")
_NOTHING = _("There is nothing to bring back.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`folder` as the backup names it; "" is the inbox. `keys`: catalogue.Kept.key of single messages."""

    scope: str
    target: str = ""
    folder: str = ""
    keys: tuple[str, ...] = ()
    recreate: bool = False
    into_maildir: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    what: str
    messages: int
    bytes: int = 0
    is_gone: bool = False  # the mailbox does not exist any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    lines: tuple[Line, ...]
    messages: int
    bytes: int

    @property
    def gone(self) -> list[Line]:
        return [line for line in self.lines if line.is_gone]


def preview(poste: Client, past: Past, moment: Snapshot, wish: Wish) -> Preview:
    """What would come back, by folder or by mailbox. Raises Refused."""
    if wish.scope in (Restore.Scope.EVERYTHING, Restore.Scope.DOMAIN):
        return _summed(_mailboxes(past, moment, wish.target, _here(poste, wish)))
    look = _look(past, moment, wish.target)
    if wish.scope == Restore.Scope.MESSAGES:
        rows = look.catalogue.find(look.id, list(wish.keys))
        return _summed([Line(what=wish.target, messages=len(rows), bytes=sum(row.size for row in rows))])
    gone = wish.scope == Restore.Scope.MAILBOX and wish.target not in _here(poste, wish)
    return _summed(
        [
            Line(what=name, messages=count.messages, bytes=count.bytes, is_gone=gone)
            for name, count in look.folders()
            if wish.scope == Restore.Scope.MAILBOX or count.folder == wish.folder
        ]
    )


def _here(poste: Client, wish: Wish) -> set[str]:
    """Mailboxes that are there now; where the server may be down, the disk is asked."""
    if wish.into_maildir:
        data = connections.backup_data()
        return {home.address for home in layout.homes(data)} if data else set()
    if "@" in wish.target:
        return {wish.target} if undelete.exists(poste, wish.target) else set()
    return {box.address for box in poste.mailboxes.all(query=wish.target)}


def _mailboxes(past: Past, moment: Snapshot, domain: str, here: Collection[str]) -> list[Line]:
    archive = past.archive(moment)
    counted = copies.manifest(archive).get("mailboxes") or {}
    lines = []
    for place in archive.places(domain):
        folders = (counted.get(place.address) or {}).get("folders") or {}
        if not folders:
            found = past.look(moment, place.address).folders()
            folders = {name: {"messages": c.messages, "bytes": c.bytes} for name, c in found}
        lines.append(
            Line(
                what=place.address,
                messages=sum(int(one["messages"]) for one in folders.values()),
                bytes=sum(int(one["bytes"]) for one in folders.values()),
                is_gone=place.address not in here,
            )
        )
    return lines


def _summed(lines: Sequence[Line]) -> Preview:
    return Preview(
        lines=tuple(lines),
        messages=sum(line.messages for line in lines),
        bytes=sum(line.bytes for line in lines),
    )


def deleted(poste: Client, past: Past, moment: Snapshot, domain: str | None) -> list[str]:
    """Mailboxes that were there then and are gone now."""
    here = {box.address for box in poste.mailboxes.all(query=domain or "")}
    try:
        places = past.archive(moment).places(domain or "")
    except NothingThere:
        return []
    return [place.address for place in places if place.address not in here]


def create(actor: Actor, moment: Snapshot, wish: Wish, expected: Preview) -> Restore:
    """Writes the wish down; the caller puts it into the queue. Raises Refused."""
    if wish.into_maildir:
        _check_disk(wish)
    elif not settings.IMAP_MASTER_USER or not settings.IMAP_MASTER_PASSWORD:
        raise Refused(_NO_KEY)
    if not expected.messages and not expected.gone:
        raise Refused(_NOTHING)
    facts = {
        "moment": moment.time.isoformat(timespec="seconds"),
        "scope": wish.scope,
        "messages": expected.messages,
    }
    if wish.folder:
        facts["folder"] = wish.folder
    with audit.change(actor, "restore.create", wish.target or settings.POSTEIO_HOSTNAME, after=facts):
        return Restore.objects.create(
            by=actor.address,
            snapshot=moment.id,
            moment=moment.time,
            scope=wish.scope,
            target=wish.target,
            domain=wish.target.rpartition("@")[2],
            folder=wish.folder,
            keys=list(wish.keys)[:MOST_CHOSEN],
            recreate=wish.recreate,
            into_maildir=wish.into_maildir,
            wanted=expected.messages,
        )


def can_write_maildirs() -> bool:
    """Whether this process may put files into the mail server's data: with Compose it may not."""
    data = connections.backup_data()
    return data is not None and os.access(data / layout.mail_root(data), os.W_OK)


def _check_disk(wish: Wish) -> None:
    if not can_write_maildirs():
        raise Refused(_NO_DISK)
    if wish.recreate:
        raise Refused(_NOT_BOTH)


def write_down_look(actor: Actor, address: str, moment: Snapshot, what: str = "") -> None:
    """Whoever looks into somebody's past mail leaves a line."""
    facts = {"moment": moment.time.isoformat(timespec="seconds"), "folder": what}
    with audit.change(actor, "restore.look", address, after=facts):
        """There is nothing to ask the mail server."""


def cancel(job: Restore) -> None:
    Restore.objects.filter(pk=job.pk, state=Restore.State.WAITING).update(
        state=Restore.State.CANCELLED, finished=timezone.now()
    )
    Restore.objects.filter(pk=job.pk, state=Restore.State.RUNNING).update(cancel=True)


def go_on(job: Restore) -> bool:
    """Makes it wait for the queue again; False when it is going on, or over."""
    resting = [Restore.State.INTERRUPTED, Restore.State.FULL, Restore.State.CANCELLED, Restore.State.FAILED]
    return bool(
        Restore.objects.filter(pk=job.pk, state__in=resting).update(
            state=Restore.State.WAITING, cancel=False, attempts=0, reason="", finished=None
        )
    )


def abandoned() -> list[UUID]:
    """Whose worker died, or whose mail server was away: worth another attempt."""
    silent = Q(state=Restore.State.RUNNING, heartbeat__lt=timezone.now() - STALE)
    resting = Q(state=Restore.State.INTERRUPTED, heartbeat__lt=timezone.now() - STALE)
    lost = Q(state=Restore.State.WAITING, at__lt=timezone.now() - timedelta(minutes=10))
    found = Restore.objects.filter(silent | resting | lost, attempts__lt=MOST_ATTEMPTS)
    return [job.pk for job in found[:20]]


def index_newest(past: Past) -> int:
    """Makes the newest moment quick to look into."""
    forget_moments()
    newest = next(iter(past.moments()), None)
    return past.index(newest) if newest else 0


def visible(domain: str | None) -> "QuerySet[Restore]":
    return Restore.objects.all() if domain is None else Restore.objects.filter(domain=domain)


def take_passwords(job: Restore) -> dict[str, str]:
    """Address → password made here; only the first who asks gets them."""
    claimed = Restore.objects.filter(pk=job.pk).exclude(sealed_passwords="").update(sealed_passwords="")
    text = sealed.unseal(job.sealed_passwords, settings.SECRET_KEY, PURPOSE) if claimed else None
    pairs = (line.partition("\t") for line in (text or "").splitlines())
    return {address: password for address, _tab, password in pairs}


def _look(past: Past, moment: Snapshot, address: str) -> Look:
    try:
        return past.look(moment, address)
    except NothingThere:
        raise Refused(_NOT_THERE) from None
