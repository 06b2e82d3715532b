"""Dovecot killed, stopped in its tracks, full, read-only, crowded: words, recovery, and nothing lost."""

import os
import re
import signal
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests.webmail import dovecot
from tests.webmail.conftest import SignedIn
from tests.webmail.views.test_compose import form_of
from webmail import connections
from webmail.imap import append, flags, folders, listing

READ_ONLY = """
protocol imap {
  mail_plugins = $mail_plugins acl
}
plugin {
  acl = vfile:ROOT/acl
}
"""


class Day:
    """A Dovecot of one's own and a browser that is signed in to it."""

    def __init__(self, server: dovecot.Dovecot) -> None:
        self.server, self.browser = server, Client()

    def get(self, path: str, **headers: str) -> Any:
        return self.browser.get(path, headers={n.replace("_", "-"): value for n, value in headers.items()})

    def comes_back(self, path: str = "/") -> str:
        dovecot.eventually(lambda: self.get(path).status_code == 200, 40)
        return str(self.get(path).content.decode())

    def letter(self, text: str = "Esto no se pierde") -> dict[str, Any]:
        form = form_of(self.get("/compose/").content.decode())
        return form | {"to": "ana@kronos.test", "subject": "A salvo", "text": text}

    def subjects(self, folder: str) -> list[str]:
        imap = self.server.open("ana")
        found = [m.envelope.subject for m in listing.page(imap, folder).messages]
        imap.log_out()
        return found


@pytest.fixture
def day(request: pytest.FixtureRequest, settings: Any, db: None) -> Iterator[Day]:
    """`request.param`: (more configuration, limits)."""
    extra, limits = getattr(request, "param", ("", {}))
    with dovecot.dovecot(extra, **limits) as server:
        settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_SECURITY = "127.0.0.1", server.port, "none"
        settings.IMAP_TIMEOUT = 1.5
        shown = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
        settings.MIDDLEWARE = [*shown, "tests.webmail.conftest.SignedIn"]
        SignedIn.credentials = server.credentials("ana")
        connections.pool.cache_clear()
        imap = server.open("ana")
        for number in range(1, 4):
            append.append(imap, "INBOX", dovecot.letter(number))
        imap.log_out()
        yield Day(server)
        connections.pool().close()
        connections.pool.cache_clear()


def killed(server: dovecot.Dovecot) -> None:
    assert server.process
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait(10)
    server.process = None


def test_killed_in_the_middle_it_comes_back_with_everything(day: Day) -> None:
    assert day.get("/").status_code == 200
    killed(day.server)
    answer = day.get("/")
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "does not answer" in answer.content.decode()
    fragment = day.get("/", HX_Request="true")
    assert (fragment.status_code, "<html" in fragment.content.decode()) == (503, False)
    day.server.start()
    page = day.comes_back()
    assert all(f"Carta {number}" in page for number in (1, 2, 3))


@pytest.mark.parametrize("action", ["save", "send", "autosave"])
def test_a_letter_being_written_survives(day: Day, action: str) -> None:
    form = day.letter("Esto no se pierde <b>nunca</b>")
    killed(day.server)
    answer = day.browser.post("/compose/", form | {"action": action, "keep_part": ["2"], "draft": "7"})
    assert answer.status_code == 503
    if action == "autosave":
        assert answer.json() == {"error": "Not saved yet: the mail server does not answer."}
    else:
        page = answer.content.decode()
        assert "Your text is still here" in page
        kept = form_of(page)
        for name in ("text", "subject", "to", "message_id"):
            assert kept[name] == form[name]
        assert (kept["draft"], kept["keep_part"]) == ("7", ["2"])
    day.server.start()
    day.comes_back()
    again = day.browser.post("/compose/", form | {"action": "save"})
    assert again.status_code == 302
    assert day.subjects("Drafts") == ["A salvo"]


def test_the_words_are_spanish_for_who_reads_spanish(day: Day) -> None:
    form = day.letter()
    killed(day.server)
    answer = day.browser.post("/compose/", form | {"action": "save"}, headers={"Accept-Language": "es"})
    assert "Tu texto sigue aquí" in answer.content.decode()


def test_one_that_stands_still_is_not_waited_for_without_end(day: Day) -> None:
    assert day.get("/").status_code == 200
    form = day.letter()
    assert day.server.process
    os.killpg(day.server.process.pid, signal.SIGSTOP)
    try:
        assert day.get("/").status_code == 503
        answer = day.browser.post("/compose/", form | {"action": "save"})
        assert answer.status_code == 503
        assert form_of(answer.content.decode())["text"] == form["text"]
    finally:
        os.killpg(day.server.process.pid, signal.SIGCONT)
    assert "Carta 3" in day.comes_back()
    assert day.browser.post("/compose/", form | {"action": "save"}).status_code == 302


@pytest.mark.parametrize("day", [("", {"quota": "60k"})], indirect=True)
def test_a_full_mailbox_keeps_the_text_and_can_be_emptied(day: Day) -> None:
    imap = day.server.open("ana")
    append.append(imap, "INBOX", dovecot.letter(9, "Grande") + b"x" * 55_000)
    imap.log_out()
    form = day.letter("muchas palabras " * 600)
    answer = day.browser.post("/compose/", form | {"action": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The mailbox did not take it" in page
    assert "uota" in page
    assert form_of(page)["text"].split() == form["text"].split()
    # Deleting works, and emptying the trash gives the room back at once, not after an hour's grace.
    rows = re.findall(r'data-uid="(\d+)"', day.get("/").content.decode())
    answer = day.browser.post("/folder/INBOX/actions/", {"action": "trash", "uid": rows[:1]})
    assert day.subjects("Trash") == ["Grande"]
    day.browser.post("/folders/Trash/contents/")
    assert day.subjects("Trash") == []
    assert day.browser.post("/compose/", form_of(page) | {"action": "save"}).status_code == 302
    assert day.subjects("Drafts") == ["A salvo"]


@pytest.mark.parametrize("day", [(READ_ONLY, {})], indirect=True)
def test_a_folder_that_may_only_be_read_is_read_and_says_no_in_words(day: Day) -> None:
    rules = day.server.root / "acl"
    imap = day.server.open("ana")
    folders.create(imap, "Fijo")
    uid = append.append(imap, "Fijo", dovecot.letter(5, "Solo lectura"))
    imap.log_out()
    rules.write_text("Fijo owner lr\n")
    connections.pool().close()
    page = day.get("/folder/Fijo/").content.decode()
    assert "Solo lectura" in page
    letter = day.get(f"/folder/Fijo/{uid}/")
    assert letter.status_code == 200
    assert "esta es la carta 5" in letter.content.decode()
    for action in ("trash", "flag", "archive", "read"):
        answer = day.browser.post("/folder/Fijo/actions/", {"action": action, "uid": [uid]}, follow=True)
        assert answer.status_code == 200
        assert re.search(r'class="notice notice--(danger|caution|error)', answer.content.decode()), action
    imap = day.server.open("ana")
    assert flags.current(imap, "Fijo", [uid or 0]) == {uid: frozenset()}
    imap.log_out()


@pytest.mark.parametrize("day", [("", {"connections": 2})], indirect=True)
def test_where_no_further_program_may_connect_it_says_so(day: Day) -> None:
    others = [day.server.open("ana") for _ in range(2)]
    answer = day.get("/")
    assert answer.status_code == 503
    assert "Too many programs are connected to your mailbox" in unescape(answer.content.decode())
    fragment = day.get("/", HX_Request="true")
    assert "Too many programs" in fragment.content.decode()
    others.pop().log_out()
    assert "Carta 3" in day.comes_back()
    others.pop().log_out()


@pytest.mark.parametrize("day", [("", {"connections": 1})], indirect=True)
def test_with_one_connection_everything_works(day: Day) -> None:
    form = day.letter()
    assert day.browser.post("/compose/", form | {"action": "save"}).status_code == 302
    for path in ("/", "/folder/Drafts/", "/search/?q=carta", "/folder/INBOX/1/", "/folders/"):
        assert day.get(path).status_code == 200, path
