"""What comes back: a response from the stream, all answers to a command, the folder as they describe it."""

import re
from dataclasses import dataclass, field
from typing import BinaryIO

from . import errors, overlong
from .parser import Response, literal_size

_LONGEST_LINE = 8 * 1024 * 1024
_LARGEST_LITERAL = 96 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The selected folder, as the server last described it to us."""

    name: str
    read_only: bool = False
    messages: int = 0
    uidvalidity: int = 0
    uidnext: int = 0
    modseq: int = 0  # 0: the server keeps none for this folder
    keywords_allowed: bool = True


@dataclass(slots=True)
class Answer:
    """All that came for one command."""

    untagged: list[Response] = field(default_factory=list)
    final: Response = field(default_factory=lambda: Response("OK"))

    def named(self, name: str) -> list[Response]:
        return [item for item in self.untagged if item.name == name]

    def code(self, code: str) -> Response | None:
        """The response that carried this code, the tagged one first."""
        return next((r for r in (self.final, *self.untagged) if r.code == code), None)


def read_response(file: BinaryIO) -> list[bytes]:
    """A response as line, literal, line, literal, … line; lines without CR LF. A FETCH may be shortened."""
    pieces: list[bytes] = []
    octets = 0
    while True:
        line = file.readline(_LONGEST_LINE)
        octets += len(line)
        if octets > overlong.LONGEST_LINE and overlong.is_fetch(pieces[0] if pieces else line):
            return overlong.Shortened(pieces).rest(file, line)
        if not line.endswith(b"\n"):
            raise errors.Lost("The mail server closed the connection.")
        line = line.rstrip(b"\r\n")
        pieces.append(line)
        size = literal_size(line) if line.endswith(b"}") else None
        if size is None:
            return pieces
        pieces.append(_literal(file, size, pieces))
        octets += 0 if overlong.is_section(line) else len(pieces[-1])


def _literal(file: BinaryIO, size: int, pieces: list[bytes]) -> bytes:
    if overlong.is_fetch(pieces[0]) and not overlong.is_section(pieces[-1]):
        return overlong.literal(file, size, overlong.LONGEST_STRING)
    if size > _LARGEST_LITERAL:
        raise errors.Unavailable("The mail server sent more than we can hold.")
    return overlong.literal(file, size, size)


def tells_of_change(item: Response) -> bool:
    """Dovecot adds MODSEQ to a FETCH nobody asked for, once CONDSTORE is enabled (RFC 7162, 3.2)."""
    if item.name == "FETCH":
        return bool(item.data) and isinstance(item.data[0], list) and b"MODSEQ" in item.data[0]
    return item.name in ("EXISTS", "EXPUNGE", "VANISHED")


_MISSING = re.compile(r"doesn't exist|does not exist|not found|unknown mailbox", re.IGNORECASE)


def means_missing(error: errors.ImapError) -> bool:
    # Dovecot 2.3 says NONEXISTENT only for some of them.
    return isinstance(error, errors.Rejected) and bool(_MISSING.search(error.reason))


def is_number(value: object) -> bool:
    return isinstance(value, bytes) and value.isdigit()


def expand(uids: bytes) -> list[int]:
    """1:3,7 → [1, 2, 3, 7], in the order the server gave."""
    numbers: list[int] = []
    for item in uids.split(b","):
        first, _, last = item.partition(b":")
        a, b = int(first), int(last or first)
        numbers.extend(range(a, b + 1) if a <= b else range(a, b - 1, -1))
    return numbers
