"""The bundled API without sockets, for tests: its ASGI application behind httpx' transport seam."""

import asyncio
from pathlib import Path

import httpx

from mailserver.api.app import application
from mailserver.api.database import Database
from mailserver.api.dovecot import Dovecot
from mailserver.api.service import Service
from mailserver.api.setup import setup

ADMIN = ("admin@kronos.test", "correct-horse-battery-9")
CLOSED = 9  # discard: nobody listens there, so Dovecot is away


class DovecotStandIn(Dovecot):
    """The seam between the API and Dovecot: scripts in a dict, empty mailboxes."""

    def __init__(self) -> None:
        super().__init__(CLOSED, CLOSED, "", "")
        self.scripts: dict[str, str] = {}
        self.used: dict[str, tuple[int, int]] = {}
        self.forgotten: list[str] = []

    def usage(self, address: str) -> tuple[int, int]:
        return self.used.get(address, (0, 0))

    def refresh(self, address: str) -> None:
        self.forgotten.append(address)

    def forget(self, address: str) -> None:
        self.forgotten.append(address)

    def forget_domain(self, name: str) -> None:
        self.forgotten.append(f"*@{name}")

    def script(self, address: str) -> str:
        return self.scripts.get(address, "")

    def set_script(self, address: str, script: str) -> None:
        self.scripts[address] = script


class InProcess(httpx.BaseTransport):
    """httpx offers ASGI to async clients only; our client is a sync one."""

    def __init__(self, root: Path, dovecot: Dovecot | None = None, address: str = "127.0.0.1") -> None:
        for name in ("db", "dkim", "mail"):
            (root / "data" / name).mkdir(parents=True, exist_ok=True)
        setup(root, *ADMIN)
        self.database = Database(root)
        self.dovecot = dovecot or DovecotStandIn()
        self.app = application(Service(self.database, self.dovecot))
        self._transport = httpx.ASGITransport(
            app=self.app, client=(address, 4711), raise_app_exceptions=False
        )
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        sent = httpx.Request(
            request.method,
            request.url,
            headers=request.headers,
            content=request.read(),
            extensions=request.extensions,
        )
        answer = await self._transport.handle_async_request(sent)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    def end(self) -> None:
        """Not close(): httpx calls that at the end of every client."""
        self._runner.close()
        self.database.close()

    def client(self, auth: tuple[str, str] | None = ADMIN) -> httpx.Client:
        """Paths relative to /admin/api/v1/."""
        return httpx.Client(base_url="http://in.process/admin/api/v1/", transport=self, auth=auth)
