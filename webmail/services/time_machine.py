"""The time machine: a person's own mailbox as the backups have it, and what was lost brought back.

The address is always that of the credentials: nobody can name another one here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from mailadmin.backup.archive import NothingThere
from mailadmin.backup.catalogue import Count, Kept, Wanted
from mailadmin.backup.letters import folder_name
from mailadmin.backup.past import Look as PastLook
from mailadmin.backup.past import shelf
from mailadmin.backup.results import ResticError, Snapshot
from postie_web.lib.credentials import Credentials
from webmail import connections
from webmail.imap import errors, fetch, folders
from webmail.imap.connection import Connection
from webmail.imap.deposit import Letter, Shelf
from webmail.models import Look

__all__ = ["Wanted", "folder_name"]  # the words of the core that views use, too
KEPT = timedelta(days=400)
PAGE = 25  # headers are fetched out of the backup in one go
MOST_AT_ONCE = 100
MOST_FOLDERS = 300


class NotConfigured(Exception):
    """There are no backups here to look into."""


class Away(Exception):
    """The backups cannot be read right now."""


class Nothing(Exception):
    """That moment, mailbox or message is not in the backups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page of a folder as it was. `total`: of the folder, or of what was found."""

    moment: Snapshot
    folders: list[tuple[str, Count]]
    rows: list[Kept]
    total: int
    unread: int = 0  # headers nobody has read yet, so words were not looked for in them


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """`left`: chosen, but more than one request should do."""

    folder: str
    restored: int = 0
    already: int = 0
    failed: int = 0
    left: int = 0
    is_full: bool = False


def is_there() -> bool:
    return bool(settings.RESTIC_REPOSITORY and settings.RESTIC_PASSWORD)


@contextmanager
def _asked() -> Iterator[None]:
    """Errors of the backup in our words."""
    if not is_there():
        raise NotConfigured
    try:
        yield
    except ResticError as error:
        raise Away(str(error.outcome)) from error
    except NothingThere as error:
        raise Nothing from error


def moments() -> list[Snapshot]:
    """Newest first."""
    with _asked(), connections.past().open() as past:
        return past.moments()


def on(day: date) -> Snapshot | None:
    """The last backup of that day, or before it."""
    with _asked(), connections.past().open() as past:
        return past.at(day, timezone.get_current_timezone())


def view(credentials: Credentials, moment: str, wanted: Wanted) -> View:
    with _looking(credentials, moment) as look:
        _write_down(credentials, look, Look.Kind.FOLDER, _named(look, wanted.folder))
        rows, total = look.page(wanted)
        unread = look.catalogue.count_unread(look.id, wanted.folder) if wanted.words else 0
        return View(
            moment=look.archive.snapshot, folders=look.folders(), rows=rows, total=total, unread=unread
        )


def gone(credentials: Credentials, moment: str, wanted: Wanted) -> View:
    """What was there then and is nowhere in the mailbox now."""
    with _looking(credentials, moment) as look:
        _write_down(credentials, look, Look.Kind.GONE)
        with connections.imap(credentials) as imap:
            living = _living(imap)
        if living is None:  # a server that does not name its messages: as of the newest backup
            with connections.past().open() as past:
                newest = past.look(past.moments()[0], credentials.address)
                rows, total = look.vanished(newest, wanted)
        else:
            rows, total = look.gone(living, wanted)
        return View(moment=look.archive.snapshot, folders=look.folders(), rows=rows, total=total)


def message(credentials: Credentials, moment: str, key: str, *, is_page: bool = True) -> tuple[Kept, bytes]:
    with _looking(credentials, moment) as look:
        kept, octets = look.one(key)
        if is_page:  # its frame is the same look
            subject = kept.head.subject if kept.head else ""
            _write_down(credentials, look, Look.Kind.MESSAGE, subject or kept.base)
        return kept, octets


def restore(credentials: Credentials, moment: str, keys: list[str]) -> Returned:
    """Into "Restored <day>/<folder>", with the person's own credentials."""
    with _looking(credentials, moment) as look:
        rows = look.catalogue.find(look.id, keys[:MOST_AT_ONCE])
        if not rows:
            raise Nothing
        return _bring_back(credentials, look, rows, left=max(0, len(keys) - MOST_AT_ONCE))


def restore_folder(credentials: Credentials, moment: str, folder: str, offset: int) -> Returned:
    """A whole folder, MOST_AT_ONCE messages from `offset` on; `left` says whether to go on."""
    with _looking(credentials, moment) as look:
        rows, total = look.catalogue.page(look.id, Wanted(folder=folder, offset=offset, limit=MOST_AT_ONCE))
        if not rows:
            raise Nothing
        return _bring_back(credentials, look, rows, left=total - offset - len(rows))


def _bring_back(credentials: Credentials, look: PastLook, rows: list[Kept], left: int) -> Returned:
    name = shelf(look.archive.snapshot, timezone.get_current_timezone())
    _write_down(credentials, look, Look.Kind.RESTORE, name, len(rows))
    counts = {True: 0, False: 0}
    failed, is_full = 0, False
    with connections.imap(credentials) as imap:
        target = Shelf(imap, name)
        for letter in look.letters(rows):
            try:
                put = Letter(octets=letter.octets, flags=letter.flags, arrived=letter.arrived)
                counts[target.put(letter.folder, put)] += 1
            except errors.Full:
                is_full = True
                break
            except errors.Rejected:
                failed += 1
    return Returned(
        folder=target.shown,
        restored=counts[True],
        already=counts[False],
        failed=failed,
        left=left,
        is_full=is_full,
    )


def log(credentials: Credentials) -> list[Look]:
    """The person's own looks, newest first."""
    Look.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return list(Look.objects.filter(account=credentials.address.lower())[:50])


@contextmanager
def _looking(credentials: Credentials, moment: str) -> Iterator[PastLook]:
    with _asked(), connections.past().open() as past:
        yield past.look(past.moment(moment), credentials.address)


def _named(look: PastLook, folder: str | None) -> str:
    return next((name for name, count in look.folders() if count.folder == folder), "")


def _write_down(
    credentials: Credentials, look: PastLook, kind: Look.Kind, what: str = "", count: int = 0
) -> None:
    Look.objects.create(
        account=credentials.address.lower(),
        kind=kind,
        moment=look.archive.snapshot.time,
        what=what[:500],
        count=count,
        client_address=credentials.client_address[:45],
    )


def _living(imap: Connection) -> set[str] | None:
    """Dovecot's names of all messages, which are their files' names in a maildir; None elsewhere."""
    if imap.product != "dovecot":
        return None
    found: set[str] = set()
    for folder in folders.tree(imap)[:MOST_FOLDERS]:
        if folder.selectable and folder.messages and folder.role != "all":
            found.update(fetch.guids(imap, folder.name, folders.all_uids(imap, folder.name)).values())
    return found
