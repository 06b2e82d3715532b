"""/events/ over a real Dovecot: what happens in the mailbox reaches every open tab."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.contrib.sessions.models import Session

from postie_web.lib.credentials import Credentials
from postie_web.push.app import Application
from postie_web.push.hub import Limits
from tests.push.conftest import QUICK, Tab, serving, sign_in
from tests.webmail import dovecot
from tests.webmail.dovecot import eventually
from webmail.imap import append, flags, folders, move
from webmail.imap.connection import Connection

Open = Callable[..., Tab]
FALLBACKS = {
    "notify": "",
    "idle": "imap_capability = IMAP4rev1 IDLE ENABLE CONDSTORE",
    "neither": "imap_capability = IMAP4rev1",
}


def inbox(tab: Tab) -> list[int]:
    return tab.folders.get("INBOX") or []


def test_new_mail_marks_and_moves_reach_every_tab(open_tab: Open, imap: Connection, url: str) -> None:
    first, second = open_tab(), open_tab()
    eventually(lambda: inbox(first)[:3] == [0, 0, 1])
    append.append(imap, "INBOX", dovecot.letter(1))
    eventually(lambda: inbox(first)[:3] == [1, 1, 2] and inbox(second)[:3] == [1, 1, 2])
    modseq = inbox(first)[3]
    flags.add(imap, "INBOX", [1], ["\\Flagged"])
    eventually(lambda: inbox(first)[3] > modseq)
    flags.add(imap, "INBOX", [1], ["\\Seen"])
    eventually(lambda: inbox(second)[1] == 0)
    move.move(imap, "INBOX", [1], "Trash")
    eventually(lambda: inbox(first)[0] == 0 and (first.folders["Trash"] or [0])[0] == 1)
    folders.create(imap, "Ñandú")
    append.append(imap, "Ñandú", dovecot.letter(2))
    eventually(lambda: (first.folders.get("Ñandú") or [0])[0] == 1)
    folders.delete(imap, "Ñandú")
    eventually(lambda: first.folders.get("Ñandú", 0) is None)
    assert first.headers["content-type"] == "text/event-stream"
    assert first.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("extra", FALLBACKS.values(), ids=list(FALLBACKS))
def test_also_from_a_server_that_can_less(
    extra: str, settings: Any, transactional_db: None, application: Application
) -> None:
    with dovecot.dovecot(extra) as server, serving(application) as url:
        settings.IMAP_PORT = server.port
        other = server.open("eva")
        tab = Tab(url, sign_in(server.credentials("eva"), settings))
        eventually(lambda: inbox(tab)[:3] == [0, 0, 1])
        append.append(other, "INBOX", dovecot.letter(1))
        eventually(lambda: inbox(tab)[:3] == [1, 1, 2])
        append.append(other, "Sent", dovecot.letter(2))
        eventually(lambda: (tab.folders["Sent"] or [0])[0] == 1)
        tab.close()
        other.log_out()


def test_a_heartbeat_keeps_the_line_open(open_tab: Open) -> None:
    tab = open_tab()
    eventually(lambda: tab.comments >= 2)
    assert not tab.is_over


def test_one_session_per_person_and_none_without_a_tab(
    open_tab: Open, application: Application, imap: Connection
) -> None:
    tabs = [open_tab() for _ in range(4)]
    eventually(lambda: all(inbox(tab) for tab in tabs))
    assert len(application.hub.people) == 1
    assert len(application.hub.tabs) == 4
    for tab in tabs:
        tab.close()
    eventually(lambda: not application.hub.people)


def test_who_comes_back_is_told_what_was_missed_and_nothing_twice(
    open_tab: Open, application: Application, imap: Connection
) -> None:
    stays = open_tab()
    left = open_tab()
    eventually(lambda: len(left.folders) >= 5)
    left.close()
    append.append(imap, "Sent", dovecot.letter(1))
    eventually(lambda: (stays.folders["Sent"] or [0])[0] == 1)
    again = open_tab(**{"Last-Event-ID": left.last_id})
    eventually(lambda: bool(again.events))
    assert list(again.folders) == ["Sent"]
    stranger = open_tab(**{"Last-Event-ID": "ffffffff-3"})
    eventually(lambda: len(stranger.folders) >= 5)


def test_a_mail_server_that_dies_and_returns_loses_nothing(
    settings: Any, transactional_db: None, application: Application
) -> None:
    with dovecot.dovecot() as server, serving(application) as url:
        settings.IMAP_PORT = server.port
        tab = Tab(url, sign_in(server.credentials("eva"), settings))
        eventually(lambda: inbox(tab)[:1] == [0])
        server.stop()
        box = server.root / "mail/eva/Maildir"
        assert box.exists()
        server.fill("eva", [dovecot.letter(1), dovecot.letter(2)])
        server.start()
        eventually(lambda: inbox(tab)[:2] == [2, 2])
        assert not tab.is_over
        tab.close()


def test_a_push_process_that_dies_is_found_again(
    settings: Any, application: Application, person: Credentials, imap: Connection
) -> None:
    cookies = sign_in(person, settings)
    with serving(application) as url:
        tab = Tab(url, cookies)
        eventually(lambda: bool(inbox(tab)))
    eventually(lambda: tab.is_over)
    append.append(imap, "INBOX", dovecot.letter(1))
    with serving(Application(pace=QUICK), port=int(url.rpartition(":")[2])) as url:
        again = Tab(url, cookies, **{"Last-Event-ID": tab.last_id})
        eventually(lambda: inbox(again)[:1] == [1])
        again.close()


def test_signing_out_ends_the_stream(open_tab: Open, application: Application) -> None:
    tab = open_tab()
    eventually(lambda: bool(inbox(tab)))
    Session.objects.all().delete()
    eventually(lambda: tab.is_over)
    assert tab.kinds == ["ended"]
    eventually(lambda: not application.hub.people)


def test_a_session_left_alone_ends_too(open_tab: Open, settings: Any, person: Credentials, url: str) -> None:
    settings.SESSION_IDLE_SECONDS = 2
    tab = open_tab()
    eventually(lambda: tab.is_over)
    assert tab.kinds == ["ended"]


@pytest.mark.parametrize("spoilt", ["nobody", "no half", "wrong half", "another person's page"])
def test_strangers_hear_nothing(
    spoilt: str, open_tab: Open, url: str, person: Credentials, settings: Any
) -> None:
    cookies = sign_in(person, settings)
    if spoilt == "nobody":
        cookies = {}
    elif spoilt == "no half":
        del cookies[settings.KEY_COOKIE_NAME]
    elif spoilt == "wrong half":
        cookies[settings.KEY_COOKIE_NAME] = "A" * 43
    tab = Tab(url, cookies, query="?who=abc" if "page" in spoilt else "")
    eventually(lambda: tab.is_over)
    assert tab.status == 204
    assert tab.events == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://web.test"}, 200),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://web.test.evil.test"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_only_our_own_pages_may_listen(headers: dict[str, str], status: int, open_tab: Open) -> None:
    tab = open_tab(**headers)
    eventually(lambda: bool(tab.status))
    assert tab.status == status
    allowed = tab.headers.get("access-control-allow-origin")
    assert allowed == (headers.get("Origin") if status == 200 else None)
    assert tab.headers.get("access-control-allow-credentials") == ("true" if allowed else None)


def test_no_more_tabs_than_there_is_room_for(open_tab: Open, application: Application) -> None:
    application.hub.limits = Limits(tabs_each=2, linger=0.2)
    tabs = [open_tab(), open_tab()]
    eventually(lambda: all(inbox(tab) for tab in tabs))
    third = open_tab()
    eventually(lambda: third.is_over)
    assert (third.status, third.headers["retry-after"]) == (503, "60")


def test_a_changed_password_ends_it(settings: Any, application: Application, transactional_db: None) -> None:
    with dovecot.dovecot() as server, serving(application) as url:
        settings.IMAP_PORT = server.port
        wrong = Credentials(address="eva", password="ya-no-es-esta")
        tab = Tab(url, sign_in(wrong, settings))
        eventually(lambda: tab.is_over)
        assert tab.kinds == ["ended"]
        assert not application.hub.people


def test_it_says_that_it_lives(url: str, open_tab: Open) -> None:
    assert httpx.get(f"{url}/healthz").json() == {"status": "ok", "people": 0, "tabs": 0}
    assert httpx.get(f"{url}/other").status_code == 404
