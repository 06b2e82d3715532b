"""With which letters a new one stands, by what a folder's letters call themselves and answer (RFC 5256).

Dovecot's REFS joins what References (or else In-Reply-To) links, and nothing by subject. A new letter that
links into one conversation, or into none, changes nothing else; whatever could (a reply that came before
what it answers, a name borne twice, one that breaks the grammar) is left to the server.
"""

import hashlib
import re
import secrets
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence

_STRICT = re.compile(rb"\s*(?:<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>\s*)*")
_ID = re.compile(rb"<([^<>\s]*)>")
_LOOSE = re.compile(rb"[^<>,;]+")
_COMMENT = re.compile(rb"\([^()]*\)|[\s\"\\]")
_SECRET = secrets.token_bytes(16)  # nobody outside can make two names alike
_MOST_NAMES = 1000
_MOST_JOINED = 2000

Fields = Mapping[bytes, Sequence[bytes]]
Links = tuple[int, list[int]]  # its own name or 0, and those it answers, the nearest last


def _number(name: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(name, digest_size=8, key=_SECRET).digest(), "big")


def _links(fields: Fields) -> Links | None:
    """None: not written as RFC 5322, 3.6.4 wants it."""
    named = {name: fields.get(name, ()) for name in (b"message-id", b"references", b"in-reply-to")}
    if any(len(values) > 1 or not _STRICT.fullmatch(b"".join(values)) for values in named.values()):
        return None
    own, answered, replied = (
        [_number(x) for x in _ID.findall(b"".join(values))] for values in named.values()
    )
    if len(own) > 1 or len(answered) > _MOST_NAMES or (not answered and len(replied) > 1):
        return None
    return (own[0] if own else 0), answered or replied


class _Names:
    """Numbers of names → uid: sorted once, later ones beside."""

    def __init__(self) -> None:
        self._numbers = array("Q")
        self._uids = array("I")
        self._late: dict[int, int] | None = None  # None: still unsorted

    def add(self, number: int, uid: int) -> None:
        if self._late is not None:
            self._late[number] = uid
        else:
            self._numbers.append(number)
            self._uids.append(uid)

    def sort(self) -> set[int]:
        """From now on get() answers. Returns the numbers there are more than one of."""
        order = sorted(range(len(self._numbers)), key=self._numbers.__getitem__)
        self._numbers = array("Q", (self._numbers[place] for place in order))
        self._uids = array("I", (self._uids[place] for place in order))
        self._late = {}
        return {one for one, next_ in zip(self._numbers, self._numbers[1:], strict=False) if one == next_}

    def get(self, number: int) -> int:
        """0: nobody."""
        late = self._late.get(number, 0) if self._late else 0
        if late:
            return late
        place = bisect_left(self._numbers, number)
        return self._uids[place] if place < len(self._numbers) and self._numbers[place] == number else 0

    @property
    def octets(self) -> int:
        return 12 * len(self._numbers) + 100 * len(self._late or ())


class Kin:
    def __init__(self) -> None:
        self._own = _Names()
        self._answered = _Names()  # the nearest name a letter answers → that letter
        self._doubtful = _Names()  # named elsewhere in a chain
        self._unclear = _Names()  # perhaps more than one letter calls itself so
        self._is_whole = False
        self._joined: dict[int, frozenset[int] | None] = {}

    def add(self, uid: int, fields: Fields) -> None:
        links = _links(fields)
        if self._is_whole:
            self._joined[uid] = self._with(links)
            if len(self._joined) > _MOST_JOINED:
                del self._joined[next(iter(self._joined))]
        if links is None:
            self._doubt(uid, b">".join(value for values in fields.values() for value in values))
            return
        own, answered = links
        if own and (self._is_whole and self._own.get(own)):
            self._unclear.add(own, uid)
        elif own:
            self._own.add(own, uid)
        for number in answered[-1:]:
            self._answered.add(number, uid)
        for number in answered[:-1]:
            self._doubtful.add(number, uid)

    def _doubt(self, uid: int, written: bytes) -> None:
        """Whatever a server may take for a name in it, in any of the ways to read it."""
        for text in (written, _COMMENT.sub(b"", written)):
            for name in [*_LOOSE.findall(text), *text.split()][:_MOST_NAMES]:
                self._unclear.add(_number(name.strip()), uid)

    def finish(self) -> None:
        """All of the folder is known: what is added from now on is new."""
        for number in self._own.sort():
            self._unclear.add(number, 1)
        for names in (self._answered, self._doubtful, self._unclear):
            names.sort()
        self._is_whole = True

    def joined(self, uid: int) -> frozenset[int] | None:
        """Letters a new one stands with; empty: it stands alone. None: only the server knows."""
        return self._joined.get(uid)

    def _with(self, links: Links | None) -> frozenset[int] | None:
        if links is None or (links[0] and self._is_named(links[0])) or links[0] in links[1]:
            return None
        found: set[int] = set()
        for number in links[1]:
            uid = self._stands(number)
            if uid is None:
                return None
            found.add(uid)
        return frozenset(found - {0})

    def _is_named(self, number: int) -> bool:
        return any(names.get(number) for names in (self._own, self._answered, self._doubtful, self._unclear))

    def _stands(self, number: int) -> int | None:
        """The letter of that name, or one that answers it; 0: nobody knows the name; None: in doubt."""
        if self._unclear.get(number):
            return None
        own = self._own.get(number)
        if own:
            return own
        # What answers a name hangs from it; one given in the middle of a chain may hang elsewhere.
        nearest = self._answered.get(number)
        return nearest or (None if self._doubtful.get(number) else 0)

    @property
    def octets(self) -> int:
        return sum(names.octets for names in (self._own, self._answered, self._doubtful, self._unclear))
