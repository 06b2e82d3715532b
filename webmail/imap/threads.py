"""THREAD: a folder as conversations (RFC 5256; REFS is Dovecot's own, newest member first).

The order of a folder's conversations follows from its messages alone, so it is kept as long as the same
uidnext and the same number of messages prove the same messages (search.py); flags are asked for each time.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webmail.types import Address, Conversation, Message

from . import errors, fetch, ledger, links, listing, search
from .answers import View
from .arrivals import Kept
from .cache import Bounded
from .connection import Connection
from .listing import Page, Wanted
from .search import EVERYTHING
from .wire import Atom, uid_set

_NAMED = 6  # members whose senders a row names: the first one and the newest
_MOST_FLAGS = 500  # members whose flags a row asks for, the newest
_FEW = 50
ALGORITHMS = ("REFS", "REFERENCES")  # not ORDEREDSUBJECT: equal subjects are no conversation


@dataclass(frozen=True, slots=True)
class Threads:
    """Conversations by their newest member, newest first; each `uids[starts[n]:starts[n + 1]]`."""

    uids: "array[int]"
    starts: "array[int]"

    def __len__(self) -> int:
        return len(self.starts) - 1

    def members(self, place: int) -> tuple[int, ...]:
        return tuple(self.uids[self.starts[place] : self.starts[place + 1]])

    def place_of(self, uid: int) -> int | None:
        """Which conversation the message is in."""
        try:
            position = self.uids.index(uid)
        except ValueError:
            return None
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.starts[middle + 1] <= position:
                low = middle + 1
            else:
                high = middle
        return low

    def joined(self, uid: int, beside: Iterable[int]) -> "Threads | None":
        """With a letter that is the newest of all, in the conversation these are in or alone; None: they
        are in more than one, or in none."""
        places = {self.place_of(other) for other in beside}
        place = places.pop() if places else -1
        if places or place is None:
            return None
        if place < 0:
            low = high = 0
            starts = [start + 1 for start in self.starts]
        else:
            low, high = self.starts[place], self.starts[place + 1]
            moved = high - low + 1
            starts = [start + moved for start in self.starts[: place + 1]]
            starts += [start + 1 for start in self.starts[place + 2 :]]
        uids = self.uids[low:high] + array("I", [uid]) + self.uids[:low] + self.uids[high:]
        return Threads(uids, array("I", [0, *starts]))


KEPT: Bounded[Kept[Threads]] = Bounded(40)  # one a folder, 4 octets a message and 4 a conversation


def page(imap: Connection, folder: str, wanted: Wanted) -> Page:
    """The page of conversations; beyond the end, the last one."""
    return listing.steady(imap, folder, wanted, _try_page)


def members(imap: Connection, folder: str, uids: Sequence[int]) -> list[int]:
    """Every message of the folder that is in a conversation with one of these."""
    view = imap.select(folder)
    threads = _threads(imap, folder, view)
    if len(uids) > _FEW:
        wanted = set(uids)
        whole = (threads.members(place) for place in range(len(threads)))
        return sorted(uid for members in whole if not wanted.isdisjoint(members) for uid in members)
    found: set[int] = set()
    for uid in uids:
        place = None if uid in found else threads.place_of(uid)
        if place is not None:
            found.update(threads.members(place))
    return sorted(found)


def _try_page(imap: Connection, folder: str, wanted: Wanted, view: View) -> Page | None:
    threads = _threads(imap, folder, view)
    places = _ordered(imap, folder, wanted, threads)
    number, low, high = listing.slice_of(wanted, len(places))
    conversations = _rows(imap, folder, [threads.members(place) for place in places[low - 1 : high]])
    if conversations is None:
        return None
    return Page(
        messages=tuple(conversation.newest for conversation in conversations),
        conversations=tuple(conversations),
        number=number,
        size=wanted.size,
        total=len(places),
        view=imap.view or view,
    )


def _ordered(imap: Connection, folder: str, wanted: Wanted, threads: Threads) -> Sequence[int]:
    """Places of the conversations in the wanted order, each where its first message stands in it."""
    if wanted.sort == "arrival" and wanted.criteria == EVERYTHING:
        whole = range(len(threads))
        return whole if wanted.reverse else whole[::-1]
    order = search.in_view(imap, folder, wanted.criteria, sort=wanted.sort, reverse=wanted.reverse)
    place_of = {
        uid: place
        for place in range(len(threads))
        for uid in threads.uids[threads.starts[place] : threads.starts[place + 1]]
    }
    return list(dict.fromkeys(place_of[uid] for uid in order if uid in place_of))


def _rows(imap: Connection, folder: str, found: Sequence[tuple[int, ...]]) -> list[Conversation] | None:
    """One FETCH for the flags of all, one for headers not known yet; None: something vanished."""
    if not found:
        return []
    asked = [uid for uids in found for uid in uids[-_MOST_FLAGS:] + uids[:1]]
    answer = imap.run(Atom("UID"), Atom("FETCH"), uid_set(asked), (Atom("UID"), Atom("FLAGS")))
    flags = {uid: fetch.flags_from(v) for uid, v in fetch.by_uid(answer).items() if b"FLAGS" in v}
    if any(uid not in flags for uid in asked):
        return None
    named = [sorted({*uids[:1], *uids[-_NAMED:]}) for uids in found]
    rows = fetch.rows(imap, folder, [uid for uids in named for uid in uids], flags)
    if any(uid not in rows for uids in named for uid in uids):
        return None
    return [
        _conversation(uids, [rows[uid] for uid in some], flags)
        for uids, some in zip(found, named, strict=True)
    ]


def _conversation(uids: tuple[int, ...], some: Sequence[Message], flags: fetch.Flags) -> Conversation:
    people: dict[str, Address] = {}
    for message in some:
        for sender in message.envelope.sender[:1]:
            people.setdefault(sender.address.lower() or sender.name, sender)
    known = [flags[uid] for uid in uids if uid in flags]
    return Conversation(
        newest=some[-1],
        uids=uids,
        unread=sum("\\Seen" not in found for found in known),
        people=tuple(people.values()),
        is_flagged=any("\\Flagged" in found for found in known),
        has_attachments=any(message.has_attachments for message in some),
    )


def _threads(imap: Connection, folder: str, view: View) -> Threads:
    if not view.uidvalidity or not view.uidnext:
        return flattened(_asked(imap, folder, view) if view.messages else [])
    key = (imap.account, folder, view.uidvalidity)
    kept = KEPT.get(key)
    if kept and kept.is_of(view):
        return kept.value
    found = _with_new(imap, view, kept) if kept else None
    if found is None:
        found = flattened(_asked(imap, folder, view) if view.messages else [])
        ledger.of(imap, view)  # wished for, so that the next new letter costs less
    if len(found.uids) == view.messages:
        KEPT.put(key, Kept(found, view.uidnext, view.messages))
    return found


def _with_new(imap: Connection, view: View, kept: Kept[Threads]) -> Threads | None:
    """The conversations of before and what came since; None: the server has to say."""
    known = ledger.of(imap, view) if imap.product == "dovecot" and imap.has("THREAD=REFS") else None
    new = kept.arrived(view, lambda uid: search.above(imap, uid)) if known else []
    threads: Threads | None = kept.value if new else None
    for uid in new:
        beside = known.joined(uid) if known else None
        threads = threads.joined(uid, beside) if threads and beside is not None else None
    return threads


def _asked(imap: Connection, folder: str, view: View) -> list[list[int]]:
    algorithm = next((name for name in ALGORITHMS if imap.has(f"THREAD={name}")), "")
    if not algorithm:
        return links.threads(imap, folder)
    answer = imap.run(Atom("UID"), Atom("THREAD"), Atom(algorithm), Atom("UTF-8"), Atom("ALL"))
    return [thread for item in answer.named("THREAD") for thread in decoded(item.data[0])]


def decoded(octets: bytes) -> list[list[int]]:
    """`(2)(3 6 (4 23)(44 7 96))` → [[2], [3, 6, 4, 23, 44, 7, 96]]: who is together, not who answers whom.

    100,000 messages make 640 KB, so the line is cut where one list ends and the next begins.
    """
    line = octets.strip()
    if not line:
        return []
    if line[:1] != b"(" or line[-1:] != b")":
        raise errors.Unavailable("The mail server sent an answer that cannot be read.")
    threads: list[list[int]] = []
    current: list[int] = []
    depth = 0
    try:
        for piece in line[1:-1].split(b")("):
            if b"(" in piece or b")" in piece:
                depth += piece.count(b"(") - piece.count(b")")
                piece = piece.replace(b"(", b" ").replace(b")", b" ")
            current += map(int, piece.split())
            if depth == 0:
                threads.append(current)
                current = []
    except ValueError as error:
        raise errors.Unavailable("The mail server sent an answer that cannot be read.") from error
    return [thread for thread in threads if thread]


def flattened(threads: Sequence[list[int]]) -> Threads:
    ordered = sorted((sorted(thread) for thread in threads), key=lambda uids: -uids[-1])
    starts, position = array("I", [0]), 0
    for thread in ordered:
        position += len(thread)
        starts.append(position)
    return Threads(array("I", [uid for thread in ordered for uid in thread]), starts)
