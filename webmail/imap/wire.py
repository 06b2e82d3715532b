"""From values to octets: the only place where a command is written.

A person's text is `str` and always becomes a quoted string or a literal; what stands bare on the wire is an
`Atom`, which our own code makes from constants and which is checked all the same. So a search for
`a" X DELETE INBOX` stays a search, whatever it contains (CVE-2025-15366 is what happens otherwise).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imapclient import imap_utf7  # RFC 3501, 5.1.3

from .errors import Rejected

# What we let stand bare: keywords of the grammar, FETCH items with a section, sequence sets, dates.
_ATOM = re.compile(
    r"[A-Za-z0-9$][A-Za-z0-9$.\-+/=:,*_]*(\[[A-Za-z0-9. ()\-]*\])?(<[0-9.]+>)?|[0-9*][0-9:,*]*"
)
_FLAG = re.compile(r"\\?[^\x00-\x20\x7f-\U0010ffff(){}%*\"\\\[\]]+")
_QUOTABLE = re.compile(rb"[\x20-\x7e]*")
_QUOTED_SPECIALS = re.compile(rb'(["\\])')
_LONGEST_QUOTED = 900  # servers may limit lines to 8192 octets (RFC 7162, 4)
SYSTEM_FLAGS = frozenset(("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"))


class Atom(str):
    """A bare word of the grammar."""

    __slots__ = ()

    def __new__(cls, text: str) -> "Atom":
        if not _ATOM.fullmatch(text):
            raise Rejected("not an IMAP atom")
        return super().__new__(cls, text)


@dataclass(frozen=True, slots=True)
class FolderName:
    """A folder's name, to be sent in the encoding the server wants."""

    name: str


@dataclass(frozen=True, slots=True)
class Blob:
    """A message to APPEND: octets, always a literal."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Flag:
    r"""\Seen, or a keyword byte for byte."""

    name: str

    def __post_init__(self) -> None:
        if not is_flag(self.name):
            raise Rejected("not a flag or keyword")


def is_flag(name: str) -> bool:
    return bool(_FLAG.fullmatch(name)) and (name[0] != "\\" or name in SYSTEM_FLAGS)


# A list of values is parenthesised. Everything else stands for itself.
Value = Atom | str | int | bytes | FolderName | Flag | Blob | Sequence["Value"]


def uid_set(uids: Iterable[int]) -> Atom:
    """1, 2, 3, 7 → 1:3,7. Refuses anything that is not a uid, and an empty set, which no command takes."""
    numbers = sorted({_uid(uid) for uid in uids})
    if not numbers:
        raise Rejected("no messages were named")
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return Atom(",".join(str(a) if a == b else f"{a}:{b}" for a, b in ranges))


def _uid(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**32:
        raise Rejected("not a message number")
    return value


def encode(values: Sequence[Value], *, literal_plus: bool = False, utf8: bool = False) -> list[bytes]:
    """The command's octets without its tag, cut after each `{n}` the server must answer with `+` first."""
    chunks: list[bytes] = [b""]
    for number, value in enumerate(values):
        if number:
            chunks[-1] += b" "
        _write(chunks, value, literal_plus, utf8)
    chunks[-1] += b"\r\n"
    return chunks


def _write(chunks: list[bytes], value: Value, plus: bool, utf8: bool) -> None:  # noqa: C901 - one line per type
    if isinstance(value, Atom):
        chunks[-1] += value.encode("ascii")
    elif isinstance(value, Flag):
        chunks[-1] += value.name.encode("ascii")
    elif isinstance(value, bool):
        raise Rejected("a truth value is no IMAP value")
    elif isinstance(value, int):
        if not 0 <= value < 2**63:
            raise Rejected("a number out of range")
        chunks[-1] += str(value).encode()
    elif isinstance(value, FolderName):
        _write_string(chunks, encode_folder(value.name, utf8), plus)
    elif isinstance(value, str):
        _write_string(chunks, _octets(value), plus)
    elif isinstance(value, bytes):
        _write_string(chunks, value, plus)
    elif isinstance(value, Blob):
        _write_literal(chunks, value.data, plus)
    else:
        _write_list(chunks, value, plus, utf8)


def _write_list(chunks: list[bytes], values: Sequence[Value], plus: bool, utf8: bool) -> None:
    chunks[-1] += b"("
    for number, item in enumerate(values):
        if number:
            chunks[-1] += b" "
        _write(chunks, item, plus, utf8)
    chunks[-1] += b")"


def _octets(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:  # a lone surrogate
        raise Rejected("text that is not Unicode") from error


def encode_folder(name: str, utf8: bool = False) -> bytes:
    """A folder's name on the wire: modified UTF-7, or UTF-8 once ENABLEd (RFC 6855)."""
    octets = _octets(name)
    if (
        not name
        or len(octets) > 1000
        or any(ord(character) < 32 or character == "\x7f" for character in name)
    ):
        raise Rejected("not a folder name")
    if utf8:
        return octets
    return bytes(imap_utf7.encode(name))


def decode_folder(octets: bytes) -> str:
    """The name for people. Octets that are no modified UTF-7 are taken as UTF-8, as some servers send."""
    try:
        name = str(imap_utf7.decode(octets)) if octets.isascii() else octets.decode("utf-8")
        if octets.isascii() and encode_folder(name) != octets:
            return octets.decode("ascii")
    except (UnicodeError, Rejected, ValueError):
        return octets.decode("utf-8", "replace")
    return name


def _write_string(chunks: list[bytes], octets: bytes, plus: bool) -> None:
    if any(octet in octets for octet in (0, 10, 13)):
        raise Rejected("text with a line break or NUL in it")
    if len(octets) <= _LONGEST_QUOTED and _QUOTABLE.fullmatch(octets):
        chunks[-1] += b'"' + _QUOTED_SPECIALS.sub(rb"\\\1", octets) + b'"'
    else:
        _write_literal(chunks, octets, plus)


def _write_literal(chunks: list[bytes], octets: bytes, plus: bool) -> None:
    if 0 in octets:
        raise Rejected("a message with NUL in it")
    if plus:  # RFC 7888: no need to wait
        chunks[-1] += b"{%d+}\r\n" % len(octets) + octets
    else:
        chunks[-1] += b"{%d}\r\n" % len(octets)
        chunks.append(octets)
