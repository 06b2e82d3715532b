"""A box' filter script, compiled by the real server before it is stored."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import boxes, payload
from .dovecot import DovecotAway, Refused
from .errors import Invalid
from .service import service

AWAY = JSONResponse({"code": 503, "message": "Dovecot does not answer."}, 503)


async def one(request: Request) -> Response:
    row = boxes.known(request)
    try:
        script = await asyncio.to_thread(service(request).dovecot.script, row["address"])
    except DovecotAway:
        return AWAY
    return JSONResponse({"email": row["address"], "script": script})


async def change(request: Request) -> Response:
    row = boxes.known(request)
    script = (await payload.read(request)).get("script")
    if not isinstance(script, str) or "\0" in script:
        raise Invalid({"script": "This value should be text."})
    try:
        await asyncio.to_thread(service(request).dovecot.set_script, row["address"], script)
    except Refused as error:
        raise Invalid({"script": str(error)}) from None
    except DovecotAway:
        return AWAY
    return Response(status_code=204)
