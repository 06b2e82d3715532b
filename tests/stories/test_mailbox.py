"""Clearing an inbox: by keyboard, by search, without JavaScript; every step can be taken back."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import axe
from tests.stack import PASSWORD
from tests.webmail.dovecot import letter

pytestmark = pytest.mark.story


@pytest.fixture
def address(stack: Any) -> str:
    made, _ = stack.create_mailbox()
    for number, subject in enumerate(["Factura de agosto", "Almuerzo", "Factura de mayo", "Contrato"]):
        stack.deliver(letter(number, subject), made)
    return str(made)


def signed_in(browser: Browser, url: str, address: str, **options: Any) -> Page:
    page = browser.new_context(locale="en-US", **options).new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{url}/login")
    page.get_by_label("Address").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".message-row")).to_have_count(4)
    page.wait_for_load_state()  # a key pressed before the scripts are there is lost
    return page


@pytest.fixture
def page(chromium: Browser, url: str, address: str) -> Iterator[Page]:
    page = signed_in(chromium, url, address, viewport={"width": 1440, "height": 900})
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    page.context.close()
    assert broken == []


def subjects(page: Page) -> list[str]:
    return page.locator(".message-row__subject").all_inner_texts()


def test_archive_and_undo_with_the_keyboard_alone(page: Page) -> None:
    assert subjects(page) == ["Contrato", "Factura de mayo", "Almuerzo", "Factura de agosto"]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator(".toast__text")).to_have_text("1 message moved to Archive.")
    expect(page.locator(".message-row")).to_have_count(3)
    # The next letter has taken the place, and the focus.
    assert (
        page.evaluate("document.activeElement.querySelector('.message-row__subject').textContent")
        == "Almuerzo"
    )
    page.locator(".toast__undo").click()
    expect(page.locator(".message-row")).to_have_count(4)
    page.keyboard.press("s")
    expect(page.locator(".message-row__star")).to_have_count(1)


def test_several_at_once(page: Page) -> None:
    page.get_by_label("Select this page").check()
    expect(page.locator(".bulk-bar__count")).to_have_text("4 selected")
    assert axe(page) == []
    page.get_by_role("toolbar").get_by_role("button", name="Mark as read").click()
    expect(page.locator(".message-row[data-unread]")).to_have_count(0)
    expect(page).to_have_title(re.compile("Inbox"))


def test_who_is_faster_than_the_script_keeps_the_choice(page: Page) -> None:
    """The element wakes up around a box that is checked already."""
    page.evaluate("""() => {
        const there = document.querySelector("selection-set");
        const late = there.cloneNode(true);
        late.querySelector("[data-select-page]").checked = true;
        there.replaceWith(late);
    }""")
    expect(page.locator(".bulk-bar__count")).to_have_text("4 selected")


def test_search_act_on_the_hits_and_take_it_back(page: Page, url: str) -> None:
    page.get_by_role("combobox", name="Search mail").fill("subject:factura")
    page.keyboard.press("Enter")
    expect(page.locator(".message-row")).to_have_count(2)
    assert axe(page) == []
    page.get_by_label("Select this page").check()
    page.get_by_role("toolbar").get_by_role("button", name="Delete").click()
    expect(page.locator(".toast__text")).to_have_text("2 messages moved to Trash.")
    expect(page.locator(".message-row")).to_have_count(0)
    page.locator(".toast__undo").click()
    expect(page.locator(".message-row")).to_have_count(2)


def test_opening_a_letter_leaves_the_list_where_it_is(page: Page) -> None:
    page.get_by_role("link", name=re.compile("Contrato")).click()
    expect(page.get_by_role("heading", name="Contrato")).to_be_visible()
    expect(page.locator(".message-row")).to_have_count(4)
    page.go_back()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


def test_without_javascript(chromium: Browser, url: str, address: str) -> None:
    page = signed_in(chromium, url, address, java_script_enabled=False)
    page.locator("input[name=uid]").first.check()
    page.get_by_role("toolbar").get_by_role("button", name="Archive").click()
    expect(page.get_by_text("1 message moved to Archive.")).to_be_visible()
    expect(page.locator(".message-row")).to_have_count(3)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".message-row")).to_have_count(4)
    page.context.close()
