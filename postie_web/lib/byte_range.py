"""Range requests (RFC 9110, 14): which octets of something a browser wants to go on with."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


class Unsatisfiable(Exception):
    """What is asked for lies behind the end: 416."""


@dataclass(frozen=True, slots=True)
class Span:
    first: int
    last: int  # included

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def asked(header: str) -> bool:
    """Is it one range, in octets? Several, and other units, may be ignored (RFC 9110, 14.2): all is sent."""
    found = _ONE.fullmatch(header.replace(" ", ""))
    return bool(found and (found[1] or found[2]) and not _is_turned(found[1], found[2]))


def _is_turned(first: str, last: str) -> bool:
    return bool(first and last and int(first) > int(last))


def span(header: str, size: int) -> Span:
    """The octets of a header that `asked` accepts. Raises Unsatisfiable."""
    found = _ONE.fullmatch(header.replace(" ", ""))
    first, last = (found[1], found[2]) if found else ("0", "")
    if not first:  # the last so many
        first, last = str(max(0, size - int(last))) if int(last) else str(size), ""
    if int(first) >= size:
        raise Unsatisfiable
    return Span(int(first), min(int(last), size - 1) if last else size - 1)
