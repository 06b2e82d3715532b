"""The OpenAPI 3.1 document and a plain page of it, both from the routes' own table."""

from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from . import filters
from .routes import PREFIX, ROUTES, Route

TEXT, FLAG, WHOLE = {"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 0}
MAYBE, DATE = {"type": ["string", "null"]}, {"type": "string", "example": "2026-11-23T10:00:00+0000"}
ADDRESSES = {"type": "array", "items": TEXT}


def thing(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def page(name: str, **more: Any) -> dict[str, Any]:
    results = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    whole = dict.fromkeys(("page", "paging", "last_page", "results_count"), WHOLE)
    return thing(whole | {"results": results} | more, *whole, "results")


DOMAIN_CHANGE = {
    "domainBin": FLAG,
    "domainBinAddress": MAYBE,
    "forward": FLAG,
    "forwardDomain": MAYBE,
    "referenceId": MAYBE,
}
BOX_CHANGE = {
    "name": TEXT,
    "passwordPlaintext": {"type": "string", "format": "password", "minLength": 8, "maxLength": 72},
    "passwordHash": {
        "type": "string",
        "description": "Not in poste.io: a hash of this server, from a backup.",
    },
    **dict.fromkeys(("disabled", "superAdmin", "domainAdmin", "strictFromDisabled", "discard"), FLAG),
    "redirectTo": ADDRESSES,
    "referenceId": MAYBE,
    "storageLimit": WHOLE,
    "countLimit": WHOLE,
}
FLAGS = ("disabled", "domain_admin", "super_admin", "strict_from_disabled", "redirect_only", "discard")
TRAFFIC = thing({"in": WHOLE, "out": WHOLE}, "in", "out")
WAITING = thing(
    {
        **dict.fromkeys(("id", "queue", "sender"), TEXT),
        **dict.fromkeys(("arrived", "size"), WHOLE),
        "recipients": {"type": "array", "items": thing(dict.fromkeys(("address", "reason"), TEXT))},
    }
)
SCHEMAS: dict[str, Any] = {
    "Queue": thing(
        {
            **dict.fromkeys(("at", "count"), WHOLE),
            "oldest": {"type": ["integer", "null"]},
            "messages": {"type": "array", "items": WAITING},
        },
        "at",
        "count",
    ),
    "Domain": thing(
        {
            "home": TEXT,
            "name": TEXT,
            "created": DATE,
            "updated": DATE,
            "domain_bin": FLAG,
            "domain_bin_address": MAYBE,
            "forward": FLAG,
            "forward_domain": MAYBE,
            "force_route": FLAG,
            "force_route_host": MAYBE,
            "reference_id": MAYBE,
        },
        "name",
    ),
    "NewDomain": thing({"name": TEXT, **DOMAIN_CHANGE}, "name"),
    "DomainChange": thing(DOMAIN_CHANGE),
    "DomainPage": page("Domain"),
    "Dkim": thing(
        dict.fromkeys(("name", "selector", "public", "private"), TEXT), "name", "selector", "public"
    ),
    "NewDkim": thing({"selector": TEXT, "private": TEXT}),
    "Stats": {"type": "object", "additionalProperties": TRAFFIC},
    "Box": thing(
        {
            **dict.fromkeys(("address", "user", "home", "name"), TEXT),
            **dict.fromkeys(FLAGS, FLAG),
            "reference_id": MAYBE,
            "created": DATE,
            "updated": DATE,
            "redirect_to": ADDRESSES,
        },
        "address",
    ),
    "NewBox": thing({"email": TEXT, **BOX_CHANGE}, "email"),
    "BoxChange": thing(BOX_CHANGE),
    "BoxPage": page("Box", filtered={"type": "array", "items": TEXT}),
    "Quota": thing(
        {
            "email": TEXT,
            "storage_limit": WHOLE,
            "storage_usage": {"type": "number"},
            "count_limit": WHOLE,
            "count_usage": WHOLE,
        }
    ),
    "QuotaChange": thing({"storageLimit": WHOLE, "countLimit": WHOLE}),
    "Sieve": thing({"email": TEXT, "script": TEXT}, "script"),
    "SieveChange": thing({"script": TEXT}, "script"),
    "Error": thing({"code": WHOLE, "message": TEXT, "errors": {"type": "object"}}, "code", "message"),
}


def document() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Postie mail server, poste.io compatible",
            "version": "1.0.0",
            "description": "HTTP Basic with a system administrator's address. Sizes are MB; 0 is unlimited.",
        },
        "servers": [{"url": PREFIX}],
        "security": [{"basic": []}],
        "paths": paths,
        "components": {"schemas": SCHEMAS, "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}}},
    }


def _content(schema: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _operation(route: Route) -> dict[str, Any]:
    named = [word.strip("{}") for word in route.path.split("/") if word.startswith("{")]
    parameters: list[Any] = [{"name": n, "in": "path", "required": True, "schema": TEXT} for n in named]
    if route.answer.endswith("Page"):
        kinds: dict[str, Any] = {"page": WHOLE, "paging": WHOLE, "query": TEXT}
        if route.answer == "BoxPage":
            kinds |= dict.fromkeys(filters.FLAGS, FLAG) | {
                "domain": TEXT,
                "sort": {"enum": [*filters.ORDERS]},
            }
        parameters += [{"name": n, "in": "query", "schema": kind} for n, kind in kinds.items()]
    if route.answer == "Stats":
        parameters += [{"name": "period", "in": "query", "schema": {"enum": ["month", "day"]}}]
    errors = {"401": "Bad credentials", "403": "Not a system administrator"}
    errors |= {"404": "Not found"} if named else {}
    errors |= (
        {"400": "Validation failed"} if route.method != "GET" or route.answer in ("Stats", "BoxPage") else {}
    )
    done = {"description": "Done", **(_content(route.answer) if route.answer else {})}
    return {
        "summary": route.summary,
        "operationId": f"{route.handler.__module__.rpartition('.')[2]}_{route.handler.__name__}",
        "parameters": parameters,
        **({"requestBody": _content(route.body)} if route.body else {}),
        "responses": {
            str(route.status): done,
            **{code: {"description": said, **_content("Error")} for code, said in errors.items()},
        },
    }


async def as_json(request: Request) -> Response:
    return JSONResponse(document())


async def as_page(request: Request) -> Response:
    rows = "".join(
        f"<tr><td>{route.method}<td><code>{escape(PREFIX + route.path)}</code><td>{escape(route.summary)}"
        for route in ROUTES
    )
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Mail server API</title>"
        "<h1>Mail server API</h1>"
        f'<p>The whole contract: <a href="{PREFIX}/openapi.json">openapi.json</a>.<table>{rows}</table>'
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": "default-src 'none'"})
