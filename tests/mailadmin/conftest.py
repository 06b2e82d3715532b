"""The panel through its front door, with the bundled poste.io-compatible API in the same process."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.utils import timezone

from mailadmin import connections
from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import MailboxChange, NewDomain, NewMailbox
from mailserver.api.app import application
from mailserver.api.database import Database
from mailserver.api.dovecot import Dovecot, DovecotAway
from mailserver.api.service import Service
from mailserver.api.setup import setup
from postie_web.accounts.models import User

ADMIN, PASSWORD = "admin@kronos.test", "a-very-good-word-7"


class Mail(Dovecot):
    """Dovecot's place in the API: how much a mailbox holds, as the test says; nothing else is asked."""

    def __init__(self) -> None:
        super().__init__(0, 0, "", "")
        self.usages: dict[str, tuple[int, int]] = {}
        self.away = False

    def usage(self, address: str) -> tuple[int, int]:
        if self.away:
            raise DovecotAway("away")
        return self.usages.get(address, (0, 0))

    def _call(self, command: str, **parameters: Any) -> list[dict[str, Any]]:
        return []

    def forget_domain(self, name: str) -> None: ...


class Wire(httpx.BaseTransport):
    """
    To the API in this process, on an event loop of its own. `fail` may answer or raise instead of it;
    `after` runs when the answer is there.
    """

    database: Database

    def __init__(self, app: Any) -> None:
        self.inner: httpx.AsyncBaseTransport = httpx.ASGITransport(app)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.asked: list[tuple[str, str]] = []
        self.fail: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.after: Callable[[httpx.Request], None] = lambda request: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path))
        answer = self.fail(request)
        if answer is None:
            answer = asyncio.run_coroutine_threadsafe(self._ask(request), self.loop).result(10)
        self.after(request)
        return answer

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def dovecot() -> Mail:
    return Mail()


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server with two domains and a few people; hashing passwords takes long, so it is made once."""
    root = tmp_path_factory.mktemp("seed")
    for folder in ("db", "dkim", "mail"):
        (root / "data" / folder).mkdir(parents=True)
    setup(root, ADMIN, PASSWORD)
    database = Database(root)
    wire = Wire(application(Service(database, Mail())))
    client = Client("http://api.test", ADMIN, PASSWORD, transport=wire)
    client.domains.create(NewDomain(name="other.test"))
    for address in ("ana@kronos.test", "luis@kronos.test", "eva@other.test"):
        name = address.partition("@")[0].title()
        client.mailboxes.create(NewMailbox(address=address, password=PASSWORD, name=name))
    client.mailboxes.create(NewMailbox(address="info@kronos.test", redirect_to=("ana@kronos.test",)))
    client.mailboxes.update("luis@kronos.test", MailboxChange(domain_admin=True))
    wire.close()
    database.connection.close()
    return root


@pytest.fixture
def wire(seed: Path, tmp_path: Path, dovecot: Mail) -> Iterator[Wire]:
    shutil.copytree(seed, tmp_path, dirs_exist_ok=True)
    database = Database(tmp_path)
    found = Wire(application(Service(database, dovecot)))
    found.database = database
    yield found
    found.close()
    database.connection.close()


@pytest.fixture
def poste(wire: Wire, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Our client on that wire; the panel's door leads to it."""
    settings.WHITENOISE_AUTOREFRESH = True
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.POSTEIO_API_USER, settings.POSTEIO_API_PASSWORD = ADMIN, PASSWORD
    client = Client("http://api.test", ADMIN, PASSWORD, transport=wire)
    monkeypatch.setattr(connections, "poste", lambda: client)
    cache.clear()
    return client


def browser(address: str, role: User.Role) -> Browser:
    found = Browser()
    # As if poste.io had confirmed the role just now.
    defaults = {"role": role, "role_confirmed_at": timezone.now()}
    found.force_login(User.objects.get_or_create(address=address, defaults=defaults)[0])
    return found


@pytest.fixture
def admin(db: None, poste: Client) -> Browser:
    """A system administrator who is not the operator's own account."""
    return browser("chief@kronos.test", User.Role.SYSTEM_ADMIN)


@pytest.fixture
def domain_admin(db: None, poste: Client) -> Browser:
    return browser("luis@kronos.test", User.Role.DOMAIN_ADMIN)


@pytest.fixture
def person(db: None, poste: Client) -> Browser:
    return browser("ana@kronos.test", User.Role.USER)


def last_entry() -> Any:
    """The newest line of the log, its JSON taken as it comes."""
    return AuditEntry.objects.first()
