"""A whole conversation: what came, what was answered, wherever it lies now.

Dovecot's virtual folder of everything knows in one command; without it, Message-ID, In-Reply-To and
References are followed through INBOX, Sent, Archive and the folder at hand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

from webmail.imap import errors, fetch, folders, links, search, structure, threads
from webmail.imap.connection import Connection
from webmail.imap.parser import Data
from webmail.imap.wire import Atom, FolderName, Value, uid_set
from webmail.types import Folder, Message

from . import messages

PAGE_SIZE = 50
_MOST = 10_000  # messages of one conversation that are known at all, the newest
_MOST_ROUNDS = 6
_MOST_NAMES = 400
_NAMES_AT_ONCE = 20
_SEARCHED = ("inbox", "sent", "archive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a message of the conversation is."""

    folder: str
    uid: int
    arrived: datetime
    guid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A page of a conversation, oldest first; page 1 is the newest part of it."""

    members: tuple[Message, ...]  # each with its folder and real_uid
    places: tuple[Place, ...]  # of all of it
    number: int = 1

    @property
    def total(self) -> int:
        return len(self.places)

    @property
    def pages(self) -> int:
        return max(1, ceil(self.total / PAGE_SIZE))


def whole(imap: Connection, tree: Sequence[Folder], folder: str, uid: int, number: int = 1) -> Whole:
    """Everything that belongs together with this message, each message once. Raises NotFound."""
    found = places(imap, tree, folder, uid)
    if not found:
        raise errors.NotFound("This message is not there any more.")
    number = min(number, ceil(len(found) / PAGE_SIZE))
    end = len(found) - (number - 1) * PAGE_SIZE
    shown = found[max(0, end - PAGE_SIZE) : end]
    return Whole(members=tuple(_rows(imap, shown)), places=tuple(found), number=number)


def one(imap: Connection, folder: str, uid: int) -> Message:
    """A single letter of it, as a member. Raises NotFound."""
    imap.select(folder)
    row = fetch.rows(imap, folder, [uid]).get(uid)
    if row is None:
        raise errors.NotFound("This message is not there any more.")
    return replace(row, folder=folder, real_uid=uid)


def places(imap: Connection, tree: Sequence[Folder], folder: str, uid: int) -> list[Place]:
    """Oldest first. Copies of one message (X-GUID) count once: the one in `folder`, else any."""
    found = _through_everything(imap, tree, folder, uid) or _followed(imap, tree, folder, uid)
    found = sorted(found, key=lambda place: (place.arrived, place.folder, place.uid))[-_MOST:]
    once: dict[object, Place] = {}
    for place in found:
        key = place.guid or (place.folder, place.uid)
        if key not in once or place.folder == folder:
            once[key] = place
    return list(once.values())


def _through_everything(imap: Connection, tree: Sequence[Folder], folder: str, uid: int) -> list[Place]:
    """INTHREAD, X-MAILBOX and X-REAL-UID are Dovecot's own and in no capability (imap-search-args)."""
    everything = folders.with_role(tree, "all")
    if everything is None or imap.product != "dovecot" or not imap.has("THREAD=REFS"):
        return []
    imap.select(everything.name)
    seed: list[Value] = [Atom("X-MAILBOX"), FolderName(folder), Atom("X-REAL-UID"), uid]
    if folder == everything.name:
        seed = [Atom("UID"), uid_set([uid])]
    uids = search.matching(imap, (Atom("INTHREAD"), Atom("REFS"), seed))
    return _places(imap, everything.name, sorted(uids)[-_MOST:])


def _places(imap: Connection, folder: str, uids: Sequence[int]) -> list[Place]:
    if not uids:
        return []
    imap.select(folder)
    items = [Atom("UID"), Atom("INTERNALDATE"), Atom("RFC822.SIZE")]
    names: dict[int, links.Ids] = {}
    if imap.product == "dovecot":
        items.append(Atom("X-GUID"))
    else:
        names = links.ids(imap, folder, uids)
    if imap.is_virtual:
        items += [Atom("X-MAILBOX"), Atom("X-REAL-UID")]
    answer = imap.run(Atom("UID"), Atom("FETCH"), uid_set(uids), items)
    wanted = set(uids)
    return [
        Place(
            folder=fetch.real_folder(values) or folder,
            uid=int(values.get(b"X-REAL-UID") or uid),
            arrived=structure.internal_date(values.get(b"INTERNALDATE") or b""),
            guid=_guid(values, next(iter(names.get(uid, ())), "")),
        )
        for uid, values in fetch.by_uid(answer).items()
        if uid in wanted and b"INTERNALDATE" in values
    ]


def _guid(values: dict[bytes, Data], name: str) -> str:
    """X-GUID; elsewhere what a copy shares with its original. Its name alone could be anybody's choice."""
    if guid := values.get(b"X-GUID"):
        return str(guid.decode("latin-1"))
    shared = b" ".join(values.get(key) or b"" for key in (b"INTERNALDATE", b"RFC822.SIZE"))
    return f"{name} {shared.decode('latin-1')}" if name else ""


def _followed(imap: Connection, tree: Sequence[Folder], folder: str, uid: int) -> list[Place]:
    """From name to name until nothing new is found; bounded, for names are made by strangers."""
    start = links.ids(imap, folder, [uid])
    if uid not in start:
        raise errors.NotFound("This message is not there any more.")
    names = [folder, *(f.name for f in tree if f.role in _SEARCHED and f.selectable and f.name != folder)]
    found: dict[str, set[int]] = {name: set() for name in names}
    found[folder] = set(threads.members(imap, folder, [uid])[-_MOST:]) | {uid}
    asked: set[str] = set()
    fresh = _named(links.ids(imap, folder, sorted(found[folder])[-_MOST_NAMES:]))
    for _ in range(_MOST_ROUNDS):
        fresh = [name for name in dict.fromkeys(fresh) if name not in asked][: _MOST_NAMES - len(asked)]
        if not fresh:
            break
        asked.update(fresh)
        fresh = [name for place in names for name in _answering(imap, place, fresh, found[place])]
    return [place for name in names for place in _places(imap, name, sorted(found[name])[-_MOST:])]


def _answering(imap: Connection, folder: str, names: Sequence[str], known: set[int]) -> list[str]:
    """Adds the folder's messages with one of these names to `known`; returns what names they bring."""
    try:
        imap.select(folder)
    except errors.NotFound:
        return []
    hits: set[int] = set()
    for start in range(0, len(names), _NAMES_AT_ONCE):
        hits.update(search.matching(imap, links.naming(names[start : start + _NAMES_AT_ONCE])))
    # SEARCH finds parts of words: only whole names count.
    wanted = set(names)
    new = links.ids(imap, folder, sorted(hits - known)[-_MOST:])
    belonging = {uid: own for uid, own in new.items() if wanted.intersection(own)}
    known.update(belonging)
    return _named(belonging)


def _named(found: dict[int, links.Ids]) -> list[str]:
    return [name for names in found.values() for name in names if name]


def _rows(imap: Connection, shown: Sequence[Place]) -> list[Message]:
    rows: dict[tuple[str, int], Message] = {}
    for folder, uids in by_folder(shown).items():
        imap.select(folder)
        for uid, row in fetch.rows(imap, folder, uids).items():
            rows[folder, uid] = replace(row, folder=folder, real_uid=uid)
    return [rows[place.folder, place.uid] for place in shown if (place.folder, place.uid) in rows]


def by_folder(found: Iterable[Place]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = {}
    for place in found:
        grouped.setdefault(place.folder, []).append(place.uid)
    return grouped


def orders(tree: Sequence[Folder], found: Sequence[Place], order: messages.Order) -> list[messages.Order]:
    """One act on a whole conversation, by folder.

    Marks and the trash mean all of it; archiving and moving mean what lies in the folder one looks at, so
    that own answers stay in Sent and drafts where they are written on.
    """
    roles = {folder.name: folder.role for folder in tree}
    meant = []
    for folder, uids in by_folder(found).items():
        if order.word in ("trash", "junk") and roles.get(folder) in ("trash", "drafts"):
            continue
        if folder != order.folder and order.word not in (*messages.MARKS, "label", "unlabel", "trash"):
            continue
        meant.append(replace(order, folder=folder, uids=uids))
    return meant
