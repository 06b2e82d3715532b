"""In a real browser: a new domain, its page, one press, the zone is written; axe on every page."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from mailadmin import connections
from mailadmin.dns.resolver import Resolver, Settings
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewDomain
from postie_web.accounts.models import User
from tests.browser import axe
from tests.mailadmin.conftest import browser as signed_in
from tests.mailadmin.dns import zoo

# Chromium keeps its connections a moment longer than the server and the test's database live.
pytestmark = [
    pytest.mark.story,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
NAME = "story.zoo.test"
PICTURES = os.environ.get("POSTIE_PICTURES", "")


def look(page: Page, name: str) -> None:
    for width in (1440, 820, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert axe(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})


@pytest.fixture
def world(poste: Client, zoo_resolver: Settings, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    # The story is told over plain HTTP: cookies named __Host- would not be kept.
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "sessionid", "csrftoken"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    settings.POSTEIO_HOSTNAME = "mail.zoo.test"
    settings.MAIL_ADDRESSES = ["203.0.113.10"]
    monkeypatch.setattr(connections, "network", lambda: Resolver(zoo_resolver))
    poste.domains.create(NewDomain(name=NAME))
    poste.domains.create_dkim(NAME)
    return poste


@pytest.fixture
def server(world: Client, transactional_db: None, settings: Any) -> Iterator[str]:
    """One of our own: the shared one reads its settings before a test can change them."""
    settings.ALLOWED_HOSTS = ["localhost"]
    started = LiveServer("localhost")
    yield started.url
    started.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_a_new_domain_to_a_published_one(scheme: Any, server: str, chromium: Chromium) -> None:
    session: Browser = signed_in("chief@kronos.test", User.Role.SYSTEM_ADMIN)
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    cookie = next(iter(session.cookies.values()))
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server}])
    page = context.new_page()
    page.goto(f"{server}/admin/domains/{NAME}/dns/")
    page.get_by_role("button", name="Check now").click()
    page.get_by_role("heading", name="To fix").wait_for()
    look(page, f"dns-{scheme}")
    page.get_by_role("link", name="Change the DNS").click()
    page.get_by_label("Address of the name server").fill(zoo.FIRST)
    page.get_by_label("Name of the TSIG key").fill("postie")
    page.get_by_label("Secret of the TSIG key").fill(zoo.SECRET)
    page.get_by_role("button", name="Save the key").click()
    look(page, f"plan-{scheme}")
    page.get_by_role("button", name="Write these changes").click()
    page.get_by_text("Nothing to change.").wait_for()
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("Taken back.").wait_for()
    for path in ("/admin/dns/", "/admin/deliverability/"):
        page.goto(server + path)
        look(page, path.strip("/").replace("/", "-") + f"-{scheme}")
    page.goto(f"{server}/admin/deliverability/")
    page.get_by_role("button", name="Sending fails").click()
    page.get_by_text("The cause:").wait_for()
    context.close()
