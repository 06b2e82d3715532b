"""Putting messages back: into a folder of their own, with flags and date, and never twice.

What lies in the folder is known by date, size and the lines that make a letter itself; so a restore that
was killed halfway, or is asked for again, goes on where it ended.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from . import errors, fetch, folders, namespaces, structure
from .append import append
from .connection import Connection
from .wire import Atom, is_flag, uid_set

_LINE_END = re.compile(rb"\r\n|\r|\n")
_WANTED = (b"message-id", b"date", b"from", b"subject")
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`arrived` becomes INTERNALDATE."""

    octets: bytes
    flags: frozenset[str] = frozenset()
    arrived: datetime


class Deposit:
    """A folder that takes letters; made, with its parents, when it is not there."""

    def __init__(self, imap: Connection, folder: str) -> None:
        self._imap, self.folder = imap, folder
        self._known = _known(imap, folder)

    def put(self, letter: Letter) -> bool:
        """False: it is there already. Raises Full, Rejected, Unavailable."""
        octets = clean(letter.octets)
        key = fingerprint(octets, len(octets), letter.arrived)
        if key in self._known:
            return False
        flags = {flag for flag in letter.flags if is_flag(flag)}
        append(self._imap, self.folder, octets, flags - {"\\Deleted"}, letter.arrived.astimezone(UTC))
        self._known.add(key)
        return True


def clean(octets: bytes) -> bytes:
    """As IMAP carries it: CR LF, and 0x80 where a NUL stands, which is how Dovecot shows one, too."""
    return _LINE_END.sub(b"\r\n", octets).replace(b"\0", b"\x80")


def fingerprint(header: bytes, size: int, arrived: datetime) -> str:
    """The same for a message and for what FETCH says of it; `size` with CR LF."""
    found: dict[bytes, bytes] = {}
    top = re.split(rb"\r\n\r\n", header, maxsplit=1)[0]
    for line in re.sub(rb"\r\n[ \t]+", b" ", top).split(b"\r\n"):
        name, colon, value = line.partition(b":")
        name = name.strip().lower()
        if colon and name in _WANTED:
            found.setdefault(name, b" ".join(value.split()))
    lines = [name + b":" + found[name] for name in sorted(found)]
    digest = hashlib.sha256(b"\n".join(lines)).hexdigest()
    return f"{int(arrived.timestamp())} {size} {digest}"


def _known(imap: Connection, folder: str) -> set[str]:
    try:
        imap.select(folder)
    except errors.NotFound:
        _create(imap, folder)
        imap.select(folder)
    uids = folders.all_uids(imap, folder)
    return set(_fingerprints(imap, uids))


def _create(imap: Connection, folder: str) -> None:
    try:
        folders.create(imap, folder)
    except errors.Rejected as error:
        if error.code != "ALREADYEXISTS":
            raise


def _fingerprints(imap: Connection, uids: Iterable[int]) -> Iterator[str]:
    waiting = sorted(uids)
    header = Atom("BODY.PEEK[HEADER.FIELDS (DATE FROM SUBJECT MESSAGE-ID)]")
    for start in range(0, len(waiting), _CHUNK):
        answer = imap.run(
            Atom("UID"),
            Atom("FETCH"),
            uid_set(waiting[start : start + _CHUNK]),
            (Atom("UID"), Atom("INTERNALDATE"), Atom("RFC822.SIZE"), header),
        )
        for values in fetch.by_uid(answer).values():
            lines = next((v for k, v in values.items() if k.startswith(b"BODY[HEADER.FIELDS")), b"")
            arrived = structure.internal_date(values.get(b"INTERNALDATE") or b"")
            yield fingerprint(lines or b"", int(values.get(b"RFC822.SIZE") or 0), arrived)


class Shelf:
    """A folder with the folders of another time below it: "Restored 2026-05-03", with "INBOX", "Sent" …

    With the empty name everything goes where it was: only for a mailbox that was made a moment ago.
    """

    def __init__(self, imap: Connection, name: str) -> None:
        inbox = folders.with_role(folders.tree(imap), "inbox")
        self._delimiter = inbox.delimiter if inbox and inbox.delimiter else "/"
        self._imap, self._name = imap, name
        self._deposits: dict[str, Deposit] = {}
        self.shown = name  # the last folder that took something

    def put(self, folder: str, letter: Letter) -> bool:
        """`folder`: its path, levels apart by "/"; see Deposit.put."""
        if folder not in self._deposits:
            self._deposits[folder] = Deposit(self._imap, self._path(folder))
        self.shown = self._deposits[folder].folder
        return self._deposits[folder].put(letter)

    def _path(self, folder: str) -> str:
        if not self._name and folder == "INBOX":
            return folder
        levels = [level.replace(self._delimiter, "_") for level in (self._name, *folder.split("/")) if level]
        # Courier and old Dovecots keep everything below INBOX.
        return namespaces.prefix(self._imap) + self._delimiter.join(levels)
