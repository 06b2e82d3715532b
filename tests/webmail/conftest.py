"""A Dovecot of our own, and a browser that is signed in to it."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpRequest, HttpResponseBase
from django.test import Client

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from webmail import connections
from webmail.imap import append
from webmail.imap.cache import ORDERS, ROWS
from webmail.imap.connection import Connection

_people = itertools.count(1)


@pytest.fixture(scope="session")
def mail() -> Iterator[dovecot.Dovecot]:
    with dovecot.dovecot() as server:
        yield server


@pytest.fixture
def person(mail: dovecot.Dovecot) -> Credentials:
    """Somebody with an empty mailbox."""
    return mail.credentials(f"person{next(_people)}")


@pytest.fixture
def imap(mail: dovecot.Dovecot, person: Credentials) -> Iterator[Connection]:
    connection = mail.open(person.address)
    yield connection
    connection.log_out()


@pytest.fixture
def letters(imap: Connection) -> list[int]:
    """Seven letters in the inbox; their uids."""
    return [append.append(imap, "INBOX", dovecot.letter(n)) or 0 for n in range(1, 8)]


class SignedIn:
    """Middleware: the sign-in is somebody else's test."""

    credentials: Credentials | None = None

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.credentials = SignedIn.credentials  # type: ignore[attr-defined]
        return self.get_response(request)


@pytest.fixture
def browser(mail: dovecot.Dovecot, person: Credentials, settings, db) -> Iterator[Client]:
    settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_SECURITY = "127.0.0.1", mail.port, "none"
    shown = [
        name for name in settings.MIDDLEWARE if "whitenoise" not in name
    ]  # no static files are asked for
    settings.MIDDLEWARE = [*shown, "tests.webmail.conftest.SignedIn"]
    SignedIn.credentials = person
    connections.pool.cache_clear()
    yield Client()
    connections.pool().close()
    connections.pool.cache_clear()
    ROWS.clear()
    ORDERS.clear()
