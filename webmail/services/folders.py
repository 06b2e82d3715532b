"""What people do to folders. Special folders stay: programs of others rely on them."""

from datetime import timedelta

from webmail.imap import errors, fetch, flags, folders, namespaces, quota
from webmail.imap.connection import Connection
from webmail.types import Folder

from . import journal
from .messages import Done

GRACE = timedelta(hours=1)
GRACE_NAME = "Emptied"
FULL = 90  # percent of the quota


def is_grace(folder: Folder) -> bool:
    """Where emptied messages wait for their hour to pass; nobody puts anything there."""
    return folder.short_name == GRACE_NAME and not folder.subscribed


def get(imap: Connection, name: str) -> Folder:
    found = next((folder for folder in folders.tree(imap) if folder.name == name), None)
    if found is None:
        raise errors.NotFound(name)
    return found


def create(imap: Connection, name: str, parent: str = "") -> str:
    """Makes a folder, below `parent` when given; returns its whole name."""
    tree = folders.tree(imap)
    above = next((folder for folder in tree if folder.name == parent), None)
    if parent and above is None:
        raise errors.NotFound(parent)
    delimiter = above.delimiter if above else tree[0].delimiter if tree else "/"
    _refuse_delimiter(name, delimiter)
    whole = f"{parent}{delimiter}{name}" if parent else f"{namespaces.prefix(imap)}{name}"
    folders.create(imap, whole)
    return whole


def rename(imap: Connection, folder: Folder, new_name: str) -> str:
    """Gives the last piece of the name another word; what is below moves along."""
    _refuse_special(folder)
    _refuse_delimiter(new_name, folder.delimiter)
    whole = folder.delimiter.join([*folder.path[:-1], new_name]) if folder.delimiter else new_name
    if whole != folder.name:
        folders.rename(imap, folder.name, whole)
    return whole


def delete(imap: Connection, folder: Folder) -> None:
    _refuse_special(folder)
    folders.delete(imap, folder.name)


def empty(imap: Connection, folder: Folder) -> Done:
    """Into the trash; trash and junk into a folder of grace, from where bulk.expunge_later destroys it.

    When the mailbox is as good as full, whoever empties it needs the room: then they are destroyed at once.
    """
    if folder.role not in ("trash", "junk"):
        moved = folders.empty(imap, folder.name, folders.ensure(imap, "trash"))
        entry = journal.moved(imap, "trash", moved)
        return Done(word="trash", count=moved.count, target=moved.target, undo=entry.pk if entry else None)
    used = quota.quota(imap)
    try:
        if used and used.percent >= FULL:
            raise errors.Full("No room to wait in.")
        moved = folders.empty(imap, folder.name, _grace(imap))
    except errors.Full:
        return Done(word="delete-forever", count=folders.empty(imap, folder.name).count)
    entry = journal.moved(imap, "empty", moved)
    return Done(word="empty", count=moved.count, undo=entry.pk if entry else None)


def _grace(imap: Connection) -> str:
    """Below the trash, so that no search finds it; not subscribed, so that no tree shows it."""
    tree = folders.tree(imap)
    trash = folders.ensure(imap, "trash")
    delimiter = next((f.delimiter for f in tree if f.name == trash), "")
    name = f"{trash}{delimiter}{GRACE_NAME}" if delimiter else GRACE_NAME
    if name not in {folder.name for folder in tree}:
        folders.create(imap, name)
        folders.subscribe(imap, name, wanted=False)
    return name


def mark_all_read(imap: Connection, folder: Folder) -> Done:
    imap.select(folder.name)
    uids = folders.mark_all_read(imap, folder.name)
    guids = fetch.guids(imap, folder.name, uids)
    before = {uid: flags.Marks(frozenset(), guids.get(uid, "")) for uid in uids}
    entry = journal.flagged(imap, "read", folder.name, before, (["\\Seen"], []))
    return Done(word="read", count=len(uids), undo=entry.pk if entry else None)


def subscribe(imap: Connection, folder: Folder, wanted: bool) -> None:
    folders.subscribe(imap, folder.name, wanted=wanted)


def _refuse_special(folder: Folder) -> None:
    if folder.role:
        raise errors.Rejected("This folder is needed and stays.", "CANNOT")


def _refuse_delimiter(name: str, delimiter: str) -> None:
    if delimiter and delimiter in name:
        raise errors.Rejected("A name cannot contain the sign that parts folders.", "CANNOT")
