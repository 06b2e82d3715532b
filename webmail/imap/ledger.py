"""What is kept of every letter of a big folder: its subject, and what it answers. Filled beside the clicks.

Both never change (RFC 3501, 2.3.1.1), so a ledger is true for the letters it has; which those are is compared
with the folder each time it is asked. It is kept per account, folder and UIDVALIDITY, and only a session of
that account that has the folder open can ask it. Where there is none yet, the server is asked as ever.
"""

import re
import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence

from . import fetch
from .answers import View, expand
from .connection import Connection
from .kin import Kin
from .subjects import Subjects
from .subjects import read as subject_of
from .wire import Atom, uid_set

SMALLEST = 2000  # letters of a folder that is worth it
LARGEST = 1_000_000
_MOST_OCTETS = 64 * 1024 * 1024  # of all ledgers of this process
_AT_ONCE = 1000
_MOST_NEW = 500  # more are read beside the clicks
_ONE_HEAD = 16_384  # octets of a letter's fields; a longer chain is the server's to judge
_ITEM = Atom(f"BODY.PEEK[HEADER.FIELDS (SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES)]<0.{_ONE_HEAD}>")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")

Key = tuple[str, str, int]


class Ledger:
    def __init__(self, uids: Sequence[int], uidnext: int) -> None:
        self._to_read = array("I", uids)
        self._position = 0
        self.uidnext = uidnext
        self._uids = array("I")
        self._gone: frozenset[int] = frozenset()
        self._subjects = Subjects()
        self._kin = Kin()
        self._lock = threading.Lock()

    # growing

    def to_read(self) -> "array[int]":
        """The next letters; empty: it is whole."""
        return self._to_read[self._position : self._position + _AT_ONCE]

    def take(self, asked: Sequence[int], heads: dict[int, bytes]) -> None:
        self._position += len(asked)
        for uid in asked:
            if uid in heads:
                self._add(uid, heads[uid])
        if not self.to_read():
            self._to_read = array("I")
            self._kin.finish()

    def append(self, heads: dict[int, bytes], uidnext: int) -> None:
        """Letters that came since; another thread may have been faster."""
        with self._lock:
            for uid in sorted(heads):
                if uid >= self.uidnext:
                    self._add(uid, heads[uid])
            self.uidnext = max(self.uidnext, uidnext)

    def _add(self, uid: int, head: bytes) -> None:
        self._uids.append(uid)
        if len(head) >= _ONE_HEAD:  # cut
            self._subjects.add(uid, None)
            self._kin.add(uid, {b"references": (head, head)})
            return
        fields = _fields(head)
        self._subjects.add(uid, subject_of(fields.get(b"subject", ())))
        self._kin.add(uid, {name: values for name, values in fields.items() if name != b"subject"})

    # what is there

    def has_gone(self, present: Sequence[int]) -> None:
        with self._lock:
            self._gone = frozenset(self._uids).difference(present)

    def knows(self, messages: int) -> bool:
        return len(self._uids) - len(self._gone) == messages

    @property
    def is_worn(self) -> bool:
        """Most of what it holds is gone: one made anew takes less."""
        return 2 * len(self._gone) > len(self._uids)

    @property
    def octets(self) -> int:
        waiting = 4 * len(self._to_read)
        return waiting + 4 * len(self._uids) + 60 * len(self._gone) + self._subjects.octets + self._kin.octets

    # what is asked

    def odd(self) -> list[int]:
        """Letters whose subjects only the server can judge."""
        with self._lock:
            return [uid for uid in self._subjects.odd if uid not in self._gone]

    def having(self, wanted: Sequence[bytes]) -> list[int]:
        """Letters with all of these in their subjects, ascending, without the odd ones."""
        with self._lock:
            found = self._subjects.having(max(wanted, key=len))
            for other in wanted:
                if len(wanted) > 1:
                    also = frozenset(self._subjects.having(other))
                    found = [uid for uid in found if uid in also]
            return [uid for uid in found if uid not in self._gone] if self._gone else found

    def joined(self, uid: int) -> frozenset[int] | None:
        with self._lock:
            return self._kin.joined(uid)


class Shelf:
    """The ledgers of this process, those not used longest given up first."""

    def __init__(self, most: int = _MOST_OCTETS) -> None:
        self._most = most
        self._whole: OrderedDict[Key, Ledger] = OrderedDict()
        self._growing: dict[Key, Ledger] = {}
        self._lock = threading.Lock()

    def get(self, key: Key) -> Ledger | None:
        with self._lock:
            found = self._whole.get(key)
            if found is not None:
                self._whole.move_to_end(key)
            return found

    def growing(self, key: Key) -> Ledger | None:
        with self._lock:
            return self._growing.get(key)

    def grow(self, key: Key, ledger: Ledger) -> None:
        with self._lock:
            self._growing = {key: ledger}  # one at a time (services/indexing.py)

    def finish(self, key: Key, ledger: Ledger) -> None:
        with self._lock:
            self._growing.pop(key, None)
            self._whole[key] = ledger
            while len(self._whole) > 1 and sum(one.octets for one in self._whole.values()) > self._most:
                self._whole.popitem(last=False)

    def drop(self, key: Key) -> None:
        with self._lock:
            self._whole.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._whole.clear()
            self._growing.clear()

    @property
    def octets(self) -> int:
        with self._lock:
            return sum(ledger.octets for ledger in self._whole.values())


SHELF = Shelf()


def of(imap: Connection, view: View) -> Ledger | None:
    """The ledger of the open folder, as true as `view`. None: there is none; it is wished for."""
    if imap.is_virtual or not (view.uidvalidity and view.uidnext and imap.is_as_told()):
        return None
    key = (imap.account, view.name, view.uidvalidity)
    ledger = SHELF.get(key)
    if ledger is None or not _brought_up(imap, ledger, view):
        if ledger is not None:
            SHELF.drop(key)
        if SMALLEST <= view.messages <= LARGEST:
            imap.wishes.add(view.name)
        return None
    return ledger if ledger.knows(view.messages) else None


def _brought_up(imap: Connection, ledger: Ledger, view: View) -> bool:
    """False: better made anew."""
    if view.uidnext > ledger.uidnext:
        new = [uid for uid in _all(imap, f"{ledger.uidnext}:*") if uid >= ledger.uidnext]
        if len(new) > _MOST_NEW:
            return False
        ledger.append(_heads(imap, new), view.uidnext)
    if not ledger.knows(view.messages):
        ledger.has_gone(_all(imap, "1:*"))
    return not ledger.is_worn


def grow(imap: Connection, folder: str) -> bool:
    """Reads some more letters. False: nothing is left to read."""
    view = imap.select(folder)
    key = (imap.account, folder, view.uidvalidity)
    if not view.uidvalidity or not view.uidnext or imap.is_virtual or SHELF.get(key):
        return False
    ledger = SHELF.growing(key)
    if ledger is None:
        if not SMALLEST <= view.messages <= LARGEST or not imap.is_as_told():
            return False
        present = _all(imap, f"1:{view.uidnext - 1}")
        ledger = Ledger(sorted(present), view.uidnext)
        SHELF.grow(key, ledger)
    asked = ledger.to_read()
    ledger.take(asked, _heads(imap, asked))
    if ledger.to_read():
        return True
    SHELF.finish(key, ledger)
    return False


def _all(imap: Connection, uids: str) -> list[int]:
    """Which of these are there."""
    if not imap.has("ESEARCH"):
        answer = imap.run(Atom("UID"), Atom("SEARCH"), Atom("UID"), Atom(uids))
        return [int(uid) for item in answer.named("SEARCH") for uid in item.data]
    answer = imap.run(Atom("UID"), Atom("SEARCH"), Atom("RETURN"), [Atom("ALL")], Atom("UID"), Atom(uids))
    words = [word for item in answer.named("ESEARCH") for word in item.data if isinstance(word, bytes)]
    found = words[words.index(b"ALL") + 1] if b"ALL" in words[:-1] else b""
    return expand(found) if found else []


def _heads(imap: Connection, uids: Sequence[int]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for start in range(0, len(uids), _AT_ONCE):
        some = uids[start : start + _AT_ONCE]
        answer = imap.run(Atom("UID"), Atom("FETCH"), uid_set(some), (Atom("UID"), _ITEM))
        for uid, values in fetch.by_uid(answer).items():
            head = next((value for name, value in values.items() if name.startswith(b"BODY[")), None)
            if head is not None:
                found[uid] = head
    return found


def _fields(head: bytes) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for line in _FOLD.sub(b"", head).split(b"\n"):
        name, colon, value = line.removesuffix(b"\r").partition(b":")
        if colon:
            found.setdefault(name.strip().lower(), []).append(value)
    return found
