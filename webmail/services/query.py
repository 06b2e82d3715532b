"""What people type into the search box → criteria.

from:ana -is:read "exact words" has:attachment older_than:1y larger:5M OR label:Work. Unknown ones are words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from webmail.imap import errors, search
from webmail.imap.search import Criteria

_MOST_TERMS = 30
_TOKEN = re.compile(r'(-?)(?:([A-Za-z_]+):)?(?:"([^"]*)"?|(\S+))')
_UNITS = {"d": 1, "w": 7, "m": 30, "y": 365}
_SIZES = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_IS = {
    "unread": search.UNREAD,
    "read": search.READ,
    "flagged": search.FLAGGED,
    "starred": search.FLAGGED,
    "answered": search.ANSWERED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    criteria: Criteria
    folder: str = ""  # of in:; empty: everywhere
    words: tuple[str, ...] = ()  # what to highlight
    is_empty: bool = False


def parse(
    text: str, today: date, *, bodies: bool = True, keyword: Callable[[str], str] | None = None
) -> Query:
    """Never fails: what is not understood is looked for as words.

    `bodies`: plain words search bodies too. `keyword`: the keyword of a label by its name.
    """
    reader = _Reader(today, bodies, keyword or str)
    for found in list(_TOKEN.finditer(_clean(text)))[:_MOST_TERMS]:
        reader.take(found[1] == "-", (found[2] or "").lower(), found[3] if found[3] is not None else found[4])
    return reader.query()


def _clean(text: str) -> str:
    # Control characters cannot be typed, only sent: they part words.
    return "".join(character if character.isprintable() else " " for character in text[:1000])


class _Reader:
    def __init__(self, today: date, bodies: bool, keyword: Callable[[str], str]) -> None:
        self._today = today
        self._keyword = keyword
        self._bodies = bodies
        self._terms: list[Criteria] = []
        self._or_next = False
        self._folder = ""
        self._words: list[str] = []
        self._makers: dict[str, Callable[[str], Criteria | None]] = {
            **{name: self._field(name) for name in ("from", "to", "cc", "bcc", "subject", "body", "text")},
            "is": lambda value: _IS.get(value.lower()),
            "has": lambda value: (
                search.ATTACHMENTS if value.lower() in ("attachment", "attachments") else None
            ),
            "label": self._label,
            "filename": lambda value: search.both(search.ATTACHMENTS, search.text("text", value)),
            "larger": lambda value: self._size(search.larger, value),
            "smaller": lambda value: self._size(search.smaller, value),
            "before": lambda value: self._day(search.before, value),
            "after": lambda value: self._day(search.since, value),
            "since": lambda value: self._day(search.since, value),
            "older_than": lambda value: self._age(search.before, value),
            "newer_than": lambda value: self._age(search.since, value),
        }

    def take(self, is_not: bool, name: str, value: str) -> None:
        if name == "" and value == "OR" and not is_not:
            self._or_next = bool(self._terms)
            return
        if name == "in" and value:
            self._folder = value
            return
        criteria = self._makers[name](value) if name in self._makers and value else None
        if criteria is None:
            criteria = self._plain(f"{name}:{value}" if name else value)
        if criteria is None:
            return
        self._add(search.neither(criteria) if is_not else criteria)

    def query(self) -> Query:
        return Query(
            criteria=search.both(*self._terms),
            folder=self._folder,
            words=tuple(self._words),
            is_empty=not self._terms and not self._folder,
        )

    def _add(self, criteria: Criteria) -> None:
        if self._or_next:
            criteria = search.either(self._terms.pop(), criteria)
            self._or_next = False
        self._terms.append(criteria)

    def _plain(self, words: str) -> Criteria | None:
        if not words.strip():
            return None
        self._words.append(words)
        if self._bodies:
            return search.text("text", words)
        return search.either(*(search.text(field, words) for field in ("subject", "from", "to", "cc")))

    def _field(self, name: str) -> Callable[[str], Criteria]:
        def make(value: str) -> Criteria:
            self._words.append(value)
            return search.text(name, value)

        return make

    def _label(self, value: str) -> Criteria | None:
        try:
            return search.keyword(self._keyword(value))
        except errors.Rejected:
            return None

    def _size(self, make: Callable[[int], Criteria], value: str) -> Criteria | None:
        found = re.fullmatch(r"([0-9]{1,9})([kmgKMG]?)[bB]?", value)
        return make(min(int(found[1]) * _SIZES[found[2].lower()], 2**32 - 1)) if found else None

    def _day(self, make: Callable[[date], Criteria], value: str) -> Criteria | None:
        try:
            return make(date.fromisoformat(value.replace("/", "-")))
        except ValueError:
            return None

    def _age(self, make: Callable[[date], Criteria], value: str) -> Criteria | None:
        found = re.fullmatch(r"([0-9]{1,4})([dwmy])", value.lower())
        if not found:
            return None
        days = min(int(found[1]) * _UNITS[found[2]], 36500)
        return make(self._today - timedelta(days=days))
