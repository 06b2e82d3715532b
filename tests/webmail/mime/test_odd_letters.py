"""Whatever arrives can be opened, answered and saved: 400 odd and hostile letters through the front door."""

import re
from html import unescape

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
            if answer.status_code != 200 or "\n" in answer["Content-Disposition"]:
                wrong.append((name, path))
            getattr(answer, "close", lambda: None)()
    assert wrong == []


def test_every_odd_letter_can_be_answered(browser: Client, imap: Connection) -> None:
    for name, octets, _words in odd.letters()[::4]:
        uid = append.append(imap, "INBOX", octets)
        for kind in ("reply-all", "forward"):
            answer = browser.get(
                f"/compose/?kind={kind}&folder=INBOX&uid={uid}", headers={"HX-Request": "true"}
            )
            assert answer.status_code == 200, (name, kind)
