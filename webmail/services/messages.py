"""What people do to messages: one act, one journal entry, one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from webmail.imap import errors, flags, folders, move, search
from webmail.imap.connection import Connection
from webmail.models import Action, BulkJob

from . import journal

# word → flags added, flags removed
MARKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "read": (("\\Seen",), ()),
    "unread": ((), ("\\Seen",)),
    "flag": (("\\Flagged",), ()),
    "unflag": ((), ("\\Flagged",)),
}
# word → role of the folder they go to
MOVES = {"archive": "archive", "trash": "trash", "junk": "junk", "not-junk": "inbox"}
WORDS = (*MARKS, *MOVES, "move", "copy", "label", "unlabel", "delete-forever")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done with which messages of a folder. `target` is a folder's name, `label` a keyword."""

    word: str
    folder: str
    uids: Sequence[int] = ()
    target: str = ""
    label: str = ""
    job: BulkJob | None = None  # the larger act this is a piece of


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    word: str
    count: int
    target: str = ""
    undo: int | None = None  # the journal entry
    also: tuple[int, ...] = ()  # further entries, of an act over several folders


def perform_all(imap: Connection, orders: Sequence[Order]) -> Done:
    """The same act in several folders, as one."""
    done = [perform(imap, order) for order in orders]
    entries = [one.undo for one in done if one.undo]
    first = done[0]
    return replace(
        first,
        count=sum(one.count for one in done),
        undo=entries[0] if entries else None,
        also=tuple(entries[1:]),
    )


def perform(imap: Connection, order: Order) -> Done:
    if order.word in MARKS:
        return _mark(imap, order, *MARKS[order.word])
    if order.word in ("label", "unlabel"):
        label = (order.label,)
        return _mark(imap, order, *((label, ()) if order.word == "label" else ((), label)))
    if order.word in MOVES:
        return _move(imap, order, target_of(imap, order.word))
    if order.word == "move":
        return _move(imap, order, order.target)
    if order.word == "copy":
        copied = move.copy(imap, order.folder, order.uids, order.target)
        return Done(
            word="copy", count=len(order.uids) if not copied.uids else copied.count, target=order.target
        )
    if order.word == "delete-forever":
        return _delete(imap, order)
    raise errors.Rejected("no such act")


def target_of(imap: Connection, word: str) -> str:
    """The folder an act moves to, made when it is missing."""
    role = MOVES[word]
    return "INBOX" if role == "inbox" else folders.ensure(imap, role)


def for_everything(imap: Connection, order: Order, criteria: search.Criteria, below: int) -> Order:
    """All of a folder or filter, as far as it was there when the page was made: newer mail is not meant."""
    uids = [uid for uid in search.uids(imap, order.folder, criteria) if uid < below]
    return replace(order, uids=uids)


def _mark(imap: Connection, order: Order, added: tuple[str, ...], removed: tuple[str, ...]) -> Done:
    before = flags.change(imap, order.folder, order.uids, added, removed)
    changed = {uid: m for uid, m in before.items() if set(added) - m.flags or set(removed) & m.flags}
    entry = journal.flagged(imap, order.word, order.folder, changed, (added, removed), order.job)
    return Done(word=order.word, count=len(before), target=order.label, undo=entry.pk if entry else None)


def _move(imap: Connection, order: Order, target: str) -> Done:
    if target == order.folder:
        return Done(word=order.word, count=0, target=target)
    # A piece of a long job may be torn off in the middle: what it meant is written down first.
    meant = (
        journal.intended(imap, order.word, order.folder, target, order.uids, order.job) if order.job else None
    )
    done = _move_or_make(imap, order, target)
    if order.word == "not-junk" and done.uids:
        flags.remove(imap, target, [new for _, new in done.uids], ["$Junk", "Junk"])
    entry: Action | None = journal.confirmed(meant, done) if meant else journal.moved(imap, order.word, done)
    return Done(word=order.word, count=done.count, target=target, undo=entry.pk if entry else None)


def _move_or_make(imap: Connection, order: Order, target: str) -> move.Moved:
    try:
        return move.move(imap, order.folder, order.uids, target)
    except errors.NotFound:
        if order.word not in MOVES:
            raise
        # Another client removed or renamed the special folder since we looked.
        imap.memory.clear()
        return move.move(imap, order.folder, order.uids, target_of(imap, order.word))


def _delete(imap: Connection, order: Order) -> Done:
    here = list(flags.current(imap, order.folder, order.uids))
    move.expunge(imap, order.folder, here)
    return Done(word=order.word, count=len(here))
