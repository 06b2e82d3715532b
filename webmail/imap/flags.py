"""STORE: marks and labels on messages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webmail.types import Message

from . import errors, fetch
from .answers import Answer
from .cache import ROWS
from .connection import Connection
from .wire import Atom, Flag, Value, uid_set

_MOST_AT_ONCE = 1000
_FEW = 50


def add(imap: Connection, folder: str, uids: Sequence[int], flags: Iterable[str]) -> None:
    _store(imap, folder, uids, "+FLAGS.SILENT", flags)


def remove(imap: Connection, folder: str, uids: Sequence[int], flags: Iterable[str]) -> None:
    _store(imap, folder, uids, "-FLAGS.SILENT", flags)


@dataclass(frozen=True, slots=True)
class Marks:
    """What a message had before it was changed, and what it is called everywhere (Dovecot's X-GUID)."""

    flags: frozenset[str]
    guid: str = ""


def change(
    imap: Connection, folder: str, uids: Sequence[int], added: Iterable[str], removed: Iterable[str]
) -> dict[int, Marks]:
    """Sets and takes away; says how those messages were that are still there. For a few, in one round trip.

    A FETCH sent along with the STORE after it is answered first (RFC 3501, 5.5: in the order given, where
    one command may change what another says); for many, whose answer may wait for room, it goes ahead.
    """
    imap.select(folder)
    stores = [
        (how, sorted(set(marks))) for how, marks in (("+FLAGS.SILENT", added), ("-FLAGS.SILENT", removed))
    ]
    if imap.view is not None and imap.view.read_only:
        raise errors.Rejected("This folder is read-only.", "NOPERM")
    items = (Atom("FLAGS"), Atom("X-GUID")) if imap.product == "dovecot" else (Atom("FLAGS"),)
    found: dict[int, Marks] = {}
    for chunk in chunks(uids):
        named, answers = uid_set(chunk), list[Answer]()
        commands: list[Sequence[Value]] = [(Atom("UID"), Atom("FETCH"), named, items)]
        if len(chunk) > _FEW:
            answers = imap.run_all(commands)
            commands = []
        for how, marks in stores:
            if marks:
                wanted: list[Value] = [Flag(mark) for mark in marks]
                commands.append((Atom("UID"), Atom("STORE"), named, _Store(how), wanted))
        answers += imap.run_all(commands) if commands else []
        found.update(_before(answers[0], set(chunk)))
    return found


def _before(answer: Answer, uids: set[int]) -> dict[int, Marks]:
    found: dict[int, Marks] = {}
    for response in answer.named("FETCH"):
        values = fetch.items(response.data)
        uid = int(values.get(b"UID") or 0)
        # The first to name them: later ones are of our own change, or of another client's behind it.
        if uid in uids and uid not in found and b"FLAGS" in values:
            found[uid] = Marks(fetch.flags_from(values), (values.get(b"X-GUID") or b"").decode("latin-1"))
    return found


def current(imap: Connection, folder: str, uids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The flags of those messages that are still there."""
    imap.select(folder)
    found: dict[int, frozenset[str]] = {}
    for chunk in chunks(uids):
        answer = imap.run(Atom("UID"), Atom("FETCH"), uid_set(chunk), (Atom("FLAGS"),))
        found.update({uid: fetch.flags_from(v) for uid, v in fetch.by_uid(answer).items() if b"FLAGS" in v})
    return {uid: flags for uid, flags in found.items() if uid in set(uids)}


def marked(imap: Connection, folder: str, uids: Sequence[int]) -> tuple[list[Message], int]:
    """Their rows with the marks they have now, and the newest MODSEQ among them (or 0)."""
    view = imap.view if imap.view is not None and imap.view.name == folder else imap.select(folder)
    items = (Atom("FLAGS"), Atom("MODSEQ"))
    found = fetch.by_uid(imap.run(Atom("UID"), Atom("FETCH"), uid_set(uids), items))
    key = (imap.account, folder, view.uidvalidity)
    newest = max((int(values[b"MODSEQ"][0]) for values in found.values() if values.get(b"MODSEQ")), default=0)
    known = {uid: ROWS.get((*key, uid)) for uid in uids if uid in found}
    rows = {uid: row.marked(fetch.flags_from(found[uid])) for uid, row in known.items() if row}
    # Another process drew the page, or the letter stands on none.
    rows |= fetch.rows(imap, folder, [uid for uid, row in known.items() if row is None])
    return [rows[uid] for uid in uids if uid in rows], newest


def chunks(uids: Sequence[int]) -> Iterable[Sequence[int]]:
    """In order, so that ranges stay long and a line short of any server's limit."""
    ordered = sorted(set(uids))
    for start in range(0, len(ordered), _MOST_AT_ONCE):
        yield ordered[start : start + _MOST_AT_ONCE]


def _store(imap: Connection, folder: str, uids: Sequence[int], how: str, flags: Iterable[str]) -> None:
    wanted: list[Value] = [Flag(flag) for flag in sorted(set(flags))]
    if not wanted:
        return
    if imap.view is None or imap.view.name != folder:
        imap.select(folder)
    if imap.view is not None and imap.view.read_only:
        raise errors.Rejected("This folder is read-only.", "NOPERM")
    for chunk in chunks(uids):
        imap.run(Atom("UID"), Atom("STORE"), uid_set(chunk), _Store(how), wanted)


class _Store(Atom):
    """+FLAGS and -FLAGS begin with a sign, which no other atom of ours may."""

    __slots__ = ()

    def __new__(cls, text: str) -> "_Store":
        assert text in ("+FLAGS.SILENT", "-FLAGS.SILENT")  # noqa: S101 - our own constant
        return str.__new__(cls, text)
