"""What waits to be sent. Ours alone: poste.io shows its queue only on its own pages."""

import json
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .errors import NotFound
from .service import service

STALE_SECONDS = 60


async def all_of_it(request: Request) -> Response:
    try:
        found = json.loads((service(request).database.root / "run/queue.json").read_text())
    except (OSError, ValueError):
        raise NotFound("The queue is not known") from None
    if time.time() - found["at"] > STALE_SECONDS:
        raise NotFound("The queue was not looked at for a while")
    return JSONResponse(found)
