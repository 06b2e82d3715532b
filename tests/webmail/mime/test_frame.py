"""The attack mailbox in Chromium: through the real view, and with the sanitiser off, where the frame must hold alone."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Route

from webmail.imap import append
from webmail.imap.connection import Connection

from .attacks import ALL, CANARY

pytestmark = pytest.mark.story
HOME = "http://localhost"  # an origin that Chromium trusts
AT_ONCE = 60


class Watched:
    """A page whose every request we answer; it notes what should not have happened."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.bodies: dict[str, tuple[dict[str, str], bytes]] = {}
        self.hits: list[str] = []
        self.words: list[str] = []
        self.dialogs: list[str] = []
        page.on("console", self._console)
        page.on("dialog", self._dialog)
        page.context.on("page", lambda other: self.hits.append(f"window {other.url}"))
        page.context.route("**/*", self._answer)

    def _console(self, message: ConsoleMessage) -> None:
        self.words.append(message.text)

    def _dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _answer(self, route: Route) -> None:
        # What CSP stops never comes this far: whoever is asked here was asked over the network.
        if not route.request.url.startswith(f"{HOME}/"):
            self.hits.append(route.request.url)
        path = route.request.url.removeprefix(HOME)
        if path in self.bodies:
            headers, body = self.bodies[path]
            route.fulfill(status=200, headers=headers, body=body)
        else:
            route.fulfill(
                status=200,
                headers={"Content-Type": "text/html", "Access-Control-Allow-Origin": "*"},
                body="<p>x",
            )

    def show(self, paths: list[str]) -> None:
        frames = "".join(
            f'<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="{path}"></iframe>'
            for path in paths
        )
        self.bodies["/harness"] = (
            {"Content-Type": "text/html"},
            f"<!doctype html><link rel=icon href=data:,>{frames}".encode(),
        )
        self.page.goto(f"{HOME}/harness", wait_until="load")
        assert self.page.url == f"{HOME}/harness"


@pytest.fixture
def watched(chromium: Browser) -> Iterator[Watched]:
    context = chromium.new_context()
    yield Watched(context.new_page())
    context.close()


def test_the_canary_can_sing(watched: Watched) -> None:
    watched.bodies["/open"] = ({"Content-Type": "text/html"}, f"<img src={CANARY}>".encode())
    watched.show(["/open"])
    assert watched.hits == [CANARY]


def test_nothing_happens_when_the_attack_mailbox_is_read(
    browser: Client, imap: Connection, watched: Watched
) -> None:
    paths = []
    for vector in ALL:
        octets = vector.encode("utf-8", "surrogateescape").replace(b"\0", b"&#0;")
        uid = append.append(
            imap,
            "INBOX",
            b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + octets,
        )
        path = f"/folder/INBOX/{uid}/body/"
        answer = browser.get(path)
        assert answer.status_code == 200
        watched.bodies[path] = (dict(answer.headers), answer.content)
        paths.append(path)
    for start in range(0, len(paths), AT_ONCE):
        watched.show(paths[start : start + AT_ONCE])
        assert (watched.hits, watched.dialogs, watched.words) == ([], [], []), ALL[start : start + AT_ONCE]


def test_the_frame_holds_without_the_sanitiser(browser: Client, imap: Connection, watched: Watched) -> None:
    uid = append.append(imap, "INBOX", b"Subject: x\r\nContent-Type: text/html\r\n\r\n<p>x")
    headers = dict(browser.get(f"/folder/INBOX/{uid}/body/").headers)
    paths = []
    for number, vector in enumerate(ALL):
        watched.bodies[f"/raw/{number}"] = (headers, vector.encode("utf-8", "surrogateescape"))
        paths.append(f"/raw/{number}")
    for start in range(0, len(paths), AT_ONCE):
        watched.show(paths[start : start + AT_ONCE])
        assert (watched.hits, watched.dialogs) == ([], []), ALL[start : start + AT_ONCE]
