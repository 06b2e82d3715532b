"""The search box."""

import json
import re
from urllib.parse import quote

import pytest
from django.test import Client

from tests.webmail import dovecot
from webmail.imap import append, flags
from webmail.imap.connection import Connection


@pytest.fixture
def archive(imap: Connection) -> Connection:
    append.append(imap, "INBOX", dovecot.letter(1, "Factura de agosto"), ["\\Seen"])
    append.append(imap, "INBOX", dovecot.letter(2, "Almuerzo", From="Luis <luis@kronos.test>"))
    append.append(imap, "Sent", dovecot.letter(3, "Re: Factura de agosto", To="Eva <eva@kronos.test>"))
    append.append(imap, "Trash", dovecot.letter(4, "Factura vieja"))
    mixed = 'multipart/mixed; boundary="x"'
    attached = (
        b'--x\r\n\r\nhola\r\n--x\r\nContent-Disposition: attachment; filename="a.pdf"\r\n\r\nx\r\n--x--\r\n'
    )
    append.append(imap, "INBOX", dovecot.letter(5, "Con adjunto", Content_Type=mixed) + attached)
    flags.add(imap, "INBOX", [2], ["\\Flagged", "Trabajo"])
    return imap


HTMX = {"HX-Request": "true"}


def found(browser: Client, text: str) -> list[str]:
    page = browser.get(f"/search/?q={quote(text)}").content.decode()
    page = page.replace("<mark>", "").replace("</mark>", "")
    return re.findall(r'class="message-row__subject">([^<]+)<', page)


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("factura", {"Factura de agosto", "Re: Factura de agosto"}),
        ("FACTURA agosto", {"Factura de agosto", "Re: Factura de agosto"}),
        ('"factura de agosto" -re', {"Factura de agosto"}),
        ("from:luis", {"Almuerzo"}),
        ("to:eva", {"Re: Factura de agosto"}),
        ("subject:factura in:sent", {"Re: Factura de agosto"}),
        ("in:trash factura", {"Factura vieja"}),
        ("is:starred", {"Almuerzo"}),
        ("is:unread -has:attachment subject:almuerzo", {"Almuerzo"}),
        ("label:Trabajo", {"Almuerzo"}),
        ("has:attachment", {"Con adjunto"}),
        ("subject:almuerzo OR subject:adjunto", {"Almuerzo", "Con adjunto"}),
        ("newer_than:1d subject:almuerzo", {"Almuerzo"}),
        ("older_than:1d", set()),
        ("larger:1M", set()),
        ("nunca:visto", set()),
    ],
)
def test_operators(browser: Client, archive: Connection, text: str, subjects: set[str]) -> None:
    assert set(found(browser, text)) == subjects


def test_a_hit_links_to_where_it_really_is(browser: Client, archive: Connection) -> None:
    assert 'href="/folder/Sent/1/?q=to%3Aeva"' in browser.get("/search/?q=to:eva").content.decode()


def test_an_unknown_folder_gets_a_sentence(browser: Client, archive: Connection) -> None:
    assert "There is no folder called nada." in browser.get("/search/?q=in:nada+x").content.decode()


@pytest.mark.parametrize(
    "text",
    ['"', "-", ":", "from:", "a\0b", "\r\nX LOGOUT", "OR OR", "(" * 500, "{9+}", "é" * 900, "is:x", "in:"],
)
def test_anything_may_be_typed(browser: Client, archive: Connection, text: str) -> None:
    assert browser.get("/search/", {"q": text}).status_code == 200


def test_hits_of_several_folders_are_moved_and_put_back_together(
    browser: Client, archive: Connection
) -> None:
    page = browser.get("/search/?q=factura").content.decode()
    boxes = re.findall(r'name="uid" value="([^"]+)"', page)
    assert sorted(boxes) == ["1@INBOX", "1@Sent"]
    answer = browser.post("/search/actions/?q=factura", {"action": "archive", "uid": boxes}, headers=HTMX)
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert toast["text"] == "2 messages moved to Archive."
    assert sorted(re.findall(r'value="(\d+@[^"]+)"', browser.get("/search/?q=factura").content.decode())) == [
        "1@Archive",
        "2@Archive",
    ]
    browser.post(toast["undo"], headers=HTMX)
    assert set(found(browser, "in:sent factura")) == {"Re: Factura de agosto"}
    assert set(found(browser, "in:inbox factura")) == {"Factura de agosto"}


@pytest.mark.parametrize("uid", ["", "7", "x@INBOX", "7@", "7@Nada", "7@a\r\nX LOGOUT", "99999999999@INBOX"])
def test_a_hit_that_is_none_gets_a_sentence(browser: Client, archive: Connection, uid: str) -> None:
    answer = browser.post("/search/actions/?q=x", {"action": "archive", "uid": uid}, headers=HTMX)
    assert answer.status_code == 409


def test_a_hit_says_where_it_is_after_its_folder_was_shown(browser: Client, letters: list[int]) -> None:
    """The same message is a row of a folder and a hit, whose box names the folder."""
    browser.get("/")
    found = browser.get("/search/", {"q": "in:inbox subject:carta"}).content.decode()
    again = browser.get("/").content.decode()
    assert f'value="{letters[0]}@INBOX"' in found
    assert f'value="{letters[0]}"' in again
