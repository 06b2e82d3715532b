"""Where somebody is signed in, and signing out from afar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from postie_web.accounts.models import User, Visit
from postie_web.lib import user_agent

MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One session as its owner sees it."""

    number: int
    browser: str  # "Firefox", or empty
    system: str  # "Android", or empty
    is_phone: bool
    client_address: str
    began_at: datetime
    seen_at: datetime
    is_here: bool


def note_begin(request: HttpRequest, user: User) -> None:
    """At sign-in."""
    _forget_gone(user.address)
    agent = request.META.get("HTTP_USER_AGENT", "")
    Visit.objects.create(
        user=user,
        session_key=request.session.session_key or "",
        seen_at=timezone.now(),
        client_address=_address_of(request),
        agent="".join(sign for sign in agent if sign.isprintable())[:300],
    )


def note_seen(request: HttpRequest) -> None:
    """Once a minute at most (sessions.NOTE_EVERY)."""
    here = Visit.objects.filter(session_key=request.session.session_key)
    here.update(seen_at=timezone.now(), client_address=_address_of(request))


def note_end(request: HttpRequest) -> None:
    Visit.objects.filter(session_key=request.session.session_key).delete()


def of(address: str, here: str = "") -> list[Place]:
    """The sessions of this address that are open now, the latest first; `here`: the key of one's own."""
    _forget_gone(address)
    found = [_place(visit, here) for visit in Visit.objects.filter(user__address=address)[:MOST]]
    return sorted(found, key=lambda place: not place.is_here)


def end(address: str, number: int) -> bool:
    """Destroys that session, and with it the sealed password; False when it is not this address's."""
    mine = Visit.objects.filter(user__address=address, pk=number)
    return _end(mine.values_list("session_key", flat=True)) > 0


def end_others(address: str, here: str = "") -> int:
    """All but one's own; how many that were."""
    others = Visit.objects.filter(user__address=address).exclude(session_key=here)
    return _end(others.values_list("session_key", flat=True))


def _end(keys: Iterable[str]) -> int:
    ended = list(keys)
    Session.objects.filter(session_key__in=ended).delete()
    Visit.objects.filter(session_key__in=ended).delete()
    return len(ended)


def _forget_gone(address: str) -> None:
    """Sessions that ended by themselves leave their visit behind."""
    visits = Visit.objects.filter(user__address=address)
    keys = set(visits.values_list("session_key", flat=True))
    alive = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    gone = keys - set(alive.values_list("session_key", flat=True))
    if gone:
        visits.filter(session_key__in=gone).delete()


def _place(visit: Visit, here: str) -> Place:
    browser, system, is_phone = user_agent.read(visit.agent)
    return Place(
        number=visit.pk,
        browser=browser,
        system=system,
        is_phone=is_phone,
        client_address=visit.client_address,
        began_at=visit.began_at,
        seen_at=visit.seen_at,
        is_here=bool(here) and visit.session_key == here,
    )


def _address_of(request: HttpRequest) -> str:
    return str(vars(request).get("client_address", ""))[:45]
