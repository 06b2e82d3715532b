"""In a real browser: a message is deleted for good, the time machine shows it, and it is back."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import axe
from tests.stack import PASSWORD, Stack

from .conftest import History, append, delete_all

pytestmark = pytest.mark.story


@pytest.mark.parametrize(("width", "script"), [(1440, True), (390, False)])
def test_a_deleted_message_is_back(
    stack: Stack,
    history: History,
    domain: str,
    chromium: Browser,
    url: str,
    width: int,
    script: bool,
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1)
    append(stack, ana, 2)
    history.backup(domain)
    delete_all(stack, ana)
    context = chromium.new_context(
        locale="en-US", viewport={"width": width, "height": 900}, java_script_enabled=script
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{url}/login")
    page.get_by_label("Address").fill(ana)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.goto(f"{url}/time-machine/")
    _clean(page, script=script)
    page.get_by_role("button", name="What is gone since then").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gone since then")
    expect(page.locator("tbody tr")).to_have_count(2)
    _clean(page, script=script)

    page.get_by_role("link", name="Carta 1").click()
    expect(page.locator(".message__text")).to_contain_text("Hola 1")
    _clean(page, script=script)
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Brought back")
    expect(page.get_by_text("1 message is back.")).to_be_visible()
    _clean(page, script=script)

    page.get_by_role("link", name="Open the folder").click()
    expect(page.locator(".message-row__subject")).to_have_text("Carta 1")
    page.goto(f"{url}/time-machine/")
    expect(page.get_by_text("Read a message: Carta 1")).to_be_visible()
    context.close()


def _clean(page: Page, *, script: bool) -> None:
    if script:
        assert axe(page) == []
