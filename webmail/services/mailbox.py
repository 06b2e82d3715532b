"""Reads that need two commands: the page and the tree beside it, what is new since a page was made."""

from collections.abc import Sequence
from dataclasses import dataclass

from webmail.imap import folders, listing, search, threads
from webmail.imap.answers import View
from webmail.imap.connection import Connection
from webmail.types import Folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One look at the mailbox: a page of a folder and the tree, both as of the same moment."""

    page: listing.Page
    tree: Sequence[Folder]
    folder: Folder
    account: str


def look(imap: Connection, name: str, wanted: listing.Wanted) -> Sight:
    page = (threads if wanted.conversations else listing).page(imap, name, wanted)
    tree = folders.tree(imap)
    folder = next((folder for folder in tree if folder.name == name), Folder(name=name))
    return Sight(page=page, tree=tree, folder=folder, account=imap.account)


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
