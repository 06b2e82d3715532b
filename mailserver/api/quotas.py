"""How much a box may hold and holds. MB as poste.io counts; 0 is unlimited."""

import asyncio
import contextlib

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import boxes, payload
from .database import now
from .dovecot import DovecotAway
from .service import service

MB = 1024 * 1024
WRITABLE: dict[str, payload.Reader] = {"storage_limit": payload.number, "count_limit": payload.number}


async def one(request: Request) -> Response:
    row = boxes.known(request)
    size = count = 0
    if not row["redirect_only"]:
        try:
            size, count = await asyncio.to_thread(service(request).dovecot.usage, row["address"])
        except DovecotAway:
            return JSONResponse({"code": 503, "message": "Dovecot does not answer."}, 503)
    return JSONResponse(
        {
            "email": row["address"],
            "storage_limit": row["storage_limit"],
            "storage_usage": round(size / MB, 2),
            "count_limit": row["count_limit"],
            "count_usage": count,
        }
    )


async def change(request: Request) -> Response:
    row = boxes.known(request)
    values = payload.take(await payload.read(request), WRITABLE)
    with service(request).database.change() as connection:
        for column, value in values.items():  # the columns are WRITABLE's, never the caller's
            connection.execute(f"UPDATE boxes SET {column} = ? WHERE address = ?", (value, row["address"]))  # noqa: S608
        connection.execute("UPDATE boxes SET updated = ? WHERE address = ?", (now(), row["address"]))
    with contextlib.suppress(DovecotAway):
        await asyncio.to_thread(service(request).dovecot.refresh, row["address"])
    return Response(status_code=204)
