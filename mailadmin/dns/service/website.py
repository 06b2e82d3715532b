"""Is the webmail reached by its name? Name, port, certificate, reverse proxy, web server."""

from collections.abc import Iterator
from typing import Any

from mailadmin.dns.finding import Finding, critical, fail, not_applicable, ok, unknown
from mailadmin.dns.network import Network, Page
from mailadmin.dns.subject import Subject

# What Traefik itself says, as text: no router fits · the container behind it is away.
NO_ROUTER, AWAY = b"404 page not found", (502, 503, 504)


def check_website(subject: Subject, net: Network) -> Iterator[Finding]:
    host = subject.server.panel
    if not host:
        yield not_applicable("web.no-name")
        return
    url = f"https://{host}/"
    page = net.fetch(url)
    facts: dict[str, Any] = {"host": host, "status": page.status, "reason": page.detail or page.error}
    if page.error:
        yield _unreached(page, facts)
    elif page.status == 404 and page.body.strip() == NO_ROUTER:
        yield fail("web.no-router", **facts)
    elif page.status in AWAY:
        yield critical("web.away", **facts)
    elif page.status >= 500:
        yield critical("web.broken", **facts)
    else:
        yield ok("web.reached", **facts)


def _unreached(page: Page, facts: dict[str, Any]) -> Finding:
    code = {
        "dns": "web.no-address",
        "refused": "web.refused",
        "certificate": "web.certificate",
        "tls": "web.tls",
    }
    if page.error == "unmeasured":
        return unknown("web.unmeasured", **facts)
    return critical(code.get(page.error, "web.silent"), **facts)
