"""Who is asking: Django's session and the visitor's half of the key, read as the web does."""

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import close_old_connections
from django.http import HttpRequest
from django.utils import timezone

from postie_web.accounts.services import sessions
from postie_web.lib import push_channel
from postie_web.lib.credentials import Credentials

_AT_ONCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """`key` tells one mailbox and password from another; `who` is what the page calls its person."""

    key: str
    who: str
    session_key: str
    ends_at: float  # of the clock: idle too long, or signed in too long
    credentials: Credentials


def visitor(cookies: dict[str, str], client_address: str) -> Visitor | None:
    """None for strangers. Blocks: asks the database."""
    close_old_connections()
    request = HttpRequest()
    request.COOKIES = cookies
    request.session = SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    request.client_address = client_address  # type: ignore[attr-defined]
    request.user = get_user(request)
    credentials = sessions.open_credentials(request)
    ends_at = sessions.ends_at(request)
    if credentials is None or ends_at <= time.time():
        return None
    return Visitor(
        key=_key(credentials),
        who=push_channel.who(credentials.address, settings.SECRET_KEY),
        session_key=request.session.session_key or "",
        ends_at=ends_at,
        credentials=credentials,
    )


def alive(session_keys: Sequence[str]) -> dict[str, float]:
    """Session → until when, of those that are still there. Blocks."""
    close_old_connections()
    found: dict[str, float] = {}
    for start in range(0, len(session_keys), _AT_ONCE):
        rows = Session.objects.filter(
            session_key__in=session_keys[start : start + _AT_ONCE], expire_date__gt=timezone.now()
        )
        found.update({row.session_key: row.expire_date.timestamp() for row in rows.defer("session_data")})
    return found


def seen_again(session_key: str) -> float:
    """Until when the session lasts now: somebody may have clicked since. Blocks."""
    close_old_connections()
    request = HttpRequest()
    request.session = SessionStore(session_key)
    return sessions.ends_at(request)


def _key(credentials: Credentials) -> str:
    text = f"{credentials.address.lower()}\0{credentials.password}"
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hex()
