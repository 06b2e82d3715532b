"""The search box."""

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


def found(browser: Client, text: str) -> list[str]:
    page = browser.get(f"/search/?q={quote(text)}").content.decode()
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
    assert 'href="/folder/Sent/1/"' in browser.get("/search/?q=to:eva").content.decode()


def test_an_unknown_folder_gets_a_sentence(browser: Client, archive: Connection) -> None:
    assert "There is no folder called nada." in browser.get("/search/?q=in:nada+x").content.decode()


@pytest.mark.parametrize(
    "text",
    ['"', "-", ":", "from:", "a\0b", "\r\nX LOGOUT", "OR OR", "(" * 500, "{9+}", "é" * 900, "is:x", "in:"],
)
def test_anything_may_be_typed(browser: Client, archive: Connection, text: str) -> None:
    assert browser.get("/search/", {"q": text}).status_code == 200
