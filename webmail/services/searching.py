"""A search over one folder, or over all: one command where a virtual folder holds everything."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from heapq import nlargest

from webmail.imap import errors, fetch, folders, listing, search
from webmail.imap.answers import View
from webmail.imap.connection import Connection
from webmail.imap.listing import Page, Wanted
from webmail.types import Folder, Message

_MOST_FOLDERS = 200
_MANY = 2000  # messages whose texts are not read while somebody waits
_LATEST = timedelta(days=90)
_MOST_EACH = 200  # newest hits of each folder that are put in order


def has_full_text(imap: Connection) -> bool:
    """Does the server keep an index of bodies (RFC 6203)? Without one, a body search takes long."""
    return imap.has("SEARCH=FUZZY")


def latest(
    imap: Connection, tree: Sequence[Folder], folder: str, asked: search.Criteria, today: date
) -> search.Criteria | None:
    """What to ask first where reading every text takes long: the same of the last months.

    None where the server has an index, or there is not much to read.
    """
    places = [one for one in tree if one.name == folder] if folder else _places(tree)
    if has_full_text(imap) or sum(one.messages for one in places) < _MANY:
        return None
    return search.both(asked, search.since(today - _LATEST))


def run(imap: Connection, tree: Sequence[Folder], folder: str, wanted: Wanted) -> Page:
    """Hits of `folder`, or of all folders but Trash and Junk; every message says where it really is."""
    if folder:
        return _named(listing.page(imap, folder, wanted), folder)
    everything = folders.with_role(tree, "all")
    if everything is not None and imap.product == "dovecot":
        return listing.page(imap, everything.name, wanted)
    return _one_by_one(imap, tree, wanted)


def _named(page: Page, folder: str) -> Page:
    return replace(page, messages=tuple(_at(message, folder) for message in page.messages))


def _at(message: Message, folder: str) -> Message:
    return message if message.folder else replace(message, folder=folder, real_uid=message.uid)


def _one_by_one(imap: Connection, tree: Sequence[Folder], wanted: Wanted) -> Page:
    total, hits = 0, []
    need = min(wanted.number * wanted.size, _MOST_EACH)
    for folder in _places(tree):
        try:
            uids = search.uids(imap, folder.name, wanted.criteria)
            rows = fetch.rows(imap, folder.name, list(uids[:need]))
        except errors.NotFound:
            continue  # deleted since the tree was read
        total += len(uids)
        hits += [_at(message, folder.name) for message in rows.values()]
    ordered = nlargest(need, hits, key=lambda message: message.arrived)
    start = (wanted.number - 1) * wanted.size
    found = tuple(ordered[start : start + wanted.size])
    return Page(messages=found, number=wanted.number, size=wanted.size, total=total, view=View(name=""))


def everything(
    imap: Connection, tree: Sequence[Folder], folder: str, criteria: search.Criteria
) -> dict[str, list[int]]:
    """Every hit, by the folder it really is in."""
    if folder:
        return {folder: list(search.uids(imap, folder, criteria))}
    whole = folders.with_role(tree, "all")
    if whole is not None and imap.product == "dovecot":
        return fetch.real_places(imap, whole.name, list(search.uids(imap, whole.name, criteria)))
    found: dict[str, list[int]] = {}
    for one in _places(tree):
        with suppress(errors.NotFound):  # deleted since the tree was read
            if uids := search.uids(imap, one.name, criteria):
                found[one.name] = list(uids)
    return found


def _places(tree: Sequence[Folder]) -> list[Folder]:
    left_out = ("trash", "junk", "all", "flagged")
    return [folder for folder in tree if folder.selectable and folder.role not in left_out][:_MOST_FOLDERS]


def folder_called(tree: Sequence[Folder], name: str, words: dict[str, str]) -> str | None:
    """in:archive, in:Archivo, in:Clientes/2026 → the folder's name; None when there is none of that name."""
    wanted = name.casefold()
    for folder in tree:
        if wanted in (folder.name.casefold(), folder.role, words.get(folder.name, "").casefold()):
            return folder.name
    return next((folder.name for folder in tree if folder.short_name.casefold() == wanted), None)
