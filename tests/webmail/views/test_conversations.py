"""The list of conversations and the pane, as a browser sees them."""

import re

import pytest
from django.test import Client

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from tests.webmail.views.test_messages import HTMX, there, uids, undo_of
from webmail.imap import append, flags, folders
from webmail.imap.connection import Connection


@pytest.fixture
def talk(imap: Connection) -> list[int]:
    """A question, our answer (in Sent), their answer; and a letter apart."""
    quoted = "Sí.\r\n\r\n> ¿Vienes?\r\n> Dime.\r\n".encode()
    found = [append.append(imap, "INBOX", dovecot.letter(1, "Viernes")) or 0]
    append.append(imap, "Sent", dovecot.letter(2, "Re: Viernes", References="<1@kronos.test>"), ["\\Seen"])
    head = dovecot.letter(3, "Re: Viernes", References="<1@kronos.test> <2@kronos.test>").split(b"\r\n\r\n")[
        0
    ]
    whole = (
        head
        + b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + quoted
    )
    found.append(append.append(imap, "INBOX", whole) or 0)
    found.append(append.append(imap, "INBOX", dovecot.letter(9, "Aparte")) or 0)
    return found


def act(browser: Client, uid: int, **data: str):
    return browser.post(f"/folder/INBOX/{uid}/conversation/actions/", data)


def test_a_folder_remembers_how_one_likes_it(browser: Client, talk: list[int]) -> None:
    assert uids(browser.get("/").content.decode()) == talk[::-1]
    answer = browser.post("/folder/INBOX/view/?show=unread", {"view": "conversations"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/folder/INBOX/?show=unread")
    page = browser.get("/").content.decode()
    assert uids(page) == [talk[2], talk[1]]
    assert ", 2 messages, 2 unread" in page
    assert uids(browser.get("/folder/Sent/").content.decode()) == [1]
    assert uids(browser.get("/?view=messages").content.decode()) == talk[::-1]
    browser.post("/folder/INBOX/view/", {"view": "messages"})
    assert uids(browser.get("/").content.decode()) == talk[::-1]
    browser.post("/folder/INBOX/view/", {"view": "nonsense"})
    assert uids(browser.get("/").content.decode()) == talk[::-1]


def test_an_unchanged_list_of_conversations_is_304(
    browser: Client, imap: Connection, talk: list[int]
) -> None:
    first = browser.get("/?view=conversations", headers=HTMX)
    again = {**HTMX, "If-None-Match": first.headers["ETag"]}
    assert browser.get("/?view=conversations", headers=again).status_code == 304
    assert browser.get("/?view=messages", headers=again).status_code == 200
    flags.add(imap, "INBOX", talk[:1], ["\\Seen"])
    changed = browser.get("/?view=conversations", headers=again)
    assert ", 2 messages, 1 unread" in changed.content.decode()


def test_the_pane_has_own_answers_and_opens_the_newest_unread(
    browser: Client, imap: Connection, talk: list[int]
) -> None:
    page = browser.get(f"/folder/INBOX/{talk[0]}/conversation/").content.decode()
    assert page.count("thread__letter--closed") == 2
    assert page.count("<h1") == 1
    assert "/folder/Sent/1/conversation/letter/" in page
    assert '<details class="quote">' in page
    assert "\\Seen" in flags.current(imap, "INBOX", talk)[talk[1]]
    assert "\\Seen" not in flags.current(imap, "INBOX", talk)[talk[0]]
    again = browser.get(f"/folder/INBOX/{talk[1]}/conversation/", headers=HTMX).content.decode()
    assert "<html" not in again
    assert f'id="letter-{talk[0]}"' in again


def test_looking_ahead_marks_nothing(browser: Client, imap: Connection, talk: list[int]) -> None:
    browser.get(f"/folder/INBOX/{talk[0]}/conversation/", headers={"Sec-Purpose": "prefetch"})
    assert all("\\Seen" not in found for found in flags.current(imap, "INBOX", talk).values())


def test_a_closed_letter_opens_in_its_place(browser: Client, talk: list[int]) -> None:
    letter = browser.get("/folder/Sent/1/conversation/letter/", headers=HTMX).content.decode()
    assert letter.strip().startswith("<li")
    assert "esta es la carta 2" in letter
    without_script = browser.get(f"/folder/INBOX/{talk[0]}/conversation/?open=1@Sent").content.decode()
    assert "esta es la carta 2" in without_script
    assert browser.get("/folder/Sent/77/conversation/letter/").status_code == 404
    assert browser.get("/folder/INBOX/77/conversation/").status_code == 404


def test_all_of_it_is_deleted_and_comes_back(browser: Client, imap: Connection, talk: list[int]) -> None:
    assert act(browser, talk[0], action="trash").url == "/folder/INBOX/"
    page = browser.get("/").content.decode()
    assert "3 messages moved to Trash." in page
    assert sorted(there(imap, "Trash")) == ["Re: Viernes", "Re: Viernes", "Viernes"]
    browser.post(undo_of(page))
    assert there(imap, "Trash") == []
    assert there(imap, "Sent") == ["Re: Viernes"]
    assert sorted(there(imap, "INBOX")) == ["Aparte", "Re: Viernes", "Viernes"]


def test_archiving_leaves_own_answers_in_sent(browser: Client, imap: Connection, talk: list[int]) -> None:
    act(browser, talk[0], action="archive")
    assert there(imap, "INBOX") == ["Aparte"]
    assert there(imap, "Sent") == ["Re: Viernes"]
    assert len(there(imap, folders.ensure(imap, "archive"))) == 2


def test_marks_and_labels(browser: Client, imap: Connection, talk: list[int]) -> None:
    act(browser, talk[0], action="read")
    act(browser, talk[0], action="label", label="Casa")
    found = flags.current(imap, "INBOX", talk)
    assert found[talk[0]] == found[talk[1]] == {"\\Seen", "Casa"}
    assert found[talk[2]] == frozenset()
    assert "Choose a label first." in _after(browser, act(browser, talk[0], action="label"))


def _after(browser: Client, answer) -> str:
    return browser.get(answer.url).content.decode()


def test_a_ticked_row_means_its_conversation_in_this_folder(
    browser: Client, imap: Connection, talk: list[int]
) -> None:
    data = {"action": "archive", "uid": str(talk[1]), "conversations": "yes", "below": "99"}
    browser.post("/folder/INBOX/actions/?view=conversations", data)
    assert there(imap, "INBOX") == ["Aparte"]


def test_in_spanish(browser: Client, talk: list[int]) -> None:
    page = browser.get("/?view=conversations", headers={"Accept-Language": "es"}).content.decode()
    assert ", 2 mensajes, 2 sin leer" in page
    assert "Ver mensajes sueltos" in page
    pane = browser.get(f"/folder/INBOX/{talk[0]}/conversation/", headers={"Accept-Language": "es"})
    assert re.search("Archivar la conversación", pane.content.decode())


def test_what_the_other_wrote_is_only_text(browser: Client, imap: Connection, person: Credentials) -> None:
    evil = '"<img src=x onerror=alert(1)>" <x@kronos.test>'
    append.append(imap, "INBOX", dovecot.letter(1, "<script>alert(1)</script>", From=evil))
    append.append(imap, "INBOX", dovecot.letter(2, "Hola", References="<1@kronos.test>"))
    for page in (browser.get("/?view=conversations"), browser.get("/folder/INBOX/1/conversation/")):
        assert b"<script>alert" not in page.content
        assert b"<img src=x" not in page.content
