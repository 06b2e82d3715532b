"""The Health page as an administrator lives with it: well, Dovecot stops, words say so, well again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from mailadmin.models import BackupRun
from mailadmin.services import health
from mailserver.wait import SERVER, until_ready
from tests.browser import axe
from tests.mailserver.test_resilience import control
from tests.stories.test_first_letter import sign_in

pytestmark = pytest.mark.story
PORTS = ("smtp", "submissions", "submission", "imaps", "imap", "sieve")


@pytest.fixture(autouse=True)
def _watched(postie_settings: Any, url: str, stack: Any, tmp_path: Path) -> None:
    postie_settings.HEALTH_HOST = stack.host
    postie_settings.HEALTH_PORTS = ",".join(f"{name}={stack.ports[name]}" for name in PORTS)
    (tmp_path / "mail.log").write_text("a fresh line\n")
    postie_settings.MAIL_LOG_DIR = str(tmp_path)
    postie_settings.DISK_PATHS = []
    BackupRun.objects.create(state="ok", finished_at=timezone.now())
    health.beat()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(30_000)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert broken == []


def look(page: Page) -> None:
    page.get_by_role("button", name="Look now").click()
    page.wait_for_load_state()
    expect(page.get_by_text("Looked at everything in").first).to_be_visible()


def test_green_then_dovecot_stops_then_green_again(page: Page, url: str, stack: Any) -> None:
    sign_in(page, url, stack.admin[0])
    page.goto(f"{url}/admin/health/")
    expect(page.get_by_text("Nobody has looked yet.")).to_be_visible()
    look(page)
    expect(page.get_by_text("All is well.")).to_be_visible()
    expect(page.get_by_text(f"Port {stack.ports['imaps']} (imaps) answers.")).to_be_visible()
    assert axe(page) == []

    control(stack, "stop", "mail:dovecot")
    try:
        look(page)
        expect(page.get_by_text("Something does not work.")).to_be_visible()
        needs = page.get_by_role("region", name="Needs you")
        expect(needs).to_contain_text(f"Port {stack.ports['imaps']} (imaps) does not accept connections")
        expect(needs).to_contain_text("Start the mail server")
        assert axe(page) == []
    finally:
        control(stack, "start", "mail:dovecot")
    assert until_ready(stack.base, 60, SERVER) == []

    look(page)
    expect(page.get_by_text("All is well.")).to_be_visible()
    expect(page.get_by_role("region", name="What changed")).to_contain_text("(imaps) answers.")
    # and the same on a phone, in Spanish, in the dark
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.context.add_cookies([{"name": "django_language", "value": "es", "url": url}])
    page.goto(f"{url}/admin/health/")
    expect(page.get_by_text("Todo está bien.")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
