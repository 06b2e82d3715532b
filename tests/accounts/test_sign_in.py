"""Signing in and out, through the front door, against the real mail server."""

import base64
import json
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client

from postie_web.accounts.models import User
from postie_web.accounts.services import sessions
from tests.stack import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("postie_settings")]
WRONG = "This address and password do not go together."


def sign_in(client: Client, address: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post("/login", {"address": address, "password": password, **extra})


def test_the_right_password_opens_the_mailbox(client: Client, stack: Any) -> None:
    address, _ = stack.create_mailbox()
    answer = sign_in(client, address)
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert User.objects.get(address=address).role == "user"


def test_the_address_may_be_written_in_capitals(client: Client, stack: Any) -> None:
    address, _ = stack.create_mailbox()
    assert sign_in(client, f" {address.upper()} ").status_code == 302
    assert User.objects.get().address == address


def test_a_wrong_password_and_an_unknown_address_read_the_same(client: Client, stack: Any) -> None:
    address, _ = stack.create_mailbox()
    wrong = sign_in(client, address, "not the password")
    unknown = sign_in(client, "nobody-at-all@kronos.test", "not the password")
    assert wrong.status_code == unknown.status_code == 422
    assert WRONG in wrong.content.decode()
    assert WRONG in unknown.content.decode()
    assert settings.SESSION_COOKIE_NAME not in client.cookies


def test_the_role_comes_from_the_api(client: Client, stack: Any) -> None:
    sign_in(client, stack.admin[0])
    assert User.objects.get(address=stack.admin[0]).is_system_admin


def test_with_the_api_away_nobody_becomes_an_administrator(client: Client, stack: Any, settings: Any) -> None:
    settings.POSTEIO_API_URL = "http://127.0.0.1:9"
    assert sign_in(client, stack.admin[0]).status_code == 302
    assert User.objects.get(address=stack.admin[0]).role == "user"


def test_with_imap_away_the_page_says_so_and_break_glass_works(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IMAP_PORT = 9
    answer = sign_in(client, "ana@kronos.test")
    assert "The mail server does not answer" in answer.content.decode()
    monkeypatch.setenv("BREAK_GLASS_PASSWORD", "a long glass password")
    call_command("create_break_glass", "fire@kronos.test")
    answer = sign_in(client, "fire@kronos.test", "a long glass password")
    assert answer["Location"] == "/admin/"
    assert User.objects.get(address="fire@kronos.test").is_system_admin


def test_the_password_cannot_be_read_from_database_and_secret_key(client: Client, stack: Any) -> None:
    address, _ = stack.create_mailbox()
    sign_in(client, address)
    stored = Session.objects.get().get_decoded()
    sealed = base64.urlsafe_b64decode(stored[sessions.SEALED])
    assert PASSWORD.encode() not in sealed
    assert PASSWORD not in json.dumps(stored)
    # All the server has: the row and SECRET_KEY. Without the cookie's half it does not open.
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    other.cookies[settings.KEY_COOKIE_NAME] = base64.urlsafe_b64encode(bytes(32)).decode()
    request = other.get("/login").wsgi_request
    assert str(request.user) == address
    assert sessions.open_credentials(request) is None


def test_both_halves_open_it(client: Client, stack: Any) -> None:
    address, _ = stack.create_mailbox()
    sign_in(client, address)
    credentials = sessions.open_credentials(client.get("/login").wsgi_request)
    assert credentials is not None
    assert credentials.address == address
    assert credentials.password == PASSWORD
    assert PASSWORD not in repr(credentials)


def test_signing_in_changes_the_session_key(client: Client, stack: Any) -> None:
    address, _ = stack.create_mailbox()
    sign_in(client, address)
    first = client.cookies[settings.SESSION_COOKIE_NAME].value
    sign_in(client, address)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != first


def test_signing_out_destroys_both_halves(client: Client, stack: Any) -> None:
    address, _ = stack.create_mailbox()
    sign_in(client, address)
    answer = client.post("/logout")
    assert answer.status_code == 302
    assert not Session.objects.exists()
    assert client.cookies[settings.KEY_COOKIE_NAME].value == ""


def test_signing_out_needs_a_post(client: Client) -> None:
    assert client.get("/logout").status_code == 405


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/folder/Archive/", "/folder/Archive/"),
        ("https://evil.test/", "/"),
        ("//evil.test/", "/"),
        ("/\\evil.test", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_the_way_back_stays_in_the_house(client: Client, stack: Any, wanted: str, goes_to: str) -> None:
    address, _ = stack.create_mailbox()
    assert sign_in(client, address, next=wanted)["Location"] == goes_to


def test_guessing_is_slowed_down_in_words(client: Client) -> None:
    for _ in range(6):
        sign_in(client, "nobody@kronos.test", "x", REMOTE_ADDR="198.51.100.1")
    assert "Too many tries" in sign_in(client, "nobody@kronos.test", "y").content.decode()


def test_a_stranger_cannot_lock_out_a_known_browser(client: Client, stack: Any) -> None:
    address, _ = stack.create_mailbox()
    sign_in(client, address)
    client.post("/logout")
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    for _ in range(6):
        sign_in(stranger, address, "guess")
    assert "Too many tries" in sign_in(stranger, address, PASSWORD).content.decode()
    assert sign_in(client, address).status_code == 302


def test_a_form_without_its_token_is_refused(stack: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/login", {"address": "a@b.test", "password": "x"}).status_code == 403
    assert strict.post("/logout").status_code == 403


def test_the_page_speaks_spanish(client: Client) -> None:
    answer = client.post("/login", {"address": "", "password": ""}, headers={"Accept-Language": "es"})
    assert "Dirección de correo" in answer.content.decode()
