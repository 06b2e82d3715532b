"""Chromium for the browser stories: the system's own, without a sound to the outside."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from webmail import connections

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail("chromium is not here: scripts/install.sh test brings it")
    # Playwright keeps a loop in this thread, which Django takes for asynchronous code; it is not.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        _open.append(browser)
        yield browser
        _close_all()


@pytest.fixture(scope="session")
def live_server(live_server: LiveServer) -> Iterator[LiveServer]:
    """Chromium keeps connections after its pages are gone: they end before the server and its database do."""
    yield live_server
    _close_all()


_open: list[Browser] = []


def _close_all() -> None:
    while _open:
        _open.pop().close()
    visits_end()


def visits_end() -> None:
    """A closed page's connections end a moment later; the server stops after that."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(20)


@pytest.fixture
def url(postie_settings: Any, live_server: Any) -> Iterator[str]:
    """Where Postie answers in the test's browser, with the cookies of HTTPS=off."""
    postie_settings.SESSION_COOKIE_SECURE = postie_settings.CSRF_COOKIE_SECURE = False
    for name in ("SESSION", "CSRF", "KEY", "DEVICE"):
        setattr(postie_settings, f"{name}_COOKIE_NAME", f"postie_{name.lower()}")
    yield str(live_server.url)
    connections.pool().close()


def axe(page: Page) -> list[str]:
    """What axe-core finds wrong on the page, one sentence each; beside the page's CSP."""
    client = page.context.new_cdp_session(page)
    frame = client.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = client.send("Page.createIsolatedWorld", {"frameId": frame})["executionContextId"]
    options = json.dumps({"runOnly": RULES, "preload": False})
    code = f"{AXE};axe.run(document, {options}).then(found => JSON.stringify(found.violations))"
    answer = client.send(
        "Runtime.evaluate",
        {"expression": code, "contextId": world, "awaitPromise": True, "returnByValue": True},
    )
    found = json.loads(answer["result"]["value"])
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
