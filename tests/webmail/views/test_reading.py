"""An open message as a browser sees it, over a real Dovecot."""

import io
import re
import zipfile
from typing import Any

import pytest
from django.test import Client

from webmail.imap import append, flags
from webmail.imap.connection import Connection

HTML = b"""From: =?utf-8?q?Ana_Qui=C3=B1ones?= <ana@kronos.test>
To: Beto <beto@kronos.test>, "Casa, S.A." <casa@kronos.test>
Cc: dora@kronos.test
Subject: =?utf-8?q?Reuni=C3=B3n_del_martes?=
Date: Tue, 3 Nov 2026 09:00:00 -0500
Message-ID: <a1@kronos.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/related; boundary=r

--r
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8

Hola en texto
--a
Content-Type: text/html; charset=utf-8

<style>p{color:teal}</style><p onclick="x()">Hola <b>ma\xc3\xb1ana</b><script>alert(1)</script></p>
<img src="cid:logo@kronos.test" alt="logo"><img src="http://tracker.example/a.png" alt="remoto">
<img src="http://tracker.example/o.gif" width="1" height="1"><a href="https://evil.example/">www.banco.pe</a>
--a--
--r
Content-Type: image/png; name=logo.png
Content-ID: <logo@kronos.test>
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--r--
--m
Content-Type: application/pdf; name="=?utf-8?q?inf=C3=B3rme.pdf?="
Content-Disposition: attachment; filename*=utf-8''inf%C3%B3rme.pdf
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--m
Content-Type: text/html; name="evil.html"
Content-Disposition: attachment; filename="evil.html"

<script>alert(1)</script>
--m
Content-Type: message/rfc822

From: Dora <dora@kronos.test>
Subject: La carta de dentro
Content-Type: text/plain

Dentro hay texto
--m--
"""


@pytest.fixture
def uid(imap: Connection) -> int:
    return append.append(imap, "INBOX", HTML) or 0


def octets(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def page(browser: Client, uid: int, rest: str = "", **options) -> str:
    answer = browser.get(f"/folder/INBOX/{uid}/{rest}", **options)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_who_what_and_what_was_blocked(browser: Client, uid: int) -> None:
    html = page(browser, uid)
    assert "Reunión del martes</h1>" in html
    assert "Ana Quiñones" in html
    assert "casa@kronos.test" in html
    assert f'src="/folder/INBOX/{uid}/body/"' in html
    assert "1 remote image is blocked" in html
    assert "A link says “www.banco.pe” but leads to evil.example." in html
    assert "infórme.pdf" in html
    assert "Hola en texto" not in html


def test_htmx_gets_the_reader_alone(browser: Client, uid: int) -> None:
    html = page(browser, uid, headers={"HX-Request": "true"})
    assert "<html" not in html
    assert html.count("<h1") == 1


def test_the_frame_is_locked_and_clean(browser: Client, uid: int) -> None:
    answer = browser.get(f"/folder/INBOX/{uid}/body/")
    html = answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert policy.startswith(
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
    )
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "<b>mañana</b>" in html
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in html
    assert "tracker.example" not in html
    assert "script" not in html
    assert "onclick" not in html


def test_opening_marks_as_read_but_looking_ahead_does_not(
    browser: Client, imap: Connection, uid: int
) -> None:
    page(browser, uid, headers={"Sec-Purpose": "prefetch"})
    page(browser, uid, headers={"Sec-Fetch-Dest": "image"})
    page(browser, uid, headers={"Sec-Fetch-Site": "cross-site"})
    assert "\\Seen" not in flags.current(imap, "INBOX", [uid])[uid]
    page(browser, uid)
    assert "\\Seen" in flags.current(imap, "INBOX", [uid])[uid]


def test_plain_text_can_be_chosen(browser: Client, uid: int) -> None:
    html = page(browser, uid, "?view=plain")
    assert "Hola en texto" in html
    assert "<iframe" not in html


def test_attachments_are_saved_under_their_name(browser: Client, uid: int) -> None:
    answer = browser.get(f"/folder/INBOX/{uid}/part/2/")
    assert octets(answer) == b"%PDF-1.4\n"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''inf%C3%B3rme.pdf"
    assert answer["Content-Type"] == "application/octet-stream"


def test_only_harmless_types_are_shown_inline(browser: Client, uid: int) -> None:
    shown = browser.get(f"/folder/INBOX/{uid}/part/2/?inline=1")
    assert shown["Content-Type"] == "application/pdf"
    assert shown["Content-Disposition"].startswith("inline")
    evil = browser.get(f"/folder/INBOX/{uid}/part/3/?inline=1")
    assert evil["Content-Type"] == "application/octet-stream"
    assert evil["Content-Disposition"].startswith("attachment")
    assert evil["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_all_attachments_come_as_one_archive(browser: Client, uid: int) -> None:
    answer = browser.get(f"/folder/INBOX/{uid}/attachments.zip")
    archive = zipfile.ZipFile(io.BytesIO(octets(answer)))
    assert archive.testzip() is None
    assert archive.namelist() == ["infórme.pdf", "evil.html", "La carta de dentro.eml", "logo.png"]
    assert archive.read("infórme.pdf") == b"%PDF-1.4\n"


def test_an_enclosed_message_can_be_read(browser: Client, uid: int) -> None:
    html = page(browser, uid, "?part=4")
    assert "La carta de dentro</h1>" in html
    assert "Dentro hay texto" in html


def test_source_headers_and_file(browser: Client, uid: int) -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page(browser, uid, "source/")
    assert "<dt>Message-ID</dt><dd>&lt;a1@kronos.test&gt;</dd>" in page(browser, uid, "headers/")
    answer = browser.get(f"/folder/INBOX/{uid}/message.eml")
    assert octets(answer) == HTML.replace(b"\n", b"\r\n")
    assert answer["Content-Disposition"].startswith("attachment")


def test_next_and_previous_walk_the_folder(browser: Client, letters: list[int]) -> None:
    step = browser.get(f"/folder/INBOX/{letters[3]}/next/")
    assert step["Location"] == f"/folder/INBOX/{letters[2]}/"
    step = browser.get(f"/folder/INBOX/{letters[3]}/previous/")
    assert step["Location"] == f"/folder/INBOX/{letters[4]}/"
    assert browser.get(f"/folder/INBOX/{letters[0]}/next/")["Location"] == "/folder/INBOX/"


@pytest.mark.parametrize(
    "path",
    [
        "999999/",
        "1/part/9.9/",
        "1/part/..%2f..%2fetc/",
        "1/part/1 FLAGS/",
        "1/?part=1%0d%0aX",
        "1/?part=9",
        "0/",
        "1/part/2/x/",
        "99999999999999999999/",
    ],
)
def test_hostile_numbers_are_not_found(browser: Client, uid: int, path: str) -> None:
    assert browser.get(f"/folder/INBOX/{path}").status_code == 404


def test_a_forged_verdict_is_not_believed(browser: Client, imap: Connection, settings) -> None:
    settings.POSTEIO_HOSTNAME = "mail.kronos.test"
    forged = b"Authentication-Results: mx.evil.example; dmarc=pass header.from=kronos.test\n" + HTML
    ours = b"Authentication-Results: mail.kronos.test; dkim=pass header.d=kronos.test; dmarc=pass\n" + HTML
    assert "Sender proven" not in page(browser, append.append(imap, "INBOX", forged) or 0)
    assert "Sender proven" in page(browser, append.append(imap, "INBOX", ours) or 0)


def test_names_cannot_run_backwards_or_leave_their_attribute(browser: Client, imap: Connection) -> None:
    letter = (
        b'From: "\\"><img src=x onerror=alert(1)>" <a@b.test>\nSubject: <script>alert(1)</script>\n'
        b"MIME-Version: 1.0\n"
        b"Content-Type: application/octet-stream;\n name*=utf-8''exe%E2%80%AEfdp.%22%3E%3Cimg%3E%0D%0AX:1\n"
        b"Content-Disposition: attachment\n\nx\n"
    )
    uid = append.append(imap, "INBOX", letter) or 0
    html = page(browser, uid)
    assert not re.search(r"<img src=x|<script>alert|\u202e", html)
    answer = browser.get(f"/folder/INBOX/{uid}/part/1/")
    assert "\n" not in answer["Content-Disposition"]
    assert "%E2%80%AE" not in answer["Content-Disposition"]
