"""The same for many, one after the other: what worked stays, each row says how it went."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext as _

from mailadmin.posteio.errors import Duplicate, NotFound, PosteError, Rejected, Unauthorized, Unavailable
from mailadmin.services.errors import ChangedMeanwhile, Refused

MOST = 200
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    target: str
    worked: bool
    sentence: str = ""
    password: str = ""  # made here for a new mailbox; shown once

    def __repr__(self) -> str:
        return f"Result({self.target!r}, worked={self.worked})"


def each(items: Iterable[T], name: Callable[[T], str], act: Callable[[T], Result | None]) -> list[Result]:
    """Runs `act` for all. When the mail server goes away, the rest is not tried and says so."""
    return list(_each(items, name, act))


def _each(
    items: Iterable[T], name: Callable[[T], str], act: Callable[[T], Result | None]
) -> Iterator[Result]:
    away = False
    for item in items:
        target = name(item)
        if away:
            yield Result(target=target, worked=False, sentence=_("Not tried: the mail server is away."))
            continue
        try:
            yield act(item) or Result(target=target, worked=True)
        except Unavailable:
            away = True
            yield Result(
                target=target,
                worked=False,
                sentence=_("No answer. Activity can find out whether it happened."),
            )
        except (PosteError, Refused, ChangedMeanwhile) as error:
            yield Result(target=target, worked=False, sentence=sentence(error))


def sentence(error: Exception) -> str:
    """Why, in words."""
    match error:
        case Refused():
            return str(error.sentence)
        case NotFound():
            return _("It is not there any more.")
        case Duplicate():
            return _("This already exists.")
        case ChangedMeanwhile():
            return _("Somebody changed it meanwhile.")
        case Unauthorized():
            return _("The mail server does not accept Postie's key.")
        case Rejected():
            return error.reason
    return str(error)
