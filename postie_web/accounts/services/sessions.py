"""A session's life: made new at sign-in, its password sealed, ended when idle, too old, or by its owner."""

import time

from django.conf import settings
from django.contrib.auth import SESSION_KEY, login, logout
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from postie_web.accounts.models import User
from postie_web.accounts.services import visits
from postie_web.lib import sealing
from postie_web.lib.credentials import Credentials
from webmail import connections

SEALED, BEGAN, SEEN = "sealed", "began", "seen"
_ADDRESS = f"SELECT address FROM {User._meta.db_table} WHERE id = %s"  # noqa: S608  a name of our own
NOTE_EVERY = 60  # seconds between two notes of "still here"


def begin(request: HttpRequest, user: User, credentials: Credentials | None) -> str:
    """Signs in under a new session key; returns the visitor's half of the key, for the cookie."""
    request.session.flush()
    login(request, user)
    half = sealing.new_half()
    now = int(time.time())
    request.session[BEGAN] = request.session[SEEN] = now
    if credentials is not None:
        request.session[SEALED] = sealing.seal(credentials.password, half, settings.SECRET_KEY, user.address)
    visits.note_begin(request, user)
    return half


def end(request: HttpRequest) -> None:
    """Destroys the session's row, and with it the sealed password; closes warm connections."""
    credentials = open_credentials(request)
    if credentials is not None:
        connections.forget(credentials)
    visits.note_end(request)
    logout(request)


def end_when_expired(request: HttpRequest) -> None:
    if not request.session.get(BEGAN):
        return
    now = int(time.time())
    seen, began = request.session.get(SEEN, 0), request.session[BEGAN]
    if now - seen > settings.SESSION_IDLE_SECONDS or now - began > settings.SESSION_LONGEST_SECONDS:
        end(request)
    elif now - seen > NOTE_EVERY:
        request.session[SEEN] = now
        visits.note_seen(request)


def ends_at(request: HttpRequest) -> float:
    """When this session ends by itself, in seconds of the clock; 0 when there is none."""
    began = request.session.get(BEGAN)
    if not began:
        return 0.0
    idle = request.session.get(SEEN, 0) + settings.SESSION_IDLE_SECONDS
    return float(min(idle, began + settings.SESSION_LONGEST_SECONDS))


def open_credentials(request: HttpRequest) -> Credentials | None:
    """The person's mailbox key; None for strangers, break-glass administrators and torn cookies."""
    sealed = request.session.get(SEALED)
    address = _address_of(str(request.session.get(SESSION_KEY, "")))
    if not sealed or not address:
        return None
    half = request.COOKIES.get(settings.KEY_COOKIE_NAME, "")
    try:
        password = sealing.unseal(sealed, half, settings.SECRET_KEY, address)
    except sealing.Broken:
        return None
    return Credentials(
        address=address, password=password, client_address=getattr(request, "client_address", "")
    )


def _address_of(key: str) -> str:
    """Whose session: all that a request for mail needs of the user, so the rest is not read."""
    if not key:
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_ADDRESS, [key])
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def give_half(response: HttpResponseBase, half: str) -> None:
    response.set_cookie(
        settings.KEY_COOKIE_NAME,
        half,
        max_age=settings.SESSION_LONGEST_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def take_half(response: HttpResponseBase) -> None:
    response.delete_cookie(settings.KEY_COOKIE_NAME, samesite="Lax")
