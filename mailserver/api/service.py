"""What every handler works with: the database, Dovecot, and who is asking."""

import asyncio
import base64
import binascii
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from . import passwords
from .brake import Brake
from .database import Database
from .dovecot import Dovecot
from .errors import Forbidden


@dataclass(frozen=True, slots=True)
class Service:
    database: Database
    dovecot: Dovecot


def service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


class Unauthenticated(Exception):
    pass


async def administrator(request: Request) -> str:
    """The address of the system administrator who asks. Raises Unauthenticated or Forbidden."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        address, colon, password = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthenticated from None
    if kind.lower() != "basic" or not colon:
        raise Unauthenticated
    row = service(request).database.row(
        "SELECT password_hash, super_admin, disabled FROM boxes WHERE address = ? AND NOT redirect_only",
        address.lower(),
    )
    stored = row["password_hash"] if row else passwords.NOBODY
    right = passwords.remembered(password, stored) or await _try(request, address.lower(), password, stored)
    if not row or not right or row["disabled"]:
        raise Unauthenticated
    if not row["super_admin"]:
        raise Forbidden("Only a system administrator may use the API.")
    return address.lower()


async def _try(request: Request, address: str, password: str, stored: str) -> bool:
    """20 ms of hashing, beside the event loop and behind the same brake as every other sign-in."""
    brake: Brake = request.app.state.brake
    remote = request.client.host if request.client else ""
    if brake.is_shut(remote, address):
        raise Unauthenticated
    right = await asyncio.to_thread(passwords.matches, password, stored)
    if right:
        brake.succeeded(remote, address)
    else:
        brake.failed(remote, address, passwords.digest(password, ""))
    return right


def challenge() -> Response:
    return Response(
        '{"code":401,"message":"Bad credentials"}',
        401,
        {"WWW-Authenticate": 'Basic realm="Postie"', "Content-Type": "application/json"},
    )
