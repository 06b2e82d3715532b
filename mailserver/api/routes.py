"""Every door of the API in one table: it routes, and it writes the OpenAPI document."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from . import boxes, dkim, domains, queue, quotas, sieve, statistics

PREFIX = "/admin/api/v1"
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    handler: Handler
    summary: str
    status: int
    answer: str = ""  # name of a schema in openapi.py
    body: str = ""


ROUTES = [
    Route("GET", "/domains", domains.listing, "List domains", 200, "DomainPage"),
    Route("POST", "/domains", domains.create, "Create a domain", 201, "Domain", "NewDomain"),
    Route("GET", "/domains/{name}", domains.one, "One domain", 200, "Domain"),
    Route("PATCH", "/domains/{name}", domains.change, "Change a domain", 204, "", "DomainChange"),
    Route("DELETE", "/domains/{name}", domains.delete, "Delete a domain with its mailboxes", 204),
    Route("GET", "/domains/{name}/dkim", dkim.one, "DKIM key of a domain", 200, "Dkim"),
    Route("PUT", "/domains/{name}/dkim", dkim.replace, "Make or install a DKIM key", 204, "", "NewDkim"),
    Route("DELETE", "/domains/{name}/dkim", dkim.delete, "Remove the DKIM key", 204),
    Route(
        "GET", "/domains/{name}/stats", statistics.of_domain, "Mail in and out, by month or day", 200, "Stats"
    ),
    Route("GET", "/boxes", boxes.listing, "List mailboxes and redirects", 200, "BoxPage"),
    Route("POST", "/boxes", boxes.create, "Create a mailbox or a redirect", 201, "Box", "NewBox"),
    Route("GET", "/boxes/{email}", boxes.one, "One mailbox", 200, "Box"),
    Route("PATCH", "/boxes/{email}", boxes.change, "Change a mailbox", 204, "", "BoxChange"),
    Route("DELETE", "/boxes/{email}", boxes.delete, "Delete a mailbox with its mail", 204),
    Route("GET", "/boxes/{email}/quota", quotas.one, "Limits and usage", 200, "Quota"),
    Route("PATCH", "/boxes/{email}/quota", quotas.change, "Change the limits", 204, "", "QuotaChange"),
    Route("GET", "/boxes/{email}/sieve", sieve.one, "Filter script", 200, "Sieve"),
    Route("PATCH", "/boxes/{email}/sieve", sieve.change, "Replace the filter script", 204, "", "SieveChange"),
    Route("GET", "/boxes/{email}/stats", statistics.of_box, "Mail in and out, by month or day", 200, "Stats"),
    Route("GET", "/queue", queue.all_of_it, "Mail that waits to be sent (not in poste.io)", 200, "Queue"),
]
