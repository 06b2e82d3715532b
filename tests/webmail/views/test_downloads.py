"""Downloads that break off are gone on with: ranges, by a browser's rules and by those of bad ones."""

import base64
import hashlib
from typing import Any

import pytest
from django.test import Client

from postie_web.lib import byte_range
from postie_web.lib.byte_range import Span
from webmail.imap import append
from webmail.imap.connection import Connection

DATA = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(60_000))  # 1.9 MB
PLAIN = b"0123456789" * 1000


@pytest.fixture
def uid(imap: Connection) -> int:
    letter = (
        b"Subject: grande\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(DATA)
        + b"--b\r\nContent-Type: application/x-own; name=b.bin\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + PLAIN
        + b"\r\n--b--\r\n"
    )
    return append.append(imap, "INBOX", letter) or 0


def get(browser: Client, uid: int, rest: str, **headers: str) -> tuple[Any, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer: Any = browser.get(f"/folder/INBOX/{uid}/{rest}", headers=named)
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize(("part", "whole"), [("part/1/", DATA), ("part/2/", PLAIN)])
def test_a_range_is_exactly_what_was_asked_for(browser: Client, uid: int, part: str, whole: bytes) -> None:
    answer, octets = get(browser, uid, part)
    assert (answer.status_code, answer["Accept-Ranges"], octets) == (200, "bytes", whole)
    tag, size = answer["ETag"], len(whole)
    for asked, first, last in [
        ("bytes=0-0", 0, 0),
        ("bytes=57-113", 57, 113),
        ("bytes=1000-", 1000, size - 1),
        ("bytes=-7", size - 7, size - 1),
        (f"bytes=5-{size * 9}", 5, size - 1),
        (f"bytes=-{size * 9}", 0, size - 1),
    ]:
        answer, octets = get(browser, uid, part, Range=asked, If_Range=tag)
        assert answer.status_code == 206, asked
        assert answer["Content-Range"] == f"bytes {first}-{last}/{size}"
        assert int(answer["Content-Length"]) == last - first + 1
        assert octets == whole[first : last + 1]
        assert answer["Content-Security-Policy"]


def test_a_broken_download_is_gone_on_with(browser: Client, uid: int) -> None:
    got, tag = b"", ""
    while len(got) < len(DATA):
        headers = {"Range": f"bytes={len(got)}-{len(got) + 500_000}", "If_Range": tag} if got else {}
        answer: Any = browser.get(
            f"/folder/INBOX/{uid}/part/1/", headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        tag = answer["ETag"]
        stream = iter(answer.streaming_content)
        got += next(stream)  # and here the line breaks
        answer.close()
    assert got == DATA


def test_behind_the_end_there_is_nothing(browser: Client, uid: int) -> None:
    for asked in (f"bytes={len(PLAIN)}-", "bytes=99999999-", "bytes=-0"):
        answer, octets = get(browser, uid, "part/2/", Range=asked)
        assert (answer.status_code, octets) == (416, b"")
        assert answer["Content-Range"] == f"bytes */{len(PLAIN)}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,5-9", "bytes=" + ",".join(f"{n}-{n}" for n in range(999)), "bytes=9-5", "bytes=-",
     "lines=1-2", "bytes", "bytes=a-b", "bytes=1-2-3", "bytes=" + "9" * 40 + "-", ""],
)  # fmt: skip
def test_several_ranges_and_nonsense_get_all_of_it(browser: Client, uid: int, asked: str) -> None:
    answer, octets = get(browser, uid, "part/2/", Range=asked)
    assert (answer.status_code, octets) == (200, PLAIN)
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize("tag", ['"other"', 'W/"1-1-2"', "Tue, 03 Nov 2026 09:00:00 GMT"])
def test_what_may_have_changed_is_sent_whole(browser: Client, uid: int, tag: str) -> None:
    answer, octets = get(browser, uid, "part/2/", Range="bytes=0-3", If_Range=tag)
    assert (answer.status_code, octets) == (200, PLAIN)


def test_the_letter_itself_knows_its_length(browser: Client, uid: int) -> None:
    answer, octets = get(browser, uid, "message.eml")
    assert int(answer["Content-Length"]) == len(octets)
    answer, piece = get(browser, uid, "message.eml", Range="bytes=9-30")
    assert (answer.status_code, piece) == (206, octets[9:31])


def test_a_span_is_never_larger_than_what_there_is() -> None:
    assert byte_range.span("bytes=0-", 1) == Span(0, 0)
    for header in ("bytes=0-", "bytes=-1", "bytes=0-0"):
        with pytest.raises(byte_range.Unsatisfiable):
            byte_range.span(header, 0)
