"""Opening a letter asks once: its text comes along where it most likely is, else it is asked for."""

import pytest
from django.test import Client

from webmail.imap import append, fetch
from webmail.imap.connection import Connection
from webmail.services import reading

HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>the words, designed</p>\r\n"
PLAIN = "Content-Type: text/plain; charset=utf-8\r\n\r\nthe words, plain\r\n"
FILE = "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF\r\n"
HEAD = "From: Ana <ana@kronos.test>\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def of(kind: str, *parts: str, boundary: str = "b") -> str:
    pieces = "".join(f"--{boundary}\r\n{part}" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary={boundary}\r\n\r\n{pieces}--{boundary}--\r\n"


ALTERNATIVE = of("alternative", PLAIN, HTML, boundary="a")
SHAPES = {
    "html": (HTML, {"1"}),
    "plain": (PLAIN, {"1"}),
    "alternative": (ALTERNATIVE, {"1", "2"}),
    "mixed": (of("mixed", ALTERNATIVE, FILE), {"1.2"}),
    "enclosed first": (of("mixed", FILE, PLAIN), {"1.2"}),
    "deep": (of("mixed", of("related", ALTERNATIVE, FILE, boundary="r"), FILE), set[str]()),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_any_shape_shows_its_words(browser: Client, imap: Connection, shape: str) -> None:
    text, guessed = SHAPES[shape]
    uid = append.append(imap, "INBOX", (HEAD + text).encode()) or 0
    fetch.rows(imap, "INBOX", [uid])
    found = reading.open_message(imap, "INBOX", uid)
    assert guessed & set(found.texts) or shape in ("enclosed first", "deep")
    html = browser.get(f"/folder/INBOX/{uid}/").content.decode()
    if found.has_html:
        html = browser.get(f"/folder/INBOX/{uid}/body/").content.decode()
    assert "the words" in html


def test_a_text_that_did_not_come_whole_is_asked_for_again(imap: Connection, browser: Client) -> None:
    long = "x" * 70 + "\r\n"
    uid = append.append(imap, "INBOX", (HEAD + HTML + long * 4000 + "the end\r\n").encode()) or 0
    assert "1" not in reading.open_message(imap, "INBOX", uid).texts
    assert "the end" in browser.get(f"/folder/INBOX/{uid}/body/").content.decode()
