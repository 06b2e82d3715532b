"""A mailbox under the hand: letters open at once, rows are dragged, swiped, right-clicked, filed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import axe
from tests.stories.test_mailbox import address, signed_in, subjects  # noqa: F401 - fixtures
from webmail.models import Preferences

pytestmark = pytest.mark.story


@pytest.fixture
def page(chromium: Browser, url: str, address: str) -> Iterator[Page]:  # noqa: F811
    page = signed_in(chromium, url, address, viewport={"width": 1440, "height": 900})
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    page.context.close()
    assert broken == []


def test_the_hovered_letter_is_there_before_the_click(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    link = page.locator(".message-row__open").first
    where = page.evaluate("link => link.href", link.element_handle())
    with page.expect_response(where):
        link.hover()
    assert page.locator(".message-row[data-unread]").count() == 4
    with page.expect_response(f"{where}seen/"):
        link.click()
        expect(page.locator("#reader .message__subject")).to_have_text("Contrato")
    assert page.url == where
    assert asked.count(f"GET {where}") == 1
    # Without the pointer before it, too, and one after the other.
    for number in (2, 3):
        page.evaluate("link => link.click()", page.locator(".message-row__open").nth(number).element_handle())
        expect(page.locator("#reader .message__subject")).to_have_text(subjects(page)[number])
    expect(page.locator(".folder-list__link[data-folder=INBOX] .count")).to_contain_text("1")
    page.reload()
    expect(page.locator(".message-row[data-unread]")).to_have_count(1)


def test_a_row_is_dragged_into_a_folder(page: Page) -> None:
    row = page.locator(".message-row").filter(has_text="Almuerzo")
    row.locator(".message-row__open").drag_to(page.locator(".folder-list__link[data-folder=Archive]"))
    expect(page.locator(".message-row")).to_have_count(3)
    page.locator(".folder-list__link[data-folder=Archive]").click()
    expect(page.locator(".message-row")).to_have_count(1)
    assert subjects(page) == ["Almuerzo"]


def test_folders_are_found_by_typing(page: Page) -> None:
    page.get_by_label("Find a folder").fill("arch")
    expect(page.locator("#folder-tree li:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".folder-list__link[data-folder=Archive]")).to_have_attribute("aria-current", "page")


def test_the_title_counts_the_unread(page: Page) -> None:
    expect(page).to_have_title(re.compile(r"^\(4\) "))
    page.locator(".message-row__open").first.click()
    expect(page).to_have_title(re.compile(r"^\(3\) "))


def test_the_context_menu_says_in_words_what_a_row_can(page: Page) -> None:
    row = page.locator(".message-row").filter(has_text="Factura de mayo")
    row.click(button="right")
    menu = page.locator("#row-menu")
    expect(menu).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    row.click(button="right")
    menu.get_by_text("Archive").click()
    expect(page.locator(".message-row")).to_have_count(3)


@pytest.mark.parametrize("choice", ["list", "next"])
def test_after_filing_the_open_letter(page: Page, address: str, choice: str) -> None:  # noqa: F811
    Preferences.objects.create(account=address, after_move=choice)
    page.reload()
    page.locator(".message-row__open").first.click()
    expect(page.locator(".message__bar")).to_be_visible()
    page.keyboard.press("e")
    expect(page.locator(".toast__text")).to_have_text("1 message moved to Archive.")
    expect(page.locator(".message-row")).to_have_count(3)
    if choice == "next":
        expect(page.locator(".message__subject")).to_have_text("Factura de mayo")
    else:
        expect(page.locator(".reader-hint")).to_be_visible()
    page.locator(".toast__undo").click()
    expect(page.locator(".message-row")).to_have_count(4)


@pytest.mark.parametrize("pane", ["below", "none"])
def test_the_reader_stands_where_it_was_wanted(page: Page, address: str, pane: str) -> None:  # noqa: F811
    Preferences.objects.create(account=address, pane=pane, density="dense")
    page.reload()
    page.locator(".message-row__open").first.click()
    expect(page.locator(".message__bar")).to_be_visible()  # the letter, not the sketch of it
    if pane == "none":
        expect(page.locator("#list")).to_be_hidden()
        page.keyboard.press("u")
        expect(page.locator(".message-row").first).to_be_visible()
    else:
        boxes = [page.locator(where).bounding_box() for where in ("#list", "#reader")]
        assert boxes[0]
        assert boxes[1]
        assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"] - 1
    assert axe(page) == []


def test_a_phone_swipes(chromium: Browser, url: str, address: str) -> None:  # noqa: F811
    size: Any = {"width": 390, "height": 844}
    page = signed_in(chromium, url, address, viewport=size, has_touch=True, is_mobile=True)
    client = page.context.new_cdp_session(page)

    def swipe(row: int, way: int) -> None:
        box = page.locator(".message-row").nth(row).bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for kind, at in (("touchStart", 0), ("touchMove", way / 3), ("touchMove", way)):
            point = [{"x": x + at, "y": y}]
            client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": point})
        client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    swipe(0, -130)
    expect(page.locator(".message-row")).to_have_count(3)
    expect(page.locator(".toast__text")).to_have_text("1 message moved to Archive.")
    swipe(0, 130)
    expect(page.locator(".message-row[data-unread]")).to_have_count(2)
    swipe(0, -40)  # too short to mean it
    expect(page.locator(".message-row")).to_have_count(3)
    # The same without a swipe: tick and press.
    page.locator(".message-row .check").first.check()
    page.locator(".bulk-bar button[value=archive]").click()
    expect(page.locator(".message-row")).to_have_count(2)
    page.context.close()


def test_settings_are_clean_for_everybody(page: Page, url: str) -> None:
    page.goto(f"{url}/settings/")
    assert axe(page) == []
    page.goto(f"{url}/settings/sessions/")
    assert axe(page) == []
    page.goto(f"{url}/folders/")
    assert axe(page) == []
    page.goto(f"{url}/folders/Archive/")
    assert axe(page) == []


def test_a_person_presses_their_own_keys(page: Page, address: str) -> None:  # noqa: F811
    Preferences.objects.create(account=address, keys={"e": "y"})
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("e")  # free now
    page.keyboard.press("y")
    expect(page.locator(".toast__text")).to_have_text("1 message moved to Archive.")
    expect(page.locator(".message-row")).to_have_count(3)
