"""Whatever arrives can be opened, answered and saved: 400 odd and hostile letters through the front door."""

import base64
import re
import tracemalloc
from html import unescape
from typing import Any, cast

import pytest
from django.test import Client

from webmail.imap import append
from webmail.imap.connection import Connection

from . import odd


def words_of(page: str) -> str:
    body = re.search(r'<div class="message__text">(.*?)</div>\n', page, re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", "", body[1] if body else page))


def test_there_are_enough() -> None:
    assert len(odd.letters()) >= 300


def test_every_odd_letter_opens(browser: Client, imap: Connection) -> None:
    wrong: list[tuple[str, object]] = []
    for name, octets, words in odd.letters():
        uid = append.append(imap, "INBOX", octets)
        page = browser.get(f"/folder/INBOX/{uid}/", headers={"HX-Request": "true"})
        text = page.content.decode()
        if page.status_code != 200 or re.search(r"<script|<img src=x", text):
            wrong.append((name, page.status_code))
        if words and words not in words_of(text):
            wrong.append((name, words_of(text)[-200:]))
        if "/body/" in text and browser.get(f"/folder/INBOX/{uid}/body/").status_code != 200:
            wrong.append((name, "frame"))
        for path in re.findall(rf'href="(/folder/INBOX/{uid}/part/[^"]*)"', text)[:5]:
            answer = browser.get(path)
            if answer.status_code != 200 or not told_well(path, answer):
                wrong.append((name, path))
            getattr(answer, "close", lambda: None)()
    assert wrong == []


def told_well(path: str, answer: Any) -> bool:
    """A file says its name on one line; what is in a winmail.dat is a page."""
    if path.endswith("/package/"):
        return bool(answer["Content-Type"].startswith("text/html"))
    return "\n" not in answer["Content-Disposition"]


def test_every_odd_letter_can_be_answered(browser: Client, imap: Connection) -> None:
    for name, octets, _words in odd.letters()[::4]:
        uid = append.append(imap, "INBOX", octets)
        for kind in ("reply-all", "forward"):
            answer = browser.get(
                f"/compose/?kind={kind}&folder=INBOX&uid={uid}", headers={"HX-Request": "true"}
            )
            assert answer.status_code == 200, (name, kind)


MEGABYTE = 1_000_000
LINE = b"hola " * (10 * MEGABYTE)
LONG = {
    "text": odd.letter(LINE),
    "html": odd.letter(b"<p>" + LINE, "text/html"),
    "html tags": odd.letter(b"<p>hola " + b"<b>x</b>" * (6 * MEGABYTE), "text/html"),
    "base64": odd.letter(
        base64.b64encode(LINE[: 37 * MEGABYTE]), "text/plain", b"Content-Transfer-Encoding: base64"
    ),
    "quoted-printable": odd.letter(LINE, "text/plain", b"Content-Transfer-Encoding: quoted-printable"),
    "flowed": odd.letter(LINE, "text/plain; format=flowed"),
    "header": b"Subject: corto\r\nX-Long: " + LINE + b"\r\n\r\nhola",
    "attachment": odd.multi(
        "multipart/mixed",
        b"Content-Type: text/plain\r\n\r\nhola",
        b"Content-Disposition: attachment; filename=a.bin\r\n\r\n" + LINE,
    ),
}


@pytest.mark.parametrize("kind", LONG)
def test_a_line_of_fifty_megabytes_costs_bounded_memory(browser: Client, imap: Connection, kind: str) -> None:
    uid = append.append(imap, "INBOX", LONG[kind])
    browser.get("/")
    tracemalloc.start()
    try:
        page = browser.get(f"/folder/INBOX/{uid}/", headers={"HX-Request": "true"}).content.decode()
        frame = browser.get(f"/folder/INBOX/{uid}/body/")
        paths = set(re.findall(rf'href="(/folder/INBOX/{uid}/part/[^"?]*)"', page))
        sizes = [sum(map(len, cast(Any, browser.get(path)).streaming_content)) for path in paths]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "hola" in (frame.content.decode() if frame.status_code == 200 else page)
    assert sizes == ([len(LINE)] if kind == "attachment" else [])
    assert len(page) + len(frame.content) < 6 * MEGABYTE
    assert peak < 40 * MEGABYTE, f"{peak / MEGABYTE:.0f} MB"
