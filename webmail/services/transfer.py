"""Letters in and out as files: .eml, and mbox as every mail program reads it. RFC 4155."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from postie_web.lib.credentials import Credentials
from webmail import connections
from webmail.imap import append, errors, fetch, search
from webmail.imap.connection import Connection
from webmail.mime import headers

MOST_LETTERS = 5000
LARGEST_LETTER = 50_000_000
_FROM = re.compile(rb"^(>*From )", re.MULTILINE)
_STUFFED = re.compile(rb"^>(>*From )", re.MULTILINE)


class TooLarge(Exception):
    """A letter, or the number of them, is beyond what we take at once."""


def letters(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The letters of a file: one .eml, or each of an mbox. Memory for one letter at a time."""
    lines: list[bytes] = []
    size, is_mbox, after_blank = 0, None, True
    for line in _lines(chunks):
        if is_mbox is None:
            is_mbox = line.startswith(b"From ")
        if is_mbox and after_blank and line.startswith(b"From "):
            yield from _letter(lines, is_mbox=True)
            lines, size = [], 0
        else:
            lines.append(line)
            size += len(line)
            if size > LARGEST_LETTER:
                raise TooLarge
        after_blank = not line.strip()
    yield from _letter(lines, is_mbox=bool(is_mbox))


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LARGEST_LETTER:
            raise TooLarge
        yield from (line + b"\n" for line in whole)
    if rest:
        yield rest


def _letter(lines: list[bytes], *, is_mbox: bool) -> Iterator[bytes]:
    text = b"".join(lines)
    if is_mbox:
        # The blank line before the next "From " belongs to the file, not to the letter.
        text = _STUFFED.sub(rb"\1", text.removesuffix(b"\n").removesuffix(b"\r"))
    if headers.fields(text):
        yield text


def take_in(imap: Connection, folder: str, files: Iterable[Iterable[bytes]]) -> int:
    """Puts the letters of the files into the folder, read, with their own dates. Returns how many."""
    count = 0
    for file in files:
        for letter in letters(file):
            if count >= MOST_LETTERS:
                raise TooLarge
            append.append(imap, folder, letter, ["\\Seen"], _date(letter))
            count += 1
    return count


def _date(letter: bytes) -> datetime | None:
    value = headers.first(headers.fields(letter[:65536]), "date").decode("latin-1")
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if 1970 <= found.year <= 2100 else None


def uids(imap: Connection, folder: str) -> list[int]:
    """Oldest first."""
    return [int(uid) for uid in search.uids(imap, folder, reverse=False)]


def as_mbox(credentials: Credentials, folder: str, wanted: list[int]) -> Iterator[bytes]:
    """A folder as a stream. The connection is given back between two letters, so that others can read."""
    for uid in wanted:
        try:
            with connections.imap(credentials) as imap:
                letter = b"".join(fetch.part(imap, folder, uid, ""))
        except errors.NotFound:
            continue  # deleted since
        when = (_date(letter) or datetime(1970, 1, 1, tzinfo=UTC)).astimezone(UTC)
        yield f"From postie {when:%a %b %d %H:%M:%S %Y}\n".encode()
        yield _FROM.sub(rb">\1", letter.replace(b"\r\n", b"\n")).rstrip(b"\n") + b"\n\n"
