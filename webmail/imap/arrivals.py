"""What is kept of a folder, brought up to date by what came since: not all of it is asked for anew.

Uids are only ever added above and taken away (RFC 3501, 2.3.1.1). So as many more messages as lie above the
old uidnext prove that none was taken away, and then what is kept only lacks those. Where they belong is
still for the server to say.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .answers import View

Value = TypeVar("Value")
Sort = Callable[[Iterable[int]], Sequence[int]]  # the server's order of a few messages

_MOST_NEW = 8  # more are sorted anew with all others
_AT_ONCE = 100  # messages a question names: three questions find a place among a million


@dataclass(frozen=True, slots=True)
class Kept(Generic[Value]):
    """Something that followed from a folder's messages alone, and from which ones."""

    value: Value
    uidnext: int
    messages: int

    def is_of(self, view: View) -> bool:
        return (self.uidnext, self.messages) == (view.uidnext, view.messages)

    def arrived(self, view: View, above: Callable[[int], list[int]]) -> list[int]:
        """What came since; empty when that is not all that happened, or too much. `above` asks the server."""
        more = view.messages - self.messages
        if not 0 < more <= _MOST_NEW or view.uidnext <= self.uidnext:
            return []
        found = sorted(above(self.uidnext))
        return found if len(found) == more and found[-1] < view.uidnext else []


def inserted(known: "array[int]", uids: Sequence[int], sort: Sort) -> "array[int] | None":
    """The order with these put in; None when the server's answers do not fit it any more."""
    ordered = array("I", known)
    for uid in uids:
        place = _place(ordered, uid, sort)
        if place is None:
            return None
        ordered.insert(place, uid)
    return ordered


def _place(ordered: "array[int]", uid: int, sort: Sort) -> int | None:
    low, high = 0, len(ordered)
    while low < high:
        places = range(low, high, max(1, (high - low) // _AT_ONCE))
        named = [ordered[place] for place in places]
        answer = list(sort([*named, uid]))
        rank = answer.index(uid) if uid in answer else -1
        if answer[:rank] + answer[rank + 1 :] != named:
            return None
        # After the last one that stands before it, and not after the next.
        high = places[rank] if rank < len(places) else high
        low = places[rank - 1] + 1 if rank else low
    return low
