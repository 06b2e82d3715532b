"""The push process in a thread of the test: the same application, on a port of its own."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from django.contrib.sessions.backends.db import SessionStore
from django.db.backends.signals import connection_created
from django.test import RequestFactory

from postie_web.accounts.models import User
from postie_web.accounts.services import sessions
from postie_web.lib.credentials import Credentials
from postie_web.push.app import Application
from postie_web.push.hub import Limits
from postie_web.push.watch import Pace
from tests.webmail.conftest import imap, mail, person
from tests.webmail.dovecot import Dovecot, eventually

__all__ = ["imap", "mail", "person"]
QUICK = Pace(silence=2, around=0.5, first_wait=0.05, longest_wait=0.2)


def _read_past_locks(connection: Any, **_options: Any) -> None:
    """Threads share the tests' database in memory, where readers lock tables; a file knows no such locks."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA read_uncommitted = 1")


@contextmanager
def serving(application: Application, port: int = 0) -> Iterator[str]:
    """The application on a port; its address."""
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", port))
        config = uvicorn.Config(application, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        connection_created.connect(_read_past_locks)
        thread.start()
        try:
            eventually(lambda: server.started)
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
            connection_created.disconnect(_read_past_locks)


@pytest.fixture
def application(settings: Any, mail: Dovecot, transactional_db: None) -> Application:
    settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_SECURITY = "127.0.0.1", mail.port, "none"
    settings.PUSH_ORIGINS = ["http://web.test"]
    made = Application(limits=Limits(linger=0.2), pace=QUICK)
    made.session_check, made.heartbeat = 0.1, 0.5
    return made


@pytest.fixture
def url(application: Application) -> Iterator[str]:
    with serving(application) as address:
        yield address


def sign_in(credentials: Credentials, settings: Any) -> dict[str, str]:
    """A session as the sign-in makes it; its cookies."""
    user, _ = User.objects.get_or_create(address=credentials.address)
    request = RequestFactory().get("/")
    request.session = SessionStore()
    half = sessions.begin(request, user, credentials)
    request.session.save()
    return {
        settings.SESSION_COOKIE_NAME: str(request.session.session_key),
        settings.KEY_COOKIE_NAME: half,
    }


class Tab:
    """What an EventSource does: one request that stays open."""

    def __init__(self, url: str, cookies: dict[str, str], query: str = "", **headers: str) -> None:
        self.events: list[dict[str, Any]] = []
        self.last_id = ""
        self.comments = 0
        self.status = 0
        self.headers: httpx.Headers = httpx.Headers()
        self.is_over = False
        self.kinds: list[str] = []
        self._client = httpx.Client(cookies=cookies, timeout=httpx.Timeout(10, read=30))
        self._thread = threading.Thread(
            target=self._listen, args=(f"{url}/events/{query}", headers), daemon=True
        )
        self._thread.start()

    def _listen(self, url: str, headers: dict[str, str]) -> None:
        try:
            with self._client, self._client.stream("GET", url, headers=headers) as answer:
                self.headers, self.status = answer.headers, answer.status_code
                for line in answer.iter_lines():
                    self._take(line)
        except (httpx.HTTPError, RuntimeError):
            pass
        self.is_over = True

    def _take(self, line: str) -> None:
        name, _, value = line.partition(": ")
        if name == "id":
            self.last_id = value
        elif name == "event":
            self.kinds.append(value)
        elif name == "data":
            self.events.append(json.loads(value))
        elif line == ":":
            self.comments += 1

    @property
    def folders(self) -> dict[str, list[int] | None]:
        """All that was told, the newest of each."""
        return {name: value for event in self.events for name, value in event.get("folders", {}).items()}

    def close(self) -> None:
        self._client.close()
        self._thread.join(5)


@pytest.fixture
def open_tab(url: str, person: Credentials, settings: Any) -> Iterator[Callable[..., Tab]]:
    tabs: list[Tab] = []

    def open_one(cookies: dict[str, str] | None = None, **headers: str) -> Tab:
        tab = Tab(url, sign_in(person, settings) if cookies is None else cookies, **headers)
        tabs.append(tab)
        return tab

    yield open_one
    for tab in tabs:
        tab.close()
