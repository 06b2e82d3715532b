"""One understood line."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

LONGEST = 4000  # octets of a line that are looked at
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` is a word of words.py; `queue` and `message_id` join lines of one message; `at` is UTC."""

    at: datetime | None
    kind: str
    queue: str = ""
    message_id: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def addresses(self) -> set[str]:
        return {
            str(self.facts[k]).lower() for k in ("sender", "recipient", "asked", "user") if self.facts.get(k)
        }


class Foreign(Exception):
    """A line that its parser does not understand."""


def text(line: bytes) -> str:
    return line[:LONGEST].decode("utf-8", "replace")


def visible(said: str) -> str:
    """What strangers put into a log must not move, hide or colour anything: odd signs are written out."""
    return _ODD.sub(lambda found: f"\\x{ord(found[0]):02x}", said)


# Times. Servers write local time without its zone, and syslog not even the year: both are found from the
# file, whose last line was written when the file was (Zone.of).

MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
SYSLOG = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) ")
ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)? ?")
TAI64N = re.compile(r"@4([0-9a-f]{15})([0-9a-f]{8}) ")
LEAP = 37  # seconds between TAI and Unix time since 2017, as s6 counts


LATEST = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Zone:
    """How far the server's wall clock is from UTC, and when its newest line was written."""

    offset: timedelta = timedelta()
    newest: datetime = LATEST

    @classmethod
    def of(cls, last_line: str, written: datetime) -> "Zone":
        found = stamp(last_line, cls(timedelta(), written + timedelta(days=1)))
        if found is None or found[2]:
            return cls(timedelta(), written)
        quarters = round((found[0] - written).total_seconds() / 900)
        return cls(timedelta(minutes=15 * quarters) if abs(quarters) <= 56 else timedelta(), written)


def stamp(line: str, zone: Zone) -> tuple[datetime, int, bool] | None:
    """(UTC, where the rest of the line begins, whether the line told its own zone)."""
    try:
        if found := SYSLOG.match(line):
            return _without_year(found, zone), found.end(), False
        if found := ISO.match(line):
            return _iso(found, zone)
        if found := TAI64N.match(line):
            seconds = int(found[1], 16) - LEAP
            return datetime.fromtimestamp(seconds, UTC), found.end(), True
    except (ValueError, OverflowError, OSError, KeyError):
        return None
    return None


def _without_year(found: "re.Match[str]", zone: Zone) -> datetime:
    """The newest year in which this is not in the future."""
    month, day, hour, minute, second = MONTHS[found[1]], *(int(found[n]) for n in range(2, 6))
    latest = zone.newest + timedelta(days=1)
    year = min(latest.year, 9998)
    if (month, day) == (2, 29):
        while year % 4:
            year -= 1
    made = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC) - zone.offset
    return made if made <= latest else made.replace(year=made.year - 1)


def _iso(found: "re.Match[str]", zone: Zone) -> tuple[datetime, int, bool]:
    year, month, day, hour, minute, second = (int(found[n]) for n in range(1, 7))
    made = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    told = found[7]
    if not told:
        return made - zone.offset, found.end(), False
    if told != "Z":
        sign = -1 if told[0] == "-" else 1
        digits = told[1:].replace(":", "")
        made -= sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return made, found.end(), True
