"""GET /events/: what changes in the mailbox, as Server-Sent Events. Plain ASGI: a tab costs two tasks."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from django.conf import settings

from postie_web.lib import client_address
from webmail import connections

from . import jobs, visitors
from .hub import Full, Hub, Limits, Person, Tab, event
from .visitors import Visitor
from .watch import Pace, State, Watch

log = logging.getLogger("postie.push")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_RETRY = b"retry: 3000\n\n"
_COMMENT = b":\n\n"
_ENDED = b"event: ended\ndata: {}\n\n"


class Application:
    def __init__(self, *, limits: Limits | None = None, pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self.hub = Hub(self._watching, limits)
        self.heartbeat = 20.0
        self.session_check = 5.0
        self._proxies = client_address.networks(settings.TRUSTED_PROXIES)
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["path"] == "/healthz":
            counts = {"status": "ok", "people": len(self.hub.people), "tabs": len(self.hub.tabs)}
            await _say(send, 200, json.dumps(counts))
        elif scope["type"] == "http" and scope["path"] == "/events/" and scope["method"] == "GET":
            await self._events(scope, receive, send)
        elif scope["type"] == "http":
            await _say(send, 404, "{}")

    async def _watching(self, visitor: Visitor, told: Callable[[str, State | None], None]) -> None:
        await Watch(connections.server(), visitor.credentials, told, self.pace).run()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._tasks = [
            asyncio.create_task(self._end_with_their_sessions()),
            asyncio.create_task(jobs.listen(settings.REDIS_URL, self.hub.tell_job)),
        ]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._tasks:
            task.cancel()
        await self.hub.close()
        await send({"type": "lifespan.shutdown.complete"})

    # one tab

    async def _events(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        shared = _shared_with(headers)
        if shared is None:
            return await _say(send, 403, "{}")
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=5)
        visitor = await self._visitor(scope, headers)
        if visitor is None or query.get("who", [""])[0] not in ("", visitor.who):
            # 204 is the only answer after which an EventSource does not come back by itself.
            return await _say(send, 204, "", shared)
        last = headers.get("last-event-id") or query.get("after", [""])[0]
        try:
            person, tab = self.hub.enter(visitor, last[:40])
        except Full:
            log.warning("no room for a further tab")
            return await _say(send, 503, "{}", [*shared, (b"retry-after", b"60")])
        leaving = asyncio.create_task(_until_gone(receive, tab))
        try:
            await self._stream(send, person, tab, shared)
        except asyncio.CancelledError:  # this process ends; the page comes back to the next one
            await send({"type": "http.response.body", "body": b""})
        finally:
            leaving.cancel()
            self.hub.leave(person, tab)

    async def _visitor(self, scope: Scope, headers: dict[str, str]) -> Visitor | None:
        peer = (scope.get("client") or ("", 0))[0]
        address = client_address.visitor(peer, headers.get("x-forwarded-for", ""), self._proxies)
        ask = sync_to_async(visitors.visitor, thread_sensitive=True)
        return await ask(_cookies(headers.get("cookie", "")), address)

    async def _stream(self, send: Send, person: Person, tab: Tab, shared: list[tuple[bytes, bytes]]) -> None:
        kind = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        head = [*kind, (b"x-accel-buffering", b"no"), (b"x-content-type-options", b"nosniff"), *shared]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await _write(send, _RETRY)
        while not tab.is_ended:
            tab.wake.clear()
            if octets := event(person, tab):
                await _write(send, octets)
                continue
            try:
                async with asyncio.timeout(self.heartbeat):
                    await tab.wake.wait()
            except TimeoutError:
                await _write(send, _COMMENT)
        await send({"type": "http.response.body", "body": _ENDED})

    # their sessions

    async def _end_with_their_sessions(self) -> None:
        """Signed out, or idle too long: nothing more is told."""
        while True:
            await asyncio.sleep(self.session_check)
            try:
                await self._check_sessions()
            except Exception:  # the database is away: nobody is thrown out for that
                log.exception("sessions could not be checked")

    async def _check_sessions(self) -> None:
        tabs = self.hub.tabs
        if not tabs:
            return
        keys = sorted({tab.visitor.session_key for tab in tabs})
        alive = await sync_to_async(visitors.alive, thread_sensitive=True)(keys)
        for tab in tabs:
            key = tab.visitor.session_key
            over = key not in alive
            if not over and tab.visitor.ends_at < time.time():
                over = await sync_to_async(visitors.seen_again, thread_sensitive=True)(key) <= time.time()
            if over:
                tab.is_signed_out = True
                tab.end()


async def _until_gone(receive: Receive, tab: Tab) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    tab.end()


def _shared_with(headers: dict[str, str]) -> list[tuple[bytes, bytes]] | None:
    """CORS: the exact origins of our own pages; None for anybody else's."""
    origin = headers.get("origin", "")
    if not origin:
        return None if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none") else []
    if origin not in settings.PUSH_ORIGINS:
        return None
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


def _cookies(text: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(text[:8192]).items()}
    except CookieError:
        return {}


async def _write(send: Send, octets: bytes) -> None:
    await send({"type": "http.response.body", "body": octets, "more_body": True})


async def _say(send: Send, status: int, text: str, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    head = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": text.encode()})
