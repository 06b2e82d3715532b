"""Reads that need two commands: the page and the tree beside it, what is new since a page was made."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from webmail.imap import errors, fetch, folders, listing, search, threads
from webmail.imap.answers import View
from webmail.imap.connection import Connection
from webmail.types import Folder, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One look at the mailbox: a page of a folder and the tree, both as of the same moment."""

    page: listing.Page
    tree: Sequence[Folder]
    folder: Folder
    account: str


def tree(imap: Connection) -> list[Folder]:
    """All folders with their counts. With INBOX open, or Dovecot would read a big one anew to count it."""
    with suppress(errors.NotFound):
        imap.select("INBOX")
        return folders.tree(imap, synced=True)
    return folders.tree(imap)


def look(imap: Connection, name: str, wanted: listing.Wanted, known: Sequence[Folder] | None = None) -> Sight:
    """`known` is the tree where another connection has just read it."""
    if known is not None:
        imap.memory["all"] = next((folder.name for folder in known if folder.role == "all"), "")
    page = (threads if wanted.conversations else listing).page(imap, name, wanted)
    found = folders.tree(imap, synced=True) if known is None else known
    folder = next((folder for folder in found if folder.name == name), Folder(name=name))
    return Sight(page=page, tree=found, folder=folder, account=imap.account)


def proof(view: View) -> str:
    """Two equal proofs: nothing in the folder has changed. Empty when the server cannot prove it."""
    if not (view.uidvalidity and view.uidnext and view.modseq):
        return ""
    return f"{view.uidvalidity}-{view.uidnext}-{view.messages}-{view.modseq}"


def news(imap: Connection, name: str, since: int) -> int:
    """How many messages came after uid `since` - 1."""
    view = imap.select(name)
    if view.uidnext <= since:
        return 0
    return len(search.since_uid(imap, name, since))


def arrivals(imap: Connection, name: str, since: int) -> list[Message]:
    """The newest unread messages from uid `since` on, at most three, newest first."""
    if imap.select(name).uidnext <= since:
        return []
    rows = fetch.rows(imap, name, sorted(search.since_uid(imap, name, since))[-20:])
    return [rows[uid] for uid in sorted(rows, reverse=True) if not rows[uid].is_read][:3]
