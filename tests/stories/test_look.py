"""The style guide in a real browser: accessible, in both themes, at three widths, with no script."""

from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, Page

from tests.browser import axe

pytestmark = pytest.mark.story
SIZES = {"wide": (1440, 900), "medium": (820, 1100), "phone": (390, 844)}


@pytest.fixture
def guide(settings, live_server) -> str:
    settings.ROOT_URLCONF = "tests.styleguide.urls"
    folder = django_settings.BASE_DIR / "tests" / "styleguide" / "templates"
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], folder]}]
    return str(live_server.url)


@pytest.fixture
def page(chromium: Browser, request) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, **getattr(request, "param", {}))
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert broken == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("page", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
@pytest.mark.parametrize("screen", ["panel", "webmail", "login", "error/away"])
def test_axe_finds_nothing(guide: str, page: Page, screen: str, size: str) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{guide}/{screen}")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"


def test_the_palette_finds_and_runs_a_command(guide: str, page: Page) -> None:
    page.goto(f"{guide}/webmail")
    page.evaluate(
        "document.querySelector('[data-key=e]').addEventListener('click', e => e.target.dataset.ran = 1)"
    )
    page.keyboard.press("Control+k")
    page.keyboard.type("archi")
    assert page.locator("#palette-list [aria-selected=true]").inner_text().startswith("Archive")
    assert axe(page) == []
    page.keyboard.press("Enter")
    assert page.locator("[data-ran]").count() == 1
    assert not page.locator("dialog[open]").count()


def test_question_mark_shows_the_keys_but_never_steals_typing(guide: str, page: Page) -> None:
    page.goto(f"{guide}/panel")
    page.keyboard.press("?")
    assert page.locator("keyboard-help dialog").is_visible()
    page.keyboard.press("Escape")
    search = page.get_by_label("Search mailboxes")
    search.fill("why")
    search.press("?")
    assert search.input_value() == "why?"
    assert not page.locator("keyboard-help dialog").is_visible()


def test_a_range_is_selected_with_shift_and_counted(guide: str, page: Page) -> None:
    page.goto(f"{guide}/panel")
    boxes = page.locator("input[name=address]")
    bar = page.locator(".bulk-bar")
    assert not bar.is_visible()
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    assert page.locator("input[name=address]:checked").count() == 4
    assert page.locator(".bulk-bar [data-selected]").inner_text() == "4 selected"
    page.get_by_label("Select this page").click()
    page.get_by_label("Select all 4,812").click()
    assert page.locator(".bulk-bar [data-selected]").inner_text() == "4,812 selected"
    page.get_by_role("button", name="Clear").click()
    assert not bar.is_visible()


def test_a_generated_password_is_strong_shown_and_copied(guide: str, page: Page) -> None:
    page.goto(f"{guide}/panel")
    page.get_by_role("button", name="Generate").click()
    field = page.locator("password-field input")
    assert field.get_attribute("type") == "text"
    assert page.locator("[data-strength]").inner_text() == "Strong"
    page.get_by_role("button", name="Copy password").click()
    assert page.evaluate("navigator.clipboard.readText()") == field.input_value()
    assert len(field.input_value()) == 24


def test_a_toast_offers_undo_and_speaks(guide: str, page: Page) -> None:
    page.goto(f"{guide}/webmail")
    detail = "{text: '3 moved', undo: '/undo'}"
    page.evaluate(
        f"document.body.dispatchEvent(new CustomEvent('toast', {{bubbles: true, detail: {detail}}}))"
    )
    assert page.locator(".toast").inner_text().startswith("3 moved")
    page.wait_for_function("document.getElementById('live').textContent === '3 moved'")
    with page.expect_request("**/undo") as sent:
        page.get_by_role("button", name="Undo").click()
    assert sent.value.method == "POST"
    assert page.locator(".toast__undo").count() == 0


def test_the_theme_is_kept_in_a_cookie_and_painted_by_the_server(guide: str, page: Page) -> None:
    page.goto(f"{guide}/login")
    page.get_by_role("button", name="Dark").click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == page.evaluate("getComputedStyle(document.body).getPropertyValue('--night-0')").strip()


def test_the_list_is_resized_by_keyboard_and_remembered(guide: str, page: Page) -> None:
    page.goto(f"{guide}/webmail")
    handle = page.get_by_role("separator", name="Width of the list")
    handle.focus()
    handle.press("ArrowRight")
    page.reload()
    assert page.locator(".mail__list").bounding_box()["width"] == 396  # type: ignore[index]


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_without_javascript_the_drawer_opens_and_nothing_dead_is_shown(guide: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{guide}/webmail")
    assert not page.locator("#folders").is_visible()
    page.get_by_role("button", name="Folders").click()
    assert page.get_by_role("link", name="Drafts").is_visible()
    page.goto(f"{guide}/panel")
    assert not page.get_by_role("button", name="Generate").is_visible()
    assert page.locator(".bulk-bar").is_visible()


def test_the_first_tab_stop_skips_to_the_content(guide: str, page: Page) -> None:
    page.goto(f"{guide}/webmail")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("skip-link")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_rows_are_reached_and_opened_by_keyboard(guide: str, page: Page) -> None:
    page.goto(f"{guide}/webmail")
    page.locator(".message-row .check").first.focus()
    page.keyboard.press("Tab")
    assert "message-row__open" in page.evaluate("document.activeElement.className")
