"""STORE: marks and labels on messages."""

from collections.abc import Iterable, Sequence

from . import errors, fetch
from .connection import Connection
from .wire import Atom, Flag, Value, uid_set

_MOST_AT_ONCE = 1000


def add(imap: Connection, folder: str, uids: Sequence[int], flags: Iterable[str]) -> None:
    _store(imap, folder, uids, "+FLAGS.SILENT", flags)


def remove(imap: Connection, folder: str, uids: Sequence[int], flags: Iterable[str]) -> None:
    _store(imap, folder, uids, "-FLAGS.SILENT", flags)


def current(imap: Connection, folder: str, uids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The flags of those messages that are still there."""
    imap.select(folder)
    found: dict[int, frozenset[str]] = {}
    for chunk in chunks(uids):
        answer = imap.run(Atom("UID"), Atom("FETCH"), uid_set(chunk), (Atom("FLAGS"),))
        found.update({uid: fetch.flags_from(v) for uid, v in fetch.by_uid(answer).items() if b"FLAGS" in v})
    return {uid: flags for uid, flags in found.items() if uid in set(uids)}


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
