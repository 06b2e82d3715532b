"""Trusted Types hold on every page: htmx and our elements do their work, and nothing breaks the policy."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.mailserver.outside import letter
from tests.stack import Stack, eventually
from tests.stories.test_first_letter import sign_in

pytestmark = pytest.mark.story
LISTEN = """
document.addEventListener("securitypolicyviolation", (e) =>
  console.error(`violation: ${e.violatedDirective} ${e.sample} ${e.sourceFile}:${e.lineNumber}`));
"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    context.add_init_script(LISTEN)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(20_000)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda said: broken.append(said.text) if "violation:" in said.text else None)
    yield page
    context.close()
    assert broken == []


def attempt(page: Page, code: str) -> str:
    """The name of the error, or nothing when the browser let it happen."""
    return str(
        page.evaluate(f"() => {{ try {{ {code}; return ''; }} catch (error) {{ return error.name; }} }}")
    )


def test_text_never_becomes_html_or_script(chromium: Browser, url: str) -> None:
    page = chromium.new_page()
    page.goto(f"{url}/login")
    for code in (
        "document.body.innerHTML = '<b>x</b>'",
        "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
        "document.createElement('iframe').srcdoc = '<b>x</b>'",
        "document.createElement('script').text = 'x'",
        "document.createElement('script').src = 'https://elsewhere.test/x.js'",
        "document.createElement('script').src = '/messages/INBOX/1/attachments/2/x.js'",
        "new Worker('/attachments/x.js')",
        "trustedTypes.createPolicy('second', {createHTML: (x) => x})",
    ):
        assert attempt(page, code) == "TypeError", code
    assert attempt(page, "new DOMParser().parseFromString('<b>x</b>', 'text/html')") == ""
    assert attempt(page, "document.createElement('script').src = '/static/js/common.js'") == ""
    page.close()


def test_the_webmail_works_under_it(page: Page, url: str, stack: Stack) -> None:
    address, _ = stack.create_mailbox()
    for number in range(3):
        stack.deliver(letter("luis@kronos.test", address, f"Carta {number}"), address)
    eventually(lambda: len(stack.messages(address)) == 3)
    sign_in(page, url, address)
    page.get_by_role("link", name="Carta 1").first.click()
    expect(page.get_by_role("heading", name="Carta 1")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_role("link", name="Carta 1")).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.keyboard.press("Escape")
    page.goto(f"{url}/search/?q=Carta")
    expect(page.get_by_role("link", name="Carta 2").first).to_be_visible()
    for where in ("/compose/", "/folders/", "/no-such-page"):
        page.goto(f"{url}{where}")
        page.wait_for_load_state("networkidle")


def test_the_panel_works_under_it(page: Page, url: str, stack: Stack, postie_settings: Any) -> None:
    address, _ = stack.create_mailbox("trusted.types")
    stack.create_mailbox("somebody.else")
    sign_in(page, url, stack.admin[0])
    page.goto(f"{url}/admin/mailboxes/")
    page.get_by_role("searchbox", name="Search mailboxes").fill("trusted.types")
    expect(page.get_by_role("link", name="somebody.else@kronos.test")).to_have_count(0)
    page.get_by_role("checkbox", name="Select this page").check()
    expect(page.get_by_text("1 selected").first).to_be_visible()
    page.goto(f"{url}/admin/")
    expect(page.get_by_text("Counted").first).to_be_visible()
    for where in (
        "mailboxes/new/",
        f"mailboxes/{address}/",
        "aliases/",
        "domains/",
        "domains/kronos.test/",
        "domains/kronos.test/dkim/",
        "activity/",
        "dns/",
        "resolver/",
    ):
        page.goto(f"{url}/admin/{where}")
        page.wait_for_load_state("networkidle")
