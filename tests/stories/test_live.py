"""New mail appears by itself, in every tab; a conversation with one's own answers."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from postie_web.push.app import Application
from tests.browser import axe
from tests.push.conftest import QUICK, serving
from tests.stack import PASSWORD
from tests.webmail.dovecot import letter

pytestmark = pytest.mark.story


@pytest.fixture
def push(postie_settings: Any, url: str) -> Iterator[Application]:
    application = Application(pace=QUICK)
    postie_settings.PUSH_ORIGINS = [url]
    with serving(application) as address:
        postie_settings.PUSH_URL = f":{address.rpartition(':')[2]}/events/"
        yield application


@pytest.fixture
def address(stack: Any) -> str:
    made, _ = stack.create_mailbox()
    for number, subject in enumerate(["Almuerzo", "Contrato"]):
        stack.deliver(letter(number, subject), made)
    return str(made)


@pytest.fixture
def browser(chromium: Browser, url: str, address: str) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="en-US", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    page = context.new_page()
    page.goto(f"{url}/login")
    page.get_by_label("Address").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".message-row")).to_have_count(2)
    page.close()
    yield context
    context.close()
    assert broken == []


def tab(browser: BrowserContext, url: str) -> Page:
    page = browser.new_page()
    page.goto(url)
    page.mouse.move(1200, 700)  # over the reader, not over the list
    expect(page.locator("mail-events[data-live]")).to_have_count(1, timeout=15_000)
    return page


def test_new_mail_appears_by_itself_in_two_tabs(
    push: Application, browser: BrowserContext, url: str, address: str, stack: Any
) -> None:
    first, second = tab(browser, url), tab(browser, url)
    assert len(push.hub.tabs) == 1  # two tabs, one stream
    stack.deliver(letter(7, "Llegó sola"), address)
    for page in (first, second):
        expect(page.locator(".message-row").first).to_contain_text("Llegó sola")
        expect(page).to_have_title(re.compile(r"^\(3\) Inbox"))
        expect(page.locator("[data-folder=INBOX] .count").first).to_contain_text("3")
    assert "unread" in str(first.locator('link[rel="icon"]').get_attribute("href"))
    # What is done in one tab is seen in the other.
    first.get_by_role("link", name=re.compile("Llegó sola")).click()
    expect(first.get_by_role("heading", name="Llegó sola")).to_be_visible()
    expect(second.locator(".message-row[data-unread]")).to_have_count(2)
    expect(second).to_have_title(re.compile(r"^\(2\) Inbox"))
    expect(first).to_have_title(re.compile(r"^\(2\) Llegó sola"))
    # The tab that listens for all goes; another takes over.
    first.close()
    stack.deliver(letter(8, "Y otra"), address)
    expect(second.locator(".message-row").first).to_contain_text("Y otra")


def test_the_list_does_not_move_under_the_pointer(
    push: Application, browser: BrowserContext, url: str, address: str, stack: Any
) -> None:
    page = tab(browser, url)
    page.locator(".message-row").first.hover()
    stack.deliver(letter(7, "Espera"), address)
    expect(page.get_by_role("link", name="1 new message")).to_be_visible()
    expect(page.locator(".message-row")).to_have_count(2)
    assert axe(page) == []
    page.get_by_role("link", name="1 new message").click()
    expect(page.locator(".message-row").first).to_contain_text("Espera")


def test_a_push_process_that_dies_is_found_again_and_nothing_is_lost(
    postie_settings: Any, browser: BrowserContext, url: str, address: str, stack: Any
) -> None:
    postie_settings.PUSH_ORIGINS = [url]
    with serving(Application(pace=QUICK)) as place:
        port = int(place.rpartition(":")[2])
        postie_settings.PUSH_URL = f":{port}/events/"
        page = tab(browser, url)
    expect(page.locator("mail-events[data-live]")).to_have_count(0)
    stack.deliver(letter(7, "Mientras tanto"), address)
    with serving(Application(pace=QUICK), port=port):
        expect(page.locator(".message-row").first).to_contain_text("Mientras tanto", timeout=30_000)


def test_a_conversation_with_my_own_answers(
    browser: BrowserContext, url: str, address: str, stack: Any
) -> None:
    page = browser.new_page()
    page.goto(url)
    page.get_by_role("link", name=re.compile("Contrato")).click()
    page.locator("#message").get_by_role("link", name="Reply", exact=True).last.click()
    page.get_by_role("textbox", name="Message").fill("Lo firmo hoy.")
    page.get_by_role("button", name="Send").click()
    page.goto(url)
    page.get_by_text("All", exact=True).first.click()
    page.get_by_role("button", name="Show conversations").click()
    expect(page.locator(".message-row")).to_have_count(2)
    page.get_by_role("link", name=re.compile("Contrato")).click()
    expect(page.get_by_role("heading", name="Contrato")).to_be_visible()
    expect(page.locator(".thread__letter")).to_have_count(2)
    expect(page.locator(".thread__letter").last).to_contain_text("Lo firmo hoy.")
    page.locator(".thread__letter--closed").first.click()
    expect(page.get_by_text("Hola, esta es la carta 1.").first).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("e")
    expect(page.get_by_text("1 message moved to Archive.")).to_be_visible()
    expect(page.locator(".message-row")).to_have_count(1)
