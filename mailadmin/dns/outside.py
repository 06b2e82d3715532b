"""What only others know: registration, route origins, age of networks, complaints. N6, N8, B8, G1."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from .finding import Finding, critical, fail, info, not_applicable, ok, unknown, warn
from .network import LookupFailed, Network, Page
from .outside_words import WORDS as WORDS
from .subject import Subject

MOST_HOPS, MOST_ADDRESSES = 3, 8
SOON, LAST = 45, 10
YOUNG = 90  # days a network is announced
LOOKED_BACK = 14  # days of complaints
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,4096}")  # RFC 6750, 2.1
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
            return _moment(event.get("eventDate"))
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


def check_age(subject: Subject, net: Network) -> Iterator[Finding]:
    """B8: since when the network of our addresses is announced; a fresh one has no name yet."""
    if not subject.server.rpki:
        yield not_applicable("network.not-asked")
        return
    base = f"{subject.server.rpki.rstrip('/')}/data/routing-status/data.json?resource="
    for ip in map(str, subject.server.senders[:MOST_ADDRESSES]):
        seen = _data(net, base + quote(ip)).get("first_seen")
        begun = _moment(seen.get("time")) if isinstance(seen, dict) else None
        if begun is None:
            yield unknown("network.unmeasured", on=ip, address=ip)
            continue
        facts: dict[str, Any] = {
            "address": ip,
            "days": max(0, (net.now() - begun).days),
            "date": begun.date().isoformat(),
        }
        if facts["days"] < YOUNG:
            yield info("network.young", on=ip, **facts)
        else:
            yield ok("network.age", on=ip, **facts)


def check_complaints(subject: Subject, net: Network) -> Iterator[Finding]:
    """G1: what Gmail's readers mark as spam, from its Postmaster Tools (a file of keys; opt-in)."""
    server = subject.server
    if not server.complaints or not server.complaints_key:
        yield not_applicable("complaints.not-asked")
        return
    token = _token(server.complaints_key, net)
    begin = (net.now() - timedelta(days=LOOKED_BACK)).date()
    url = (
        f"{server.complaints.rstrip('/')}/v1/domains/{quote(subject.name)}/trafficStats?pageSize={LOOKED_BACK}"
        f"&startDate.year={begin.year}&startDate.month={begin.month}&startDate.day={begin.day}"
    )
    page = net.fetch(url, headers={"Authorization": f"Bearer {token}"}) if token else Page(url, error="token")
    found = _json(page).get("trafficStats")
    rates = [_rate(day) for day in found if isinstance(day, dict)] if isinstance(found, list) else []
    known = [rate for rate in rates if rate is not None]
    if not known:
        reason = page.error or ("nothing told yet" if page.status == 200 else str(page.status))
        yield unknown("complaints.unmeasured", reason=reason)
        return
    worst = max(known)
    facts: dict[str, Any] = {"rate": f"{100 * worst:.2f}", "days": len(known)}
    kinds = ((0.003, fail, "complaints.many"), (0.001, warn, "complaints.some"))
    verdict, code = next(((v, c) for least, v, c in kinds if worst >= least), (ok, "complaints.few"))
    yield verdict(code, **facts)


def _token(key: str, net: Network) -> str:
    """RFC 6749, 6: a fresh access token for the refresh token; empty when it is refused."""
    try:
        told = json.loads(key)
        fields = {name: str(told[name]) for name in ("client_id", "client_secret", "refresh_token")}
        url = str(told.get("token_uri") or "https://oauth2.googleapis.com/token")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    body = urlencode({"grant_type": "refresh_token", **fields}).encode()
    page = net.fetch(url, post=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    token = str(_json(page).get("access_token") or "")
    return token if _TOKEN.fullmatch(token) else ""


def _rate(day: dict[str, Any]) -> float | None:
    value = day.get("userReportedSpamRatio")
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    return float(str(value)) if good else None


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _addresses(subject: Subject, net: Network) -> list[str]:
    found = {str(ip) for ip in subject.server.addresses}
    with suppress(LookupFailed):
        found |= {server.address for server in net.delegation(net.zone_of(subject.name)).servers}
    return sorted(found)[:MOST_ADDRESSES]


def _data(net: Network, url: str) -> dict[str, Any]:
    found = _json(net.fetch(url)).get("data")
    return found if isinstance(found, dict) else {}
