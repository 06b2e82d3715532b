"""A device somebody signed in on before, by a signed cookie: strangers' guesses do not slow its owner."""

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

SALT = "postie.device"
YEAR = 365 * 24 * 3600
MOST_ADDRESSES = 8


def device_of(request: HttpRequest, address: str) -> str:
    """The device's id when it knows this address, else empty."""
    known = _read(request)
    return str(known["id"]) if _mark(address) in known["for"] else ""


def remember(request: HttpRequest, response: HttpResponseBase, address: str) -> None:
    known = _read(request)
    marks = [mark for mark in known["for"] if mark != _mark(address)][-(MOST_ADDRESSES - 1) :]
    value = signing.dumps({"id": known["id"], "for": [*marks, _mark(address)]}, salt=SALT)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        value,
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        known = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=YEAR)
        return {"id": str(known["id"]), "for": [str(mark) for mark in known["for"]]}
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return {"id": secrets.token_hex(12), "for": []}


def _mark(address: str) -> str:
    return hashlib.sha256(f"{settings.SECRET_KEY}\0{address}".encode()).hexdigest()[:16]
