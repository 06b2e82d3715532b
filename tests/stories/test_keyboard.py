"""No mouse at all: read, answer, write, search, settings. What is pressed is what the help says."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stack import eventually
from tests.stories.test_mailbox import address, signed_in  # noqa: F401 - fixtures

pytestmark = pytest.mark.story


@pytest.fixture
def page(chromium: Browser, url: str, address: str) -> Iterator[Page]:  # noqa: F811
    page = signed_in(chromium, url, address, viewport={"width": 1440, "height": 900})
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    page.context.close()
    assert broken == []


def test_a_letter_is_opened_and_answered(page: Page, stack: Any, address: str) -> None:  # noqa: F811
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#reader .message__subject")).to_have_text("Contrato")
    page.wait_for_url("**/folder/INBOX/*/")
    page.keyboard.press("r")
    page.wait_for_url("**/compose/**")
    expect(page.locator("textarea[name=text]")).to_be_focused()
    page.keyboard.type("De acuerdo, gracias.")
    page.keyboard.press("Shift+Tab")  # back over the subject, Bcc and Cc to who gets it
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.name") == "to"
    page.keyboard.press("Control+a")
    page.keyboard.type(address)
    page.keyboard.press("Control+Enter")
    (sent,) = eventually(lambda: stack.messages(address, "Sent"))
    assert b"De acuerdo, gracias." in sent
    assert b"Subject: Re: Contrato" in sent


def test_a_new_letter_from_the_first_field_to_the_last(page: Page, stack: Any, address: str) -> None:  # noqa: F811
    page.keyboard.press("c")
    expect(page.locator("[name=to]")).to_be_focused()
    page.keyboard.type(address)
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "subject"
    page.keyboard.type("Hecho con teclas")
    page.keyboard.press("Tab")
    expect(page.locator("textarea[name=text]")).to_be_focused()
    page.keyboard.type("Sin tocar el ratón.")
    page.keyboard.press("Control+Enter")
    eventually(lambda: [raw for raw in stack.messages(address) if b"Hecho con teclas" in raw])


def test_searching_and_reading_a_hit(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search mail")).to_be_focused()
    page.keyboard.type("subject:factura")
    page.keyboard.press("Enter")
    expect(page.locator(".message-row")).to_have_count(2)
    expect(page).to_have_url(re.compile("search"))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#reader .message__subject")).to_have_text(re.compile("^Factura de "))


def test_settings_are_reached_changed_and_kept(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("settings")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/settings/"))
    box = page.get_by_label("Show the first words of each message")
    for _ in range(80):
        page.keyboard.press("Tab")
        if box.evaluate("box => box === document.activeElement"):
            break
    page.keyboard.press("Space")
    expect(box).not_to_be_checked()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.reload()
    expect(page.get_by_label("Show the first words of each message")).not_to_be_checked()
