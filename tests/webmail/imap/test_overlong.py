"""What a letter with endless header lines makes the server send: cut while it is read, never refused."""

import io
import tracemalloc

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from webmail.imap import append, errors, overlong, structure
from webmail.imap.answers import read_response
from webmail.imap.connection import Connection
from webmail.imap.parser import Data, response
from webmail.types import Envelope

MEGABYTE = 1_000_000
ONE = b'("Ana" NIL "ana" "kronos.test")'


def answer(subject: bytes = b'"Hello"', to: bytes = ONE, structure: bytes = b'("TEXT" "PLAIN")') -> bytes:
    envelope = b'("date" %s (%s) NIL NIL (%s) NIL NIL NIL "<1@kronos.test>")' % (subject, ONE, to)
    return b"* 3 FETCH (UID 7 FLAGS (\\Seen) ENVELOPE %s BODYSTRUCTURE %s)\r\n" % (envelope, structure)


def read(octets: bytes) -> Data:
    pieces = read_response(io.BytesIO(octets))
    assert pieces[0].startswith(b"* ")
    return response([pieces[0][2:], *pieces[1:]]).data[0]


def envelope(octets: bytes) -> Envelope:
    data = read(octets)
    assert data[:4] == [b"UID", b"7", b"FLAGS", [b"\\Seen"]]
    assert data[6] == b"BODYSTRUCTURE"
    return structure.envelope(data[5])


LONG = b"palabra " * (50 * MEGABYTE // 8)


@pytest.mark.parametrize(
    "subject",
    [
        b'"%s"' % LONG,
        b"{%d}\r\n%s" % (len(LONG), LONG),
        b'"%s"' % (b'\\"' * MEGABYTE * 2),
        b'"%s"' % (b"(" * MEGABYTE * 3),
    ],
)
def test_a_long_subject_is_cut(subject: bytes) -> None:
    stream = answer(subject=subject)
    tracemalloc.start()
    found = envelope(stream)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0 < len(found.subject) <= overlong.LONGEST_STRING
    assert found.message_id == "<1@kronos.test>"
    assert most < 16 * MEGABYTE + len(stream)  # io.BytesIO is the stream itself


@pytest.mark.parametrize(
    "one",
    [
        ONE,
        b'(NIL NIL "a\\"b" "kronos.test")',
        b'({3}\r\nAna NIL "ana" "kronos.test")',
        b'(NIL NIL "%s" "kronos.test")' % (b"a" * 200_000),
    ],
)
def test_a_long_list_of_people_is_cut(one: bytes) -> None:
    found = envelope(answer(to=one * (10 * MEGABYTE // len(one))))
    assert 1 <= len(found.to) < 20_000
    assert found.message_id == "<1@kronos.test>"


def test_a_long_structure_is_cut() -> None:
    part = b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 1 NIL NIL NIL NIL)'
    found = envelope(answer(structure=b'(%s "MIXED")' % (part * 200_000)))
    assert found.subject == "Hello"


def test_octets_we_asked_for_are_never_cut() -> None:
    body = b"x" * 3 * MEGABYTE
    stream = b"* 3 FETCH (UID 7 BODY[1]<0> {%d}\r\n%s BODY[2]<0> {%d}\r\n%s)\r\n" % (
        len(body),
        body,
        len(body),
        body,
    )
    assert read(stream)[3::2] == [body, body]
    assert (
        read(answer(subject=b'"%s"' % LONG)[:-3] + b" BODY[1]<0> {%d}\r\n%s)\r\n" % (len(body), body))[-1]
        == body
    )


def test_a_line_that_ends_early_is_a_lost_connection() -> None:
    for stream in (answer(subject=b'"%s"' % LONG)[:-2], answer(subject=b"{50000000}\r\nabc"), b"* OK hel"):
        with pytest.raises(errors.Lost):
            read(stream)


strings = st.one_of(
    st.binary(max_size=20).map(lambda value: b"{%d}\r\n%s" % (len(value), value)),
    st.from_regex(rb'"([^"\\\r\n]|\\["\\]){0,20}"', fullmatch=True),
    st.just(b"NIL"),
)
values = st.recursive(
    strings, lambda inner: st.lists(inner, max_size=6).map(lambda v: b"(%s)" % b" ".join(v))
)


@given(st.lists(values, min_size=1, max_size=6), st.integers(1, 60))
@settings(max_examples=100, deadline=None)
def test_what_is_short_comes_through_whole(items: list[bytes], first: int) -> None:
    """Cut mode itself changes nothing as long as nothing is long, wherever it starts."""
    stream = b"* 3 FETCH (UID 7 %s)\r\n" % b" ".join(items)
    plain = read_response(io.BytesIO(stream))
    file = io.BytesIO(stream)
    short = overlong.Shortened([]).rest(file, file.readline(first))
    assert response([short[0][2:], *short[1:]]).data == response([plain[0][2:], *plain[1:]]).data


@pytest.mark.parametrize(
    "header",
    [
        b"Subject: " + LONG + b"\r\nTo: ana@kronos.test\r\n",
        b"Subject: fine\r\nTo: "
        + b"Ana <ana@kronos.test>, " * (50 * MEGABYTE // 23)
        + b"leo@kronos.test\r\n",
        b"Subject: fine\r\nTo: " + b"Ana <ana@kronos.test>,\r\n " * (2 * MEGABYTE) + b"leo@kronos.test\r\n",
    ],
    ids=["subject", "to", "folded"],
)
def test_a_letter_with_50_megabytes_in_one_line_is_listed_and_opens(
    browser: Client, imap: Connection, header: bytes
) -> None:
    """Folded, Dovecot tells all of it; as one line, it panics, and the session is lost once."""
    octets = (
        b"From: rosa@kronos.test\r\n"
        + header
        + b"Message-ID: <long@kronos.test>\r\n\r\nHola, aqui estoy.\r\n"
    )
    uid = append.append(imap, "INBOX", octets)
    page = browser.get("/folder/INBOX/")
    assert page.status_code == 200
    assert f"/folder/INBOX/{uid}/" in page.content.decode()
    assert len(page.content) < MEGABYTE
    opened = browser.get(f"/folder/INBOX/{uid}/", headers={"HX-Request": "true"})
    assert opened.status_code == 200
    assert "Hola, aqui estoy." in opened.content.decode()
    assert len(opened.content) < 2 * MEGABYTE
