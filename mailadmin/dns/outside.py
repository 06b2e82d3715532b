"""What only others know: registration (RFC 9083), route origins (RFC 6811). Checks N6 and N8."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from .finding import Finding, critical, info, not_applicable, ok, unknown, warn
from .network import LookupFailed, Network, Page
from .outside_words import WORDS as WORDS
from .subject import Subject

MOST_HOPS, MOST_ADDRESSES = 3, 8
SOON, LAST = 45, 10
HELD = ("client hold", "server hold", "pending delete", "redemption period")


def check_registration(subject: Subject, net: Network) -> Iterator[Finding]:
    if not subject.server.rdap:
        yield not_applicable("registration.not-asked")
        return
    zone = net.zone_of(subject.name)
    page = _follow(net, f"{subject.server.rdap.rstrip('/')}/domain/{quote(zone)}")
    data = _json(page)
    ends = _expiry(data)
    states = data.get("status")
    held = [s for s in states if str(s).lower() in HELD] if isinstance(states, list) else []
    if held:
        yield critical("registration.held", domain=zone, states=held)
    if ends is None:
        if not held:
            yield unknown("registration.unmeasured", domain=zone, reason=page.error or str(page.status))
        return
    days = (ends - net.now()).days
    facts: dict[str, Any] = {"domain": zone, "days": max(days, 0), "date": ends.date().isoformat()}
    if days <= LAST:
        yield critical("registration.ends", **facts)
    elif days <= SOON:
        yield warn("registration.ends-soon", **facts)
    else:
        yield ok("registration.good", **facts)


def _follow(net: Network, url: str) -> Page:
    """A bootstrap server answers with the place of the registry's own (RFC 9224)."""
    page = net.fetch(url)
    for _hop in range(MOST_HOPS):
        target = page.headers.get("location", "")
        if not (300 <= page.status < 400 and target.startswith("https://")):
            break
        page = net.fetch(target)
    return page


def _json(page: Page) -> dict[str, Any]:
    try:
        found = json.loads(page.body) if page.status == 200 else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _expiry(data: dict[str, Any]) -> datetime | None:
    events = data.get("events")
    for event in events if isinstance(events, list) else []:
        if isinstance(event, dict) and event.get("eventAction") == "expiration":
            try:
                found = datetime.fromisoformat(str(event.get("eventDate")).replace("Z", "+00:00"))
            except ValueError:
                return None
            return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def check_routes(subject: Subject, net: Network) -> Iterator[Finding]:
    if not subject.server.rpki:
        yield not_applicable("routes.not-asked")
        return
    base = f"{subject.server.rpki.rstrip('/')}/data"
    for ip in _addresses(subject, net):
        seen = _data(net, f"{base}/network-info/data.json?resource={quote(ip)}")
        prefix, origins = str(seen.get("prefix") or ""), seen.get("asns") or []
        if not prefix or not origins:
            yield unknown("routes.unmeasured", on=ip, address=ip)
            continue
        found = _data(net, f"{base}/rpki-validation/data.json?resource={origins[0]}&prefix={quote(prefix)}")
        facts = {"address": ip, "prefix": prefix, "origin": str(origins[0])}
        state = str(found.get("status") or "")
        if state == "valid":
            yield ok("routes.valid", on=ip, **facts)
        elif state.startswith("invalid"):
            yield warn("routes.invalid", on=ip, **facts)
        elif state in ("unknown", "not-found"):
            yield info("routes.none", on=ip, **facts)
        else:
            yield unknown("routes.unmeasured", on=ip, address=ip)


def _addresses(subject: Subject, net: Network) -> list[str]:
    found = {str(ip) for ip in subject.server.addresses}
    with suppress(LookupFailed):
        found |= {server.address for server in net.delegation(net.zone_of(subject.name)).servers}
    return sorted(found)[:MOST_ADDRESSES]


def _data(net: Network, url: str) -> dict[str, Any]:
    found = _json(net.fetch(url)).get("data")
    return found if isinstance(found, dict) else {}
