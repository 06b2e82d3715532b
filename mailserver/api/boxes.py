"""Boxes: mailboxes, and redirects, which are boxes without storage."""

import asyncio
import contextlib
import sqlite3
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import filters, homes, names, paging, passwords, payload, redirects, searches
from .database import Database, iso, now
from .dovecot import DovecotAway
from .errors import DUPLICATE, Invalid, NotFound
from .service import service

FLAGS = ("disabled", "domain_admin", "super_admin", "strict_from_disabled", "redirect_only", "discard")
WRITABLE: dict[str, payload.Reader] = {
    "name": payload.text,
    "disabled": payload.boolean,
    "domain_admin": payload.boolean,
    "super_admin": payload.boolean,
    "strict_from_disabled": payload.boolean,
    "discard": payload.boolean,
    "reference_id": payload.optional_text,
    "storage_limit": payload.number,
    "count_limit": payload.number,
}
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 72


def as_json(row: sqlite3.Row, targets: list[str], database: Database) -> dict[str, Any]:
    return {
        "address": row["address"],
        "user": row["user"],
        "home": str(database.mail_root / row["home"]),
        "name": row["name"],
        **{flag: bool(row[flag]) for flag in FLAGS},
        "reference_id": row["reference_id"],
        "created": iso(row["created"]),
        "updated": iso(row["updated"]),
        "redirect_to": targets,
    }


def known(request: Request) -> sqlite3.Row:
    """The box of the path. Raises NotFound."""
    address = request.path_params["email"].strip("/").lower()
    row = service(request).database.row("SELECT * FROM boxes WHERE address = ?", address)
    if row is None:
        raise NotFound()
    return row


async def listing(request: Request) -> Response:
    database = service(request).database
    page, size = paging.wanted(request)
    query = request.query_params.get("query", "").replace("\0", " ").strip()[:255]
    only = filters.wanted(request.query_params)
    if query or only.heeded:
        # Beside the event loop: Postfix asks its questions there.
        find = partial(searches.find, database, query, size, (page - 1) * size, only)
        total, rows = await asyncio.to_thread(find)
    else:
        total, rows = searches.everything(database, size, (page - 1) * size)
    targets = redirects.of_many(database, [row["address"] for row in rows])
    found = [as_json(row, targets.get(row["address"], []), database) for row in rows]
    heeded = {"filtered": list(only.heeded)} if only.heeded else {}
    return JSONResponse(paging.envelope(page, size, total, found) | heeded)


async def one(request: Request) -> Response:
    database, row = service(request).database, known(request)
    return JSONResponse(as_json(row, redirects.of(database, row["address"]), database))


async def create(request: Request) -> Response:
    database = service(request).database
    body = await payload.read(request)
    user, domain = names.split(body.get("email", body.get("address")))
    address = f"{user}@{domain}"
    if not database.row("SELECT 1 FROM domains WHERE name = ?", domain):
        raise Invalid({"email": "This domain does not exist here."})
    if database.row("SELECT 1 FROM boxes WHERE address = ?", address):
        raise Invalid({"email": DUPLICATE})
    targets = redirects.checked(database, address, payload.texts(body.get("redirect_to", []), "redirect_to"))
    values = payload.take(body, WRITABLE)
    values["password_hash"] = await _password(body, required=not targets and not values.get("discard"))
    values["redirect_only"] = bool(targets) and not values["password_hash"]
    try:
        with database.change() as connection:
            connection.execute(
                "INSERT INTO boxes (address, domain, user, home, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
                (address, domain, user, f"{domain}/{user}", now(), now()),
            )
            _write(connection, address, values)
            redirects.write(connection, address, targets)
    except sqlite3.IntegrityError:
        raise Invalid({"email": DUPLICATE}) from None
    # Somebody may have tried this address before it was there, and Dovecot remembers that it was not.
    with contextlib.suppress(DovecotAway):
        await asyncio.to_thread(service(request).dovecot.refresh, address)
    row = database.row("SELECT * FROM boxes WHERE address = ?", address)
    location = f"/admin/api/v1/boxes/{quote(address)}"
    return JSONResponse(as_json(row, targets, database) if row else {}, 201, {"Location": location})


async def change(request: Request) -> Response:
    database, row = service(request).database, known(request)
    body = await payload.read(request)
    values = payload.take(body, WRITABLE)
    _protect_oneself(request, row["address"], values)
    hashed = await _password(body, required=False)
    if hashed:
        values["password_hash"] = hashed
    targets = None
    if "redirect_to" in body:
        targets = redirects.checked(
            database, row["address"], payload.texts(body["redirect_to"], "redirect_to")
        )
        if row["redirect_only"] and not targets:
            raise Invalid({"redirectTo": "A redirect needs at least one address."})
    with database.change() as connection:
        _write(connection, row["address"], values)
        if targets is not None:
            redirects.write(connection, row["address"], targets)
    if hashed or "disabled" in values:
        await _forget(request, row["address"])
    return Response(status_code=204)


async def delete(request: Request) -> Response:
    database, row = service(request).database, known(request)
    if row["address"] == request.state.administrator:
        raise Invalid({"email": "You cannot delete your own account."})
    with database.change() as connection:
        connection.execute("DELETE FROM boxes WHERE address = ?", (row["address"],))
        connection.execute("DELETE FROM traffic WHERE address = ?", (row["address"],))
    await _forget(request, row["address"])
    homes.set_aside(database.mail_root, row["home"])
    return Response(status_code=204)


def _protect_oneself(request: Request, address: str, values: dict[str, Any]) -> None:
    if address == request.state.administrator:
        if values.get("disabled"):
            raise Invalid({"disabled": "You cannot disable your own account."})
        if values.get("super_admin") is False:
            raise Invalid({"superAdmin": "You cannot take away your own rights."})


async def _password(body: dict[str, Any], *, required: bool) -> str:
    """The hash of the new password, empty for none. Raises Invalid."""
    given = body.get("password_plaintext")
    if body.get("password_hash"):
        # Ours, not poste.io's: a deleted mailbox comes back with the password its owner knows.
        return passwords.checked_hash(payload.text(body["password_hash"], "password_hash", 200))
    if given in (None, ""):
        if required:
            raise Invalid({"passwordPlaintext": "This value should not be blank."})
        return ""
    password = payload.text(given, "password_plaintext", 1000)
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            {"passwordPlaintext": f"This value is too short: {SHORTEST_PASSWORD} characters or more."}
        )
    if len(password.encode()) > LONGEST_PASSWORD:
        raise Invalid({"passwordPlaintext": f"This value is too long: {LONGEST_PASSWORD} bytes or less."})
    return await asyncio.to_thread(passwords.hashed, password)


async def _forget(request: Request, address: str) -> None:
    # Dovecot away: its caches are empty when it is back.
    with contextlib.suppress(DovecotAway):
        await asyncio.to_thread(service(request).dovecot.forget, address)


def _write(connection: sqlite3.Connection, address: str, values: dict[str, Any]) -> None:
    for column, value in values.items():  # the columns are WRITABLE's, never the caller's
        connection.execute(f"UPDATE boxes SET {column} = ? WHERE address = ?", (value, address))  # noqa: S608
    connection.execute("UPDATE boxes SET updated = ? WHERE address = ?", (now(), address))
