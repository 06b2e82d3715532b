"""An invitation in a letter → who, what, when, where. RFC 5545, 5546. Text only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from icalendar import Calendar

from . import body

LARGEST = 300_000
_MOST_PEOPLE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    name: str
    status: str = ""  # accepted declined tentative needs-action, or empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """`start` and `end` are aware datetimes, or dates for whole days; `end` of these is the last day."""

    method: str = ""  # request cancel reply …
    summary: str = ""
    start: datetime | date | None = None
    end: datetime | date | None = None
    place: str = ""
    description: str = ""
    organizer: str = ""
    guests: tuple[Guest, ...] = ()
    repeats: bool = False


def read(octets: bytes) -> Invitation | None:
    """The first event of a calendar; None when nobody could read it."""
    if len(octets) > LARGEST:
        return None
    try:
        calendar = Calendar.from_ical(octets.decode("utf-8", "replace"))
        event = next(iter(calendar.walk("VEVENT")), None)
        return None if event is None else _invitation(calendar, event)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
        # The library means well with broken files, but not with all of them.
        return None


def _invitation(calendar: Any, event: Any) -> Invitation:
    start, end = _moment(event.get("DTSTART")), _moment(event.get("DTEND"))
    if end is None and start is not None and event.get("DURATION") is not None:
        end = start + event["DURATION"].dt
    return Invitation(
        method=_text(calendar.get("METHOD")).lower()[:20],
        summary=_text(event.get("SUMMARY")),
        start=start,
        end=end,
        place=_text(event.get("LOCATION")),
        description=_text(event.get("DESCRIPTION"), most=5000),
        organizer=_person(event.get("ORGANIZER")),
        guests=tuple(_guest(one) for one in _several(event.get("ATTENDEE"))[:_MOST_PEOPLE]),
        repeats=event.get("RRULE") is not None,
    )


def _moment(value: Any) -> datetime | date | None:
    found = getattr(value, "dt", None)
    if isinstance(found, datetime):
        # A floating time is meant where the reader is, but says nothing of where that is.
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if isinstance(found, date) else None


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _guest(value: Any) -> Guest:
    status = _parameter(value, "PARTSTAT").lower()
    known: Iterable[str] = ("accepted", "declined", "tentative", "needs-action")
    return Guest(name=_person(value), status=status if status in known else "")


def _person(value: Any) -> str:
    if value is None:
        return ""
    name = _parameter(value, "CN")
    address = _text(value)
    address = address[7:] if address.lower().startswith("mailto:") else address
    return body.without_turns(f"{name} <{address}>" if name and name != address else address)


def _parameter(value: Any, name: str) -> str:
    return _text(getattr(value, "params", {}).get(name))


def _text(value: Any, most: int = 300) -> str:
    return body.tidy(str(value))[:most].strip() if value is not None else ""
