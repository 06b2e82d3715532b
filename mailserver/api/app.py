"""The ASGI application."""

import logging
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import brake, openapi
from .errors import ApiError
from .routes import PREFIX, ROUTES, Handler
from .service import Service, Unauthenticated, administrator, challenge

log = logging.getLogger(__name__)


def application(service: Service) -> Starlette:
    routes = [
        Route("/authpolicy", brake.endpoint, methods=["POST"]),
        Route("/health", health, methods=["GET"]),
        Route("/admin/api/doc", openapi.as_page, methods=["GET"]),
        Route(f"{PREFIX}/openapi.json", openapi.as_json, methods=["GET"]),
    ]
    paths: dict[str, dict[str, Handler]] = {}
    for route in ROUTES:
        paths.setdefault(PREFIX + route.path, {})[route.method] = route.handler
    for path, handlers in paths.items():
        # Real clients end a path with a slash now and then.
        routes += [Route(p, _door(handlers), methods=list(handlers)) for p in (path, f"{path}/")]
    app = Starlette(routes=routes, exception_handlers={404: missing, 405: not_allowed, 500: broken})
    app.state.service, app.state.brake = service, brake.Brake()
    return app


def _door(handlers: dict[str, Handler]) -> Handler:
    """Who asks is checked before anything is read; what goes wrong becomes JSON."""

    async def answer(request: Request) -> Response:
        try:
            request.state.administrator = await administrator(request)
            request.path_params.update({key: unquote(value) for key, value in request.path_params.items()})
            method = "GET" if request.method == "HEAD" else request.method
            return await handlers[method](request)
        except Unauthenticated:
            return challenge()
        except ApiError as error:
            return JSONResponse(error.body(), error.status)

    return answer


async def health(request: Request) -> Response:
    request.app.state.service.database.row("SELECT 1")
    return JSONResponse({"status": "ok"})


async def missing(request: Request, error: Any) -> Response:
    return JSONResponse({"code": 404, "message": "Not Found"}, 404)


async def not_allowed(request: Request, error: Any) -> Response:
    return JSONResponse({"code": 405, "message": "Method Not Allowed"}, 405, getattr(error, "headers", None))


async def broken(request: Request, error: Any) -> Response:
    log.error("request failed", exc_info=error)
    return JSONResponse({"code": 500, "message": "Internal Server Error"}, 500)
