"""ENVELOPE and BODYSTRUCTURE → our values (RFC 3501, 7.4.2). Missing or odd fields become empty ones."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from postie_web.lib import encoded_words
from webmail.types import Address, Envelope, Part

from .parser import Data, Later

_MOST_PARTS = 2000
_MOST_ADDRESSES = 500
_MONTHS = {m: n for n, m in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}


def envelope(data: Data) -> Envelope:
    if not isinstance(data, list) or len(data) < 10:
        return Envelope()
    return Envelope(
        subject=encoded_words.decode(_octets(data[1])),
        date=date(_octets(data[0])),
        sender=(sender := _addresses(data[2])),
        reply_to=sender if data[4] == data[2] else _addresses(data[4]),
        to=_addresses(data[5]),
        cc=_addresses(data[6]),
        bcc=_addresses(data[7]),
        in_reply_to=_ascii(data[8]),
        message_id=_ascii(data[9]),
    )


def _octets(value: Data) -> bytes:
    return value if isinstance(value, bytes) else b""


def _ascii(value: Data) -> str:
    return _octets(value).decode("utf-8", "replace").strip()


def _addresses(data: Data) -> tuple[Address, ...]:
    return _unread(data) if isinstance(data, Later) else _people(data)


_PERSON = re.compile(
    rb'\((?:NIL|"([^"]*)") (?:NIL|"[^"]*") (?:NIL|"([^"]*)") "([^"]*)"\)'
)  # not a group's ends


@lru_cache(maxsize=4096)
def _unread(data: Later) -> tuple[Address, ...]:
    """As _people, straight from the octets of a well-formed list without escapes."""
    if data.count(b"\\"):
        return _people(data.read())
    found = _PERSON.findall(data)
    return tuple(_address(name, local, host) for name, local, host in found[:_MOST_ADDRESSES])


def _people(data: Data) -> tuple[Address, ...]:
    if not isinstance(data, list):
        return ()
    return tuple(
        _address(_octets(item[0]), _octets(item[2]), _octets(item[3]))
        for item in data[:_MOST_ADDRESSES]
        if isinstance(item, list) and len(item) == 4 and item[3] is not None  # None: a group's ends
    )


@lru_cache(maxsize=8192)
def _address(name: bytes, local: bytes, host: bytes) -> Address:
    mailbox = encoded_words.text(local)
    # Dovecot writes these where a part is missing.
    domain = "" if host in (b"MISSING_DOMAIN", b".MISSING-HOST-NAME.") else encoded_words.text(host)
    mailbox = "" if mailbox == "MISSING_MAILBOX" else mailbox
    address = f"{mailbox}@{domain}" if domain else mailbox
    return Address(encoded_words.decode(name), " ".join(address.split()))


_DATE = re.compile(
    rb"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?"
    rb"(\d\d?) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)([0-5]\d)"
)


def date(octets: bytes) -> datetime | None:
    """A Date header, always aware; None when it cannot be read."""
    return _usual_date(octets) or _any_date(octets)


def _usual_date(octets: bytes) -> datetime | None:
    """As nearly everybody writes it (RFC 5322, 3.3): ten times as fast."""
    found = _DATE.fullmatch(octets)
    if found is None or found[2] not in _MONTHS or not b"1000" <= found[3] < b"9999":
        return None
    minutes = int(found[8]) * 60 + int(found[9])
    try:
        zone = _zone(-minutes if found[7] == b"-" else minutes)
        return datetime(
            int(found[3]),
            _MONTHS[found[2]],
            int(found[1]),
            int(found[4]),
            int(found[5]),
            int(found[6]),
            tzinfo=zone,
        )
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _zone(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes)) if minutes else UTC


def _any_date(octets: bytes) -> datetime | None:
    try:
        found = parsedate_to_datetime(octets.decode("latin-1"))
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
        return found if 1 < found.year < 9999 else None
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


_INTERNAL_DATE = re.compile(rb" ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")


def internal_date(octets: bytes) -> datetime:
    found = _INTERNAL_DATE.fullmatch(octets)
    if not found or found[2] not in _MONTHS:
        return datetime.fromtimestamp(0, UTC)
    day, _, year, hour, minute, second, sign, zone_hours, zone_minutes = found.groups()
    minutes = int(zone_hours) * 60 + int(zone_minutes)
    try:
        naive = datetime(
            int(year), _MONTHS[found[2]], int(day), int(hour), int(minute), min(int(second), 59), tzinfo=UTC
        )
        return datetime.fromtimestamp(naive.timestamp() - (-minutes if sign == b"-" else minutes) * 60, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


_LEAF = re.compile(rb'\("([^"]*)" "([^"]*)" (?:\(|nil )')
_TEXTS = {(b"text", b"plain"), (b"text", b"html")}


def has_only_texts(structure: Later) -> bool:
    """Whether a glance is enough to say that nothing is attached; most letters are like that."""
    low = structure.lower()
    if b"name" in low or b'"attachment"' in low or b"{" in low or b"\\" in low:
        return False
    leaves = _LEAF.findall(low)
    return bool(leaves) and _TEXTS.issuperset(leaves)


def part(data: Data) -> Part:
    """The tree of a message. Bounded: whoever sends 100,000 parts gets the first 2,000."""
    data = data.read() if isinstance(data, Later) else data
    return _Reader().read(data, "", is_root=True)


class _Reader:
    def __init__(self) -> None:
        self._left = _MOST_PARTS

    def read(self, data: Data, section: str, *, is_root: bool = False) -> Part:
        self._left -= 1
        if not isinstance(data, list) or not data or self._left < 0:
            return Part(section=section or "1", media_type="application/octet-stream")
        if isinstance(data[0], list):
            return self._multipart(data, section)
        # RFC 3501, 6.4.5: a message that is no multipart has its only part as 1.
        return self._single(data, section if not is_root else "1")

    def _multipart(self, data: list[Data], section: str) -> Part:
        bodies = [item for item in data if isinstance(item, list)]
        count = next((n for n, item in enumerate(data) if not isinstance(item, list)), len(data))
        prefix = f"{section}." if section else ""
        children = tuple(
            self.read(item, f"{prefix}{n}") for n, item in enumerate(bodies[:count], 1) if self._left > 0
        )
        rest = data[count:]
        parameters = _parameters(_at(rest, 1))
        return Part(
            section=section,
            media_type=f"multipart/{_word(_at(rest, 0)) or 'mixed'}",
            parameters=parameters,
            disposition=_disposition(_at(rest, 2))[0],
            children=children,
        )

    def _single(self, data: list[Data], section: str) -> Part:
        media_type = f"{_word(_at(data, 0)) or 'application'}/{_word(_at(data, 1)) or 'octet-stream'}"
        parameters = _parameters(_at(data, 2))
        children: tuple[Part, ...] = ()
        inner: Envelope | None = None
        extension = 8 if media_type.startswith("text/") else 7
        if media_type == "message/rfc822" and len(data) >= 10 and isinstance(data[7], list):
            inner, extension = envelope(data[7]), 10
            children = (self._inside(data[8], section),)
        disposition, named = _disposition(_at(data, extension + 1))
        return Part(
            section=section,
            media_type=media_type,
            parameters=parameters,
            disposition=disposition,
            filename=named.get("filename") or parameters.get("name", ""),
            content_id=_ascii(_at(data, 3)).strip("<>"),
            description=encoded_words.decode(_octets(_at(data, 4))),
            encoding=_word(_at(data, 5)) or "7bit",
            size=int(_at(data, 6)) if _octets(_at(data, 6)).isdigit() else 0,
            location=_ascii(_at(data, extension + 3)),
            children=children,
            envelope=inner,
        )

    def _inside(self, data: Data, section: str) -> Part:
        # The body of an enclosed message keeps its section when it is a multipart, else it is section.1.
        is_multipart = isinstance(data, list) and bool(data) and isinstance(data[0], list)
        return self.read(data, section if is_multipart else f"{section}.1")


def _at(data: list[Data], position: int) -> Data:
    return data[position] if position < len(data) else None


def _word(value: Data) -> str:
    return _octets(value).decode("latin-1").strip().lower()


def _disposition(data: Data) -> tuple[str, dict[str, str]]:
    if isinstance(data, list) and data:
        return _word(data[0]), _parameters(_at(data, 1))
    return _word(data), {}


def _parameters(data: Data) -> dict[str, str]:
    """name → value, with the pieces of RFC 2231 put together."""
    if not isinstance(data, list):
        return {}
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, bytes]]] = {}
    for name, value in zip(data[:200:2], data[1:200:2], strict=False):
        base, star, rest = _word(name).partition("*")
        if star:
            number = rest.rstrip("*")
            encoded = rest.endswith("*") or rest == ""
            pieces.setdefault(base, []).append(
                (int(number) if number.isdigit() else 0, encoded, _octets(value))
            )
        else:
            plain.setdefault(base, encoded_words.decode(_octets(value)))
    for base, found in pieces.items():
        plain[base] = _joined(sorted(found, key=lambda piece: piece[0]))
    return plain


def _joined(pieces: list[tuple[int, bool, bytes]]) -> str:
    charset = ""
    octets = b""
    for position, (_, encoded, value) in enumerate(pieces):
        if encoded and position == 0 and value.count(b"'") >= 2:
            name, _, value = value.split(b"'", 2)
            charset = name.decode("latin-1").lower()
        octets += unquote_to_bytes(value) if encoded else value
    return " ".join(encoded_words.text(octets, charset).split())
