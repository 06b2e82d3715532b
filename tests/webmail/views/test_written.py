"""A letter half written outlives the session: signed out meanwhile, signed in anew, as somebody else."""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Browser, expect

from tests.browser import axe
from tests.stack import PASSWORD, Stack
from webmail import connections

from .test_compose import form_of

pytestmark = pytest.mark.django_db
ORIGIN = "http://testserver"


@pytest.fixture
def front_door(postie_settings: Any) -> Any:
    postie_settings.MIDDLEWARE = [m for m in postie_settings.MIDDLEWARE if "whitenoise" not in m]
    yield postie_settings
    connections.pool().close()


def sign_in(client: Client, address: str) -> None:
    client.cookies.pop(settings.SESSION_COOKIE_NAME, None)
    page = client.get("/login").content.decode()
    data = form_of(page) | {"address": address, "password": PASSWORD}
    assert client.post("/login", data, headers={"Origin": ORIGIN}).status_code == 302


def post(client: Client, data: dict[str, Any], origin: str = ORIGIN) -> Any:
    return client.post("/compose/", data, headers={"Origin": origin})


def begun(client: Client, **written: Any) -> dict[str, Any]:
    answer = client.get("/compose/")
    assert answer.status_code == 200
    return form_of(answer.content.decode()) | {"action": "send"} | written


def fields(answer: Any) -> dict[str, Any]:
    return form_of(answer.content.decode())


def test_signed_out_the_letter_comes_back_and_goes_after_signing_in(stack: Stack, front_door: Any) -> None:
    me, _password = stack.create_mailbox()
    client = Client(enforce_csrf_checks=True)
    sign_in(client, me)
    letter = begun(client, to=me, subject="la mitad", text="mi <texto> & más", draft="7", keep_part=["2"])
    del client.cookies[front_door.SESSION_COOKIE_NAME]

    file = SimpleUploadedFile("plan.txt", b"x")
    answer = post(client, letter | {"enclosures": file})
    page = answer.content.decode()
    assert answer.status_code == 401
    assert "You are signed out." in page
    assert "have to be attached again" in page
    assert re.search(r'<a href="/login\?next=[^"]*" target="_blank"', page)
    kept = form_of(page)
    same = ("to", "subject", "text", "draft", "keep_part", "message_id", "writer")
    assert {name: kept[name] for name in same} == {name: letter[name] for name in same}

    quiet = post(client, letter | {"action": "autosave"})
    assert quiet.status_code == 401
    assert quiet.json() == {"error": "You are signed out. Sign in in another tab; your text stays here."}

    sign_in(client, me)
    letter = kept | {"action": "send", "draft": "", "keep_part": []}
    again = post(client, letter)
    assert again.status_code == 403
    assert "Your text is still here" in again.content.decode()
    assert me in unescape(again.content.decode())
    assert post(client, fields(again) | {"action": "send"}).status_code == 302


def test_an_autosave_after_signing_in_anew_gets_the_new_token(stack: Stack, front_door: Any) -> None:
    me, _password = stack.create_mailbox()
    client = Client(enforce_csrf_checks=True)
    sign_in(client, me)
    letter = begun(client, to=me, subject="seguir", text="texto", action="autosave")
    sign_in(client, me)
    answer = post(client, letter)
    assert answer.status_code == 403
    saved = post(client, letter | {"csrfmiddlewaretoken": answer.json()["token"]})
    assert saved.json()["draft"] > 0


def test_what_another_site_lays_there_is_not_shown(stack: Stack, front_door: Any) -> None:
    me, _password = stack.create_mailbox()
    client = Client(enforce_csrf_checks=True)
    sign_in(client, me)
    for origin in ("https://evil.test", "null", ""):
        answer = post(client, {"to": me, "text": "comprado", "action": "send"}, origin)
        assert answer.status_code == 403
        assert "comprado" not in answer.content.decode()
        assert post(client, {"action": "autosave"}, origin)["Content-Type"].startswith("text/html")


def test_somebody_else_at_the_same_browser_touches_no_draft_of_theirs(stack: Stack, front_door: Any) -> None:
    ana, _password = stack.create_mailbox()
    luis, _password = stack.create_mailbox()
    client = Client(enforce_csrf_checks=True)
    sign_in(client, luis)
    own = begun(client, to=luis, subject="de Luis", text="suyo", action="autosave")
    number = post(client, own).json()["draft"]
    sign_in(client, ana)
    letter = begun(client, to=ana, subject="de Ana", text="mío", draft=str(number), keep_part=["2"])
    sign_in(client, luis)
    token = begun(client)["csrfmiddlewaretoken"]
    for action in ("send", "discard", "save"):
        answer = post(client, letter | {"csrfmiddlewaretoken": token, "action": action})
        assert answer.status_code == 409
        assert (fields(answer)["draft"], fields(answer)["text"]) == ("", "mío")
        assert "keep_part" not in fields(answer)
    assert post(client, letter | {"csrfmiddlewaretoken": token, "action": "autosave"}).status_code == 409
    assert "de Luis" in client.get(f"/compose/?draft={number}").content.decode()


def test_a_stranger_gets_only_what_they_sent_and_leaves_no_file(client: Client, front_door: Any) -> None:
    big = SimpleUploadedFile("a.bin", b"x" * 4_000_000)
    answer = post(
        client, {"to": "x@example.org", "text": "hola", "writer": "eva@kronos.test", "enclosures": big}
    )
    assert answer.status_code == 401
    assert not answer.wsgi_request.FILES
    page = answer.content.decode()
    assert page.count("eva@kronos.test") == 1
    assert "hola" in page
    assert post(client, {"text": "x" * 6_000_000}).status_code == 400
    assert post(client, {"to": "a@b.test," * 100_000}).status_code == 401


@pytest.mark.story
def test_the_old_tab_goes_on_after_signing_in(chromium: Browser, url: str, stack: Stack) -> None:
    expect.set_options(timeout=20_000)
    me, _password = stack.create_mailbox()
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(20_000)

    def enter(tab: Any) -> None:
        tab.get_by_label("Address").fill(me)
        tab.get_by_label("Password", exact=True).fill(PASSWORD)
        tab.get_by_role("button", name="Sign in").click()
        expect(tab).to_have_title(re.compile(r"Inbox · Postie$"))

    page.goto(f"{url}/login")
    enter(page)
    page.goto(f"{url}/compose/")
    page.get_by_label("To", exact=True).fill(me)
    page.locator("[name=subject]").fill("Sesión terminada")
    page.locator("[name=text]").fill("No se pierde nada.")
    saved = page.locator(".compose__saved")
    context.set_offline(True)
    expect(saved).to_have_text("Not saved yet")
    context.set_offline(False)
    expect(saved).to_have_text(re.compile("^Saved"))

    session = next(c for c in context.cookies() if c["name"] == "postie_session")
    context.clear_cookies(name=str(session["name"]))
    page.locator("[name=text]").fill("No se pierde nada de nada.")
    expect(saved).to_have_text("You are signed out. Sign in in another tab; your text stays here.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("You are signed out.")
    expect(page.locator("[name=text]")).to_have_value("No se pierde nada de nada.")
    assert axe(page) == []
    with context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in a new tab").click()
    enter(opened.value)
    opened.value.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".compose__saved")).to_have_text(re.compile("^Saved"))
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page).to_have_title(re.compile(r"Inbox · Postie$"))
    page.goto(f"{url}/folder/Sent/")
    expect(page.get_by_text("Sesión terminada").first).to_be_visible()
    context.close()
