"""A page of a folder: exactly what is shown is fetched, and it is true at the moment of the answer."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from math import ceil

from webmail.types import Conversation, Message

from . import errors, fetch, search
from .answers import View
from .cache import Bounded
from .connection import Connection
from .search import EVERYTHING, Criteria
from .wire import Atom

_MOST_TRIES = 4
PAGES: Bounded["Page"] = Bounded(400)  # their messages are shared with cache.ROWS but for the flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which page: `number` counts from 1. Bounded here, so that no URL can ask for all of 100,000."""

    number: int = 1
    size: int = 50
    sort: str = "arrival"
    reverse: bool = True
    criteria: Criteria = EVERYTHING
    conversations: bool = False  # rows are conversations (threads.page), not messages

    def __post_init__(self) -> None:
        if not 1 <= self.size <= 200 or self.number < 1 or self.sort not in search.SORTS:
            raise errors.Rejected("no such page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    messages: tuple[Message, ...]
    number: int
    size: int
    total: int  # messages that match, in the whole folder
    view: View
    conversations: tuple[Conversation, ...] = ()  # `messages` are then their newest ones

    @property
    def pages(self) -> int:
        return max(1, ceil(self.total / self.size))

    @property
    def first(self) -> int:
        return min(self.total, (self.number - 1) * self.size + 1)

    @property
    def last(self) -> int:
        return min(self.total, self.number * self.size)


def page(imap: Connection, folder: str, wanted: Wanted | None = None) -> Page:
    """The page; beyond the end, the last one. A message removed meanwhile leads to a new try."""
    return steady(imap, folder, wanted or Wanted(), _try_page)


Try = Callable[[Connection, str, Wanted, View], Page | None]


def steady(imap: Connection, folder: str, wanted: Wanted, read: Try) -> Page:
    """What `read` makes of the folder as it is; tried anew when something vanished in between."""
    for _ in range(_MOST_TRIES):
        view = imap.select(folder)
        key = _proof(imap, view, wanted)
        if key and (known := PAGES.get(key)):
            return replace(known, view=view)
        try:
            found = read(imap, folder, wanted, view)
        except errors.Rejected as error:
            if error.code != "EXPUNGEISSUED":  # RFC 2180, 4.1.2: gone, but not yet told
                raise
            found = None
        if found is not None:
            if key and imap.is_as_told() and all(message.is_previewed for message in found.messages):
                PAGES.put(key, found)
            return found
    raise errors.Unavailable("The folder changes faster than it can be read.")


def _proof(imap: Connection, view: View, wanted: Wanted) -> Hashable | None:
    """What proves that a page is still what it was: nothing in the folder has changed (RFC 7162, 3.1.2.1).

    A virtual folder's HIGHESTMODSEQ does not count what changes in the folders behind it.
    """
    if not (view.uidvalidity and view.uidnext and view.modseq and imap.is_as_told()) or imap.is_virtual:
        return None
    return (
        imap.account,
        view.name,
        view.uidvalidity,
        view.uidnext,
        view.messages,
        view.modseq,
        repr(wanted),
        imap.has("PREVIEW"),
    )


def _try_page(imap: Connection, folder: str, wanted: Wanted, view: View) -> Page | None:
    flags: fetch.Flags | None = None
    if wanted.sort == "arrival" and wanted.criteria == EVERYTHING and not imap.is_virtual:
        total = view.messages
        number, low, high = slice_of(wanted, total)
        places = (total - high + 1, total - low + 1) if wanted.reverse else (low, high)
        flags = _flags_at(imap, *places) if total else {}
        uids = sorted(flags, reverse=wanted.reverse)
    else:
        order = search.in_view(imap, folder, wanted.criteria, sort=wanted.sort, reverse=wanted.reverse)
        total = len(order)
        number, low, high = slice_of(wanted, total)
        uids = list(order[low - 1 : high])
    rows = fetch.rows(imap, folder, uids, flags)
    if len(rows) != len(uids):
        return None
    messages = tuple(rows[uid] for uid in uids)
    return Page(messages=messages, number=number, size=wanted.size, total=total, view=imap.view or view)


def slice_of(wanted: Wanted, total: int) -> tuple[int, int, int]:
    """Page number that exists, first and last place on it, counted from 1."""
    number = min(wanted.number, max(1, ceil(total / wanted.size)))
    return number, (number - 1) * wanted.size + 1, min(total, number * wanted.size)


def _flags_at(imap: Connection, low: int, high: int) -> fetch.Flags:
    """The messages at these places: sequence numbers are arrival order, so no SEARCH is needed."""
    answer = imap.run(Atom("FETCH"), Atom(f"{low}:{high}"), (Atom("UID"), Atom("FLAGS")))
    # What other clients change may be reported in between; only our places count.
    return {
        int(values[b"UID"]): fetch.flags_from(values)
        for item in answer.named("FETCH")
        if item.number is not None
        and low <= item.number <= high
        and b"UID" in (values := fetch.items(item.data))
    }
