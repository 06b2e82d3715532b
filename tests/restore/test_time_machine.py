"""The time machine through its front door: one's own past, and nobody else's."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpRequest, HttpResponseBase
from django.test import Client as Browser

from postie_web.lib.credentials import Credentials
from tests.stack import PASSWORD, Stack
from webmail.models import Look

from .conftest import History, append, delete_all, letter

pytestmark = pytest.mark.django_db


class SignedIn:
    """Middleware: the sign-in is somebody else's test."""

    credentials: Credentials | None = None

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.credentials = SignedIn.credentials  # type: ignore[attr-defined]
        return self.get_response(request)


@pytest.fixture
def browser(settings: Any, history: History) -> Iterator[Callable[[str], Browser]]:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:-1], f"{__name__}.SignedIn", settings.MIDDLEWARE[-1]]

    def signed_in(address: str) -> Browser:
        SignedIn.credentials = Credentials(address=address, password=PASSWORD, client_address="192.0.2.7")
        return Browser()

    yield signed_in
    SignedIn.credentials = None


HTML = (
    b"From: Eva <eva@outside.test>\r\nSubject: =?utf-8?q?Cami=C3=B3n?=\r\nMessage-ID: <77@outside.test>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>Hola <b>Ana</b></p><script>alert(1)</script><img src=https://evil.test/x.png>\r\n"
)


def test_a_deleted_message_is_found_read_and_brought_back(
    stack: Stack, history: History, domain: str, browser: Callable[[str], Browser]
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    with stack.imap(ana) as imap:
        imap.append("INBOX", "(\\Seen \\Flagged)", '"03-May-2026 14:01:59 +0000"', HTML)
    append(stack, ana, 2, "Sent")
    moment = history.backup(domain)[:8]
    delete_all(stack, ana)
    page = browser(ana)

    days = page.get("/time-machine/").content.decode()
    assert f"/time-machine/{moment}/" in days

    gone = page.get(f"/time-machine/{moment}/?view=gone").content.decode()
    assert "Camión" in gone
    assert "Carta 2" not in gone  # it lives, in Sent
    key = gone.partition('name="key" value="')[2].partition('"')[0]

    read = page.get(f"/time-machine/{moment}/message/?key={quote(key, safe='')}").content.decode()
    assert "Camión" in read
    frame = page.get(f"/time-machine/{moment}/message/body/?key={quote(key, safe='')}")
    assert "<b>Ana</b>" in frame.content.decode()
    assert "script" not in frame.content.decode()
    assert "evil.test" not in frame.content.decode()
    assert "sandbox" in frame.headers["Content-Security-Policy"]

    back = page.post(f"/time-machine/{moment}/restoration/", {"key": [key]}).content.decode()
    assert "1 message is back." in back
    again = page.post(f"/time-machine/{moment}/restoration/", {"key": [key]}).content.decode()
    assert "1 message was there already." in again
    folder = back.partition("in the folder <bdi>")[2].partition("<")[0]
    assert stack.messages(ana, folder) == [HTML]
    kinds = list(Look.objects.order_by("id").values_list("account", "kind", "what", "client_address"))
    assert kinds == [
        (ana, "gone", "", "192.0.2.7"),
        (ana, "message", "Camión", "192.0.2.7"),
        (ana, "restore", folder.partition("/")[0], "192.0.2.7"),
        (ana, "restore", folder.partition("/")[0], "192.0.2.7"),
    ]
    assert "Camión" in page.get("/time-machine/").content.decode()


PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURED = (
    b"From: Eva <eva@outside.test>\r\nSubject: Fotos/de la feria\r\nMessage-ID: <78@outside.test>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/html\r\n\r\n<p>Mira <img src=cid:foto@feria><img src=cid:code@feria></p>\r\n"
    b"--x\r\nContent-Type: image/png\r\nContent-ID: <foto@feria>\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + PIXEL + b"\r\n"
    b"--x\r\nContent-Type: image/svg+xml\r\nContent-ID: <code@feria>\r\n\r\n<svg onload=alert(1)/>\r\n"
    b"--x--\r\n"
)


def test_pictures_of_the_letter_itself_are_shown_and_it_is_saved_as_it_was(
    stack: Stack, history: History, domain: str, browser: Callable[[str], Browser]
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    with stack.imap(ana) as imap:
        imap.append("INBOX", "", '"03-May-2026 14:01:59 +0000"', PICTURED)
    moment = history.backup(domain)[:8]
    page = browser(ana)
    day = page.get(f"/time-machine/{moment}/").content.decode()
    key = quote(day.partition('name="key" value="')[2].partition('"')[0], safe="")
    frame = page.get(f"/time-machine/{moment}/message/body/?key={key}").content.decode()
    assert f'<img src="data:image/png;base64,{PIXEL.decode()}"' in frame
    assert "svg" not in frame
    read = page.get(f"/time-machine/{moment}/message/?key={key}").content.decode()
    address = read.partition("message.eml")[0].rpartition('"')[2] + f"message.eml?key={key}"
    saved = page.get(address)
    assert saved.content == PICTURED
    assert saved.headers["Content-Type"] == "message/rfc822"
    assert saved.headers["Content-Disposition"] == 'attachment; filename="Fotos_de la feria.eml"'
    assert "sandbox" in saved.headers["Content-Security-Policy"]
    eva, _password = stack.create_mailbox("eva", domain)
    assert browser(eva).get(address).status_code == 404


def test_a_whole_folder_comes_back_some_at_a_time(
    stack: Stack,
    history: History,
    domain: str,
    browser: Callable[[str], Browser],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from webmail.services import time_machine

    monkeypatch.setattr(time_machine, "MOST_AT_ONCE", 2)
    ana, _password = stack.create_mailbox("ana", domain)
    for number in (1, 2, 3):
        append(stack, ana, number, "Feria")
    moment = history.backup(domain)[:8]
    page = browser(ana)
    first = page.post(f"/time-machine/{moment}/restoration/", {"whole": ".Feria"}).content.decode()
    assert "Go on: 1 more" in first
    last = page.post(
        f"/time-machine/{moment}/restoration/", {"whole": ".Feria", "offset": "2"}
    ).content.decode()
    assert "Go on" not in last
    folder = last.partition("in the folder <bdi>")[2].partition("<")[0]
    assert sorted(stack.messages(ana, folder)) == sorted(letter(n) for n in (1, 2, 3))


def test_the_past_of_others_cannot_be_reached(
    stack: Stack, history: History, domain: str, browser: Callable[[str], Browser]
) -> None:
    """There is no way to name another mailbox: not by address, by key, by path, by folder."""
    ana, _password = stack.create_mailbox("ana", domain)
    eva, _password = stack.create_mailbox("eva", domain)
    append(stack, ana, 1)
    append(stack, eva, 2)
    moment = history.backup(domain)[:8]
    page = browser(ana)
    own = page.get(f"/time-machine/{moment}/").content.decode()
    assert "Carta 1" in own
    key = own.partition('name="key" value="')[2].partition('"')[0]
    page = browser(eva)
    for stolen in (key, f"../../ana/Maildir/cur{key}", f"../ana/Maildir{key}", "x", "/", ""):
        path = f"/time-machine/{moment}/message/?key={quote(stolen, safe='')}"
        assert page.get(path).status_code == 404
        assert page.get(path.replace("message/", "message/body/")).status_code == 404
        answer = page.post(f"/time-machine/{moment}/restoration/", {"key": [stolen]})
        assert answer.status_code in (302, 404)
    for folder in ("../../ana/Maildir", "/etc", ".."):
        view = page.get(
            f"/time-machine/{moment}/?folder={quote(folder, safe='')}&address={ana}&account={ana}"
        )
        assert "Carta 1" not in view.content.decode()
        assert page.post(f"/time-machine/{moment}/restoration/", {"whole": folder}).status_code == 404
    assert "Carta 2" in page.get(f"/time-machine/{moment}/?account={ana}").content.decode()
    assert not stack.messages(eva, "Restored")
    assert len(stack.messages(eva)) == 1


def test_days_that_are_none_and_backups_that_are_away(
    stack: Stack, history: History, domain: str, browser: Callable[[str], Browser], settings: Any
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1)
    moment = history.backup(domain)[:8]
    page = browser(ana)
    assert page.get("/time-machine/?day=2999-01-01").headers["Location"] == f"/time-machine/{moment}/"
    for path in ("?day=1999-01-01", "?day=nonsense", "00000000/", "nonsense/", f"{moment}/message/?key=x"):
        assert page.get(f"/time-machine/{path}").status_code == 404
    assert page.get(f"/time-machine/{moment}/?page=9999999999999&q=%25_%00").status_code == 200
    settings.RESTIC_REPOSITORY = "rest:http://127.0.0.1:9/"
    assert page.get("/time-machine/").status_code == 503
    settings.RESTIC_REPOSITORY = ""
    assert "no backups here" in page.get("/time-machine/").content.decode()


def test_strangers_are_asked_to_sign_in(history: History) -> None:
    for path in ("", "12345678/", "12345678/message/?key=x", "12345678/message/body/?key=x"):
        assert Browser().get(f"/time-machine/{path}").headers["Location"].startswith("/login")
