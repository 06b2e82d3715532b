"""The whole path once: an administrator makes a mailbox, its owner writes, somebody reads and answers."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import axe
from tests.stack import PASSWORD

pytestmark = pytest.mark.story
expect.set_options(timeout=20_000)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(20_000)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert broken == []


def sign_in(page: Page, url: str, address: str, password: str = PASSWORD) -> None:
    page.goto("about:blank")  # a page still fetching would be led to sign in again, and back to where it was
    page.context.clear_cookies()
    page.goto(f"{url}/login")
    page.get_by_label("Address").fill(address)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_title(re.compile(r"Inbox · Postie$"))
    page.wait_for_load_state()


def open_letter(page: Page, url: str, subject: str) -> None:
    """It arrives by itself; a person would press reload too."""
    row = page.get_by_role("link", name=subject).first
    for _ in range(20):
        page.goto(f"{url}/")
        if row.count():
            break
        page.wait_for_timeout(500)
    row.click()
    expect(page.get_by_role("heading", name=subject)).to_be_visible()


def send(page: Page) -> None:
    """Until it is sent: who leaves the page before breaks it off."""
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page).not_to_have_url(re.compile("/compose/"))


def test_from_a_new_mailbox_to_an_answer(page: Page, url: str, stack: Any) -> None:
    friend, _ = stack.create_mailbox("luis.story")
    sign_in(page, url, stack.admin[0])

    page.goto(f"{url}/admin/mailboxes/new/")
    page.locator("[name=local_part]").fill("rosa.story")
    page.locator("[name=name]").fill("Rosa Quispe")
    own = page.locator("[name=password_kind][value=own]")
    if own.count():
        own.check()
    page.locator("[name=password]").fill(PASSWORD)
    assert axe(page) == []
    page.get_by_role("button", name="Create mailbox").click()
    expect(page.get_by_text("rosa.story@kronos.test").first).to_be_visible()

    sign_in(page, url, "rosa.story@kronos.test")
    page.goto(f"{url}/compose/")
    page.get_by_label("To", exact=True).fill(friend)
    page.locator("[name=subject]").fill("Reunión del martes")
    page.locator("[name=text]").fill("Hola Luis,\n\n¿te queda bien el martes a las 10?\n\nRosa")
    assert axe(page) == []
    send(page)
    page.goto(f"{url}/folder/Sent/")
    expect(page.get_by_text("Reunión del martes").first).to_be_visible()

    sign_in(page, url, friend)
    open_letter(page, url, "Reunión del martes")
    expect(page.get_by_text("¿te queda bien el martes a las 10?").first).to_be_visible()
    assert axe(page) == []
    page.get_by_role("link", name="Reply", exact=True).first.click()
    text = page.locator("[name=text]")
    expect(text).to_be_visible()
    text.fill("¡Perfecto!\n" + text.input_value())
    send(page)

    sign_in(page, url, "rosa.story@kronos.test")
    open_letter(page, url, "Re: Reunión del martes")
    expect(page.get_by_text("¡Perfecto!").first).to_be_visible()
