"""Subjects as SEARCH SUBJECT compares them (RFC 5256, 2.1; RFC 9051, 6.4.4): many, in little memory.

Dovecot compares titles, taken apart: "á" is "A" and an accent. What we cannot be sure to read as it does
(raw 8-bit, odd charsets, two subjects) is not guessed at: those few letters stay Dovecot's to look through.
"""

import base64
import binascii
import quopri
import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Sequence

_PLAIN = re.compile(rb"[\x20-\x7e]*")
_ENCODED = re.compile(rb"=\?([A-Za-z0-9_-]+)\?([QqBb])\?([\x21-\x3e\x40-\x7e]*)\?=")
_CHARSETS = frozenset(("utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"))
# Where titles and pieces are settled: Latin without its double letters, Greek, Cyrillic, kana, Hangul, wide.
_SETTLED = (
    *((0x20, 0x1BF), (0x1CD, 0x1F0), (0x1F4, 0x24F), (0x370, 0x3E1), (0x400, 0x52F), (0x1E00, 0x1EFF)),
    *((0x2000, 0x206F), (0x2100, 0x214F), (0x3040, 0x30FF), (0xAC00, 0xD7A3), (0xFF01, 0xFFEE)),
)
_UNSURE = "\uffff"


class _Folding(dict[int, str]):
    """Character → how it is compared, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = value = _compared(chr(code))
        return value


def _compared(character: str) -> str:
    title = character.title()
    pieces = unicodedata.normalize("NFKD", title if len(title) == 1 else character)
    if pieces == character:
        return character if unicodedata.category(character) not in ("Cn", "Cs", "Cc") else _UNSURE
    return pieces if any(low <= ord(character) <= high for low, high in _SETTLED) else _UNSURE


_FOLDING = _Folding()


def folded(text: str) -> bytes | None:
    """The text as it is compared; None where only the server knows."""
    if text.isascii():
        return text.upper().encode() if text.isprintable() else None
    found = text.translate(_FOLDING)
    return None if _UNSURE in found else found.encode()


def needle(words: str) -> bytes | None:
    """What is looked for; None: words whose spaces or signs only the server can judge."""
    return None if not words or words != " ".join(words.split()) else folded(words)


def read(fields: Sequence[bytes]) -> bytes | None:
    """The letter's subject as it is compared, from its unfolded fields; None where only the server knows."""
    if not fields:
        return b""
    value = fields[0].strip(b" ")
    if len(fields) > 1 or b"  " in value or not _PLAIN.fullmatch(value):
        return None
    if b"=?" not in value:
        return value.upper()
    text = _decoded(value)
    return None if text is None or "  " in text else folded(text.strip(" "))


def _decoded(value: bytes) -> str | None:
    """RFC 2047: encoded words between spaces, which are no part of the text between two of them."""
    pieces: list[str] = []
    follows = False
    for word in value.split(b" "):
        found = _ENCODED.fullmatch(word)
        text = _word(*found.groups()) if found else None if b"=?" in word else word.decode()
        if text is None:
            return None
        pieces += [text] if not pieces or (found and follows) else [" ", text]
        follows = found is not None
    return "".join(pieces)


def _word(charset: bytes, encoding: bytes, octets: bytes) -> str | None:
    name = charset.decode().lower()
    try:
        if encoding in b"Qq":
            raw = quopri.decodestring(octets, header=True)
        else:
            raw = base64.b64decode(octets, validate=True)
        return raw.decode(name) if name in _CHARSETS else None
    except (binascii.Error, UnicodeDecodeError, LookupError):
        return None


class Subjects:
    """Subjects by uid, in one piece: 100,000 take about 6 MB, and a word is found in them in a few ms."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._starts = array("I", [0])
        self._uids = array("I")
        self.odd = array("I")  # whose subject only the server can judge

    def add(self, uid: int, compared: bytes | None) -> None:
        if compared is None:
            self.odd.append(uid)
            return
        self._text += compared + b"\n"
        self._starts.append(len(self._text))
        self._uids.append(uid)

    def having(self, wanted: bytes) -> list[int]:
        """Uids, ascending."""
        text, starts, uids = self._text, self._starts, self._uids
        found: list[int] = []
        place, position = 0, text.find(wanted)
        while position >= 0:
            place = bisect_right(starts, position, place) - 1
            found.append(uids[place])
            position = text.find(wanted, starts[place + 1])
        return found

    @property
    def octets(self) -> int:
        return len(self._text) + 8 * len(self._uids) + 4 * len(self.odd)
