"""What the names in a maildir say: folder, flags, when; and what a message's first lines say.

Sources: Maildir++ (dots between levels), RFC 3501 5.1.3 (modified UTF-7), Dovecot's "Maildir Mailbox
Format" (flag letters, dovecot-keywords). A name may hold octets that are no UTF-8: restic's JSON shows
each of them as U+FFFD, and so do we.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from imapclient import imap_utf7

from postie_web.lib import encoded_words

UNKNOWN = "\ufffd"
INBOX = ""  # the folder that is the maildir itself
FLAGS = {"D": "\\Draft", "F": "\\Flagged", "R": "\\Answered", "S": "\\Seen", "P": "$Forwarded"}
_KEYWORD = re.compile(rb"(\d{1,2}) ([^\x00-\x20\x7f-\xff(){}%*\"\\\[\]]{1,200})")
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/]")
LONGEST_HEAD = 64 * 1024
_LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The lines of a header that a list shows, decoded."""

    message_id: str = ""
    sender: str = ""
    subject: str = ""
    date: datetime | None = None


def folder_name(folder: str) -> str:
    """The directory ".Proyectos.Feria" → "Proyectos/Feria", as people know it; the maildir → "INBOX"."""
    if folder == INBOX:
        return "INBOX"
    return "/".join(_level(level) for level in folder.removeprefix(".").split(".") if level) or "INBOX"


def _level(octets: str) -> str:
    name = octets
    if octets.isascii():
        try:
            decoded = str(imap_utf7.decode(octets.encode()))
            name = decoded if imap_utf7.encode(decoded) == octets.encode() else octets
        except (UnicodeError, ValueError):
            name = octets
    return _NOT_IN_NAMES.sub("_", name.replace(UNKNOWN, "_")).encode("utf-8", "replace").decode()


def base(name: str) -> str:
    """The part of a file's name that stays for ever; flags stand behind it."""
    return name.partition(":")[0]


def flags(name: str, keywords: Mapping[int, str]) -> frozenset[str]:
    r"""Flags from ":2,FSa". T (deleted, not yet expunged) is left out: a restored message is wanted."""
    letters = _letters(name)
    found = {FLAGS[letter] for letter in letters if letter in FLAGS}
    found |= {keywords[ord(x) - 97] for x in letters if "a" <= x <= "z" and ord(x) - 97 in keywords}
    return frozenset(found)


def has_keywords(name: str) -> bool:
    """Whether its folder's dovecot-keywords must be read to know what its flags mean."""
    return any("a" <= letter <= "z" for letter in _letters(name))


def _letters(name: str) -> str:
    return name.partition(":2,")[2].partition(",")[0]


def keywords(octets: bytes) -> dict[int, str]:
    """A dovecot-keywords file, "0 $Label1" a line. What no IMAP server would take is left out."""
    found = (_KEYWORD.fullmatch(line.strip()) for line in octets.splitlines()[:64])
    return {int(match[1]): match[2].decode() for match in found if match and int(match[1]) < 26}


def head(octets: bytes) -> Head:
    """From the beginning of a message. Never fails: whatever cannot be read is empty."""
    fields = _fields(octets[:LONGEST_HEAD])
    return Head(
        message_id=_text(fields.get("message-id", b""))[:_LONGEST_TEXT],
        sender=_text(fields.get("from", b""))[:_LONGEST_TEXT],
        subject=_text(fields.get("subject", b""))[:_LONGEST_TEXT],
        date=_date(_text(fields.get("date", b""))),
    )


def _fields(octets: bytes) -> dict[str, bytes]:
    top = re.split(rb"\r?\n\r?\n", octets, maxsplit=1)[0]
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", top)
    found: dict[str, bytes] = {}
    for line in unfolded.splitlines():
        name, colon, value = line.partition(b":")
        if colon:
            found.setdefault(name.strip().lower().decode("latin-1"), value.strip())
    return found


def _text(octets: bytes) -> str:
    text = encoded_words.decode(octets)
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).encode("utf-8", "replace").decode().split())


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
