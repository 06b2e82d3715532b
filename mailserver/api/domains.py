"""Domains: list, create, change, delete with all that is in them."""

import asyncio
import contextlib
import sqlite3
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import dkim, homes, names, paging, payload
from .database import Database, iso, now
from .dovecot import DovecotAway
from .errors import DUPLICATE, Invalid, NotFound
from .service import service

WRITABLE: dict[str, payload.Reader] = {
    "domain_bin": payload.boolean,
    "domain_bin_address": payload.optional_text,
    "forward": payload.boolean,
    "forward_domain": payload.optional_text,
    "reference_id": payload.optional_text,
}


def as_json(row: sqlite3.Row, database: Database) -> dict[str, Any]:
    return {
        "home": str(database.mail_root / row["name"]),
        "name": row["name"],
        "created": iso(row["created"]),
        "updated": iso(row["updated"]),
        "domain_bin": bool(row["domain_bin"]),
        "domain_bin_address": row["domain_bin_address"],
        "forward": bool(row["forward"]),
        "forward_domain": row["forward_domain"],
        "force_route": False,
        "force_route_host": None,
        "reference_id": row["reference_id"],
    }


def known(request: Request) -> sqlite3.Row:
    """The domain of the path. Raises NotFound."""
    row = service(request).database.row(
        "SELECT * FROM domains WHERE name = ?", request.path_params["name"].strip("/").lower()
    )
    if row is None:
        raise NotFound()
    return row


async def listing(request: Request) -> Response:
    database = service(request).database
    page, size = paging.wanted(request)
    query = request.query_params.get("query", "").strip()[:255]
    if query:
        where, values = "WHERE name LIKE ? ESCAPE '\\'", [paging.like(query.lower())]
        total = database.row(f"SELECT count(*) AS n FROM domains {where}", *values)  # noqa: S608 two fixed texts
    else:
        where, values = "", []
        total = database.row("SELECT value AS n FROM counters WHERE name = 'domains'")
    rows = database.rows(
        f"SELECT * FROM domains {where} ORDER BY name LIMIT ? OFFSET ?",  # noqa: S608 two fixed texts
        *values,
        size,
        (page - 1) * size,
    )
    return JSONResponse(
        paging.envelope(page, size, total["n"] if total else 0, [as_json(row, database) for row in rows])
    )


async def one(request: Request) -> Response:
    return JSONResponse(as_json(known(request), service(request).database))


async def create(request: Request) -> Response:
    database = service(request).database
    body = await payload.read(request)
    name = names.domain_name(body.get("name"))
    if database.row("SELECT 1 FROM domains WHERE name = ?", name):
        raise Invalid({"name": DUPLICATE})
    values = _checked(payload.take(body, WRITABLE), name, database)
    with database.change() as connection:
        connection.execute(
            "INSERT INTO domains (name, created, updated) VALUES (?, ?, ?)", (name, now(), now())
        )
        _write(connection, name, values)
    row = database.row("SELECT * FROM domains WHERE name = ?", name)
    location = f"/admin/api/v1/domains/{quote(name)}"
    return JSONResponse(as_json(row, database) if row else {}, 201, {"Location": location})


async def change(request: Request) -> Response:
    database = service(request).database
    row = known(request)
    body = await payload.read(request)
    if body.get("force_route"):
        raise Invalid({"forceRoute": "This server does not route whole domains elsewhere."})
    values = payload.take(body, WRITABLE)
    merged = _checked({name: row[name] for name in WRITABLE} | values, row["name"], database)
    with database.change() as connection:
        _write(connection, row["name"], merged)
    return Response(status_code=204)


async def delete(request: Request) -> Response:
    """The domain, its mailboxes and their mail (kept aside for a week: see homes.py)."""
    database, name = service(request).database, known(request)["name"]
    if database.row(
        "SELECT 1 FROM boxes WHERE domain = ? AND address = ?", name, request.state.administrator
    ):
        raise Invalid({"name": "You cannot delete the domain of your own account."})
    with database.change() as connection:
        connection.execute("DELETE FROM traffic WHERE substr(address, instr(address, '@') + 1) = ?", (name,))
        connection.execute("DELETE FROM domains WHERE name = ?", (name,))
        connection.execute(
            "UPDATE domains SET forward = 0, forward_domain = NULL WHERE forward_domain = ?", (name,)
        )
    # Dovecot away: its caches are empty when it is back.
    with contextlib.suppress(DovecotAway):
        await asyncio.to_thread(service(request).dovecot.forget_domain, name)
    homes.set_aside(database.mail_root, name)
    dkim.remove(database, name)
    return Response(status_code=204)


def _checked(values: dict[str, Any], name: str, database: Database) -> dict[str, Any]:
    """Wrong combinations refused before anything is written."""
    if values.get("domain_bin_address"):
        values["domain_bin_address"] = names.target(values["domain_bin_address"])
    if values.get("domain_bin") and not values.get("domain_bin_address"):
        raise Invalid({"domainBinAddress": "A catch-all needs an address."})
    if values.get("forward_domain"):
        values["forward_domain"] = names.domain_name(values["forward_domain"], "forwardDomain")
    if values.get("forward"):
        _check_forward(values.get("forward_domain"), name, database)
    return values


def _check_forward(target: str | None, name: str, database: Database) -> None:
    if not target:
        raise Invalid({"forwardDomain": "An alias domain needs the domain it stands for."})
    seen = {name}
    while target:
        if target in seen:
            raise Invalid({"forwardDomain": "The domains would forward to each other."})
        seen.add(target)
        row = database.row("SELECT forward, forward_domain FROM domains WHERE name = ?", target)
        if row is None and len(seen) == 2:
            raise Invalid({"forwardDomain": "This domain does not exist here."})
        target = row["forward_domain"] if row and row["forward"] else None


def _write(connection: sqlite3.Connection, name: str, values: dict[str, Any]) -> None:
    for column, value in values.items():  # the columns are WRITABLE's, never the caller's
        connection.execute(f"UPDATE domains SET {column} = ? WHERE name = ?", (value, name))  # noqa: S608
    connection.execute("UPDATE domains SET updated = ? WHERE name = ?", (now(), name))
