"""Reading and writing letters in Chromium: in Spanish and dark, without JavaScript; axe finds nothing."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import axe
from tests.stack import PASSWORD
from tests.webmail.views.test_reading import HTML

pytestmark = pytest.mark.story
SIZES = [(1440, 900), (820, 1180), (390, 844)]


@pytest.fixture
def address(stack: Any) -> str:
    made, _ = stack.create_mailbox()
    stack.deliver(HTML, made)
    return str(made)


def signed_in(browser: Browser, url: str, address: str, **options: Any) -> Page:
    page = browser.new_context(**options).new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{url}/login")
    page.locator("input[name=address], input[type=email]").first.fill(address)
    page.locator("input[type=password]").first.fill(PASSWORD)
    page.locator("form[method=post] button[type=submit], form button.button--primary").first.click()
    expect(page.locator(".message-row")).to_have_count(1)
    page.wait_for_load_state()
    return page


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", ["en-US", "es-PE"])
def test_a_letter_is_read_and_answered(
    chromium: Browser, url: str, address: str, size: tuple[int, int], language: str
) -> None:
    scheme: Any = "dark" if language == "es-PE" else "light"
    page = signed_in(
        chromium,
        url,
        address,
        locale=language,
        color_scheme=scheme,
        viewport={"width": size[0], "height": size[1]},
    )
    page.locator(".message-row a").first.click()
    expect(page.locator(".message__subject")).to_have_text("Reunión del martes")
    expect(page.frame_locator(".message__frame").locator("b")).to_have_text("mañana")
    assert page.locator(".message__frame").bounding_box()["height"] > 200  # type: ignore[index]
    assert axe(page) == []
    page.goto(page.url)
    assert axe(page) == []
    page.keyboard.press("r")
    expect(page.locator("#id_to")).to_have_value("Ana Quiñones <ana@kronos.test>")
    assert "> Hola en texto" in page.locator("#id_text").input_value()
    assert axe(page) == []
    page.locator("#id_to").fill(address)
    page.locator("#id_text").fill("Gracias")
    page.locator("button[value=send]").click()
    expect(page.locator(".notice, .toast").first).to_be_visible()
    page.context.close()


def test_without_javascript_one_reads_and_writes(chromium: Browser, url: str, address: str) -> None:
    page = signed_in(chromium, url, address, java_script_enabled=False, locale="en-US")
    page.locator(".message-row a").first.click()
    expect(page.frame_locator(".message__frame").locator("b")).to_have_text("mañana")
    page.get_by_role("link", name="Reply to all").first.click()
    page.locator("#id_to").fill("nobody at all")
    page.locator("button[value=send]").click()
    expect(page.locator(".field__errors")).to_contain_text("is not an address")
    page.locator("#id_to").fill(address)
    page.locator("#id_cc").fill("")
    page.locator("button[value=send]").click()
    expect(page).to_have_url(f"{url}/folder/INBOX/")
