"""A row read in one look says what the same row says read word by word."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webmail.imap import fetch, parser, structure
from webmail.imap.parser import Later

Piece = bytes | tuple[bytes]  # a one-tuple is a literal

TEXTS = st.binary(max_size=30).map(lambda text: text.translate(None, b"\r\n\0")) | st.sampled_from(
    [
        b"",
        b"NIL",
        b") BODYSTRUCTURE (",
        b' ENVELOPE ("',
        b"\\",
        b'"',
        b"(",
        b'a\\"b',
        b"=?utf-8?q?Mar=C3=ADa?=",
    ]
)


@st.composite
def strings(draw: Any) -> Piece:
    text = draw(TEXTS)
    if draw(st.booleans()) or not text.isascii():
        return (text,)
    return b'"%s"' % text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


NSTRINGS = strings() | st.just(b"NIL")
PERSON = st.tuples(NSTRINGS, NSTRINGS, NSTRINGS, NSTRINGS).map(lambda fields: [b"(", *_spaced(fields), b")"])
PEOPLE = st.just([b"NIL"]) | st.lists(PERSON, min_size=1, max_size=3).map(
    lambda people: [b"(", *(piece for person in people for piece in person), b")"]
)
ENVELOPE = st.tuples(
    NSTRINGS, NSTRINGS, PEOPLE, PEOPLE, PEOPLE, PEOPLE, PEOPLE, PEOPLE, NSTRINGS, NSTRINGS
).map(lambda fields: [b"ENVELOPE (", *_spaced(fields), b")"])
LEAF = st.tuples(st.sampled_from([b'"text" "plain"', b'"TEXT" "HTML"', b'"image" "png"']), NSTRINGS).map(
    lambda leaf: [b"(%s (" % leaf[0], b'"name" ', leaf[1], b') NIL NIL "7bit" 5 1 NIL NIL NIL NIL)']
)
STRUCTURE = LEAF | st.lists(LEAF, min_size=1, max_size=3).map(
    lambda leaves: [
        b"(",
        *(piece for leaf in leaves for piece in leaf),
        b' "mixed" ("boundary" "x") NIL NIL)',
    ]
)
EXTRA = st.lists(
    st.sampled_from(
        [[b"MODSEQ (12)"], [b"RFC822.SIZE 5"], [b"PREVIEW NIL"], [b"FLAGS (\\Seen $Label1)"], [b"FLAGS ()"]]
    )
    | NSTRINGS.map(lambda text: [b"PREVIEW ", text]),
    max_size=3,
)


def _spaced(fields: Any) -> list[Piece]:
    spaced: list[Piece] = []
    for field in fields:
        spaced += [b" ", *(field if isinstance(field, list) else [field])] if spaced else _whole(field)
    return spaced


def _whole(field: Any) -> list[Piece]:
    return field if isinstance(field, list) else [field]


def sent(pieces: list[Piece]) -> list[bytes]:
    """As read_response gives it: line, literal, line, …"""
    lines = [b""]
    for piece in pieces:
        if isinstance(piece, tuple):
            lines[-1] += b"{%d}" % len(piece[0])
            lines += [piece[0], b""]
        else:
            lines[-1] += piece
    return lines


@st.composite
def rows(draw: Any) -> list[bytes]:
    before, after = draw(EXTRA), draw(EXTRA)
    items = [[b"UID 7"], *before, draw(ENVELOPE), *after, [b"BODYSTRUCTURE ", *draw(STRUCTURE)]]
    pieces: list[Piece] = [b"12 FETCH ("]
    for number, item in enumerate(items):
        pieces += [b" ", *item] if number else item
    end = draw(st.sampled_from([b")", b" MODSEQ (9))", b' PREVIEW "x")']))
    return sent([*pieces, end])


@settings(max_examples=500, deadline=None)
@given(rows())
def test_one_look_says_what_reading_says(pieces: list[bytes]) -> None:
    slow = fetch.items(parser.parse(list(pieces))[2:])
    answer = parser.response(list(pieces))
    quick = fetch.items(answer.data)
    assert (answer.name, answer.number) == ("FETCH", 12)
    assert structure.envelope(quick.pop(b"ENVELOPE")) == structure.envelope(slow.pop(b"ENVELOPE"))
    assert structure.part(quick.pop(b"BODYSTRUCTURE")) == structure.part(slow.pop(b"BODYSTRUCTURE"))
    assert quick == slow


def test_dovecots_usual_row_is_read_in_one_look() -> None:
    people = b'(("Ana" NIL "ana" "kronos.test")("Luis \\"el\\" H" NIL "luis" "kronos.test"))'
    ann = b'((NIL NIL "a" "b.test"))'
    pieces = [
        b'12 FETCH (UID 7 FLAGS (\\Seen NonJunk) INTERNALDATE "12-Aug-2023 10:44:01 +0000" PREVIEW {6}',
        "años".encode() + b'"',
        b' ENVELOPE ("Sat, 12 Aug 2023 11:43:23 +0100" "Hola" %s %s %s %s NIL NIL NIL "<1@b.test>") '
        b'BODYSTRUCTURE ("text" "plain" ("charset" "UTF-8") NIL NIL "8bit" 675 12 NIL NIL NIL NIL))'
        % (ann, ann, ann, people),
    ]
    found = fetch.items(parser.response(pieces).data)
    assert isinstance(found[b"ENVELOPE"][5], Later)
    assert isinstance(found[b"BODYSTRUCTURE"], Later)
    assert found[b"PREVIEW"] == "años".encode() + b'"'
    assert [str(person) for person in structure.envelope(found[b"ENVELOPE"]).to] == ["Ana", 'Luis "el" H']


DATES = st.tuples(
    st.sampled_from(["", "Mon, ", "Sun, ", "Lun, "]),
    st.integers(0, 40),
    st.sampled_from(["Jan", "Feb", "Dec", "dec", "Foo"]),
    st.integers(0, 12000),
    st.integers(0, 25),
    st.integers(0, 61),
    st.integers(0, 61),
    st.sampled_from(["+0000", "-0000", "-0500", "+1400", "+2400", "+9959", "-9999", "GMT", ""]),
).map(lambda d: f"{d[0]}{d[1]} {d[2]} {d[3]:04} {d[4]:02}:{d[5]:02}:{d[6]:02} {d[7]}".encode())


@settings(max_examples=1000, deadline=None)
@given(DATES)
def test_a_date_read_quickly_is_the_date(octets: bytes) -> None:
    quick = structure._usual_date(octets)
    assert quick is None or quick == structure._any_date(octets)


@pytest.mark.parametrize(
    ("octets", "iso"),
    [
        (b"Sat, 12 Aug 2023 11:43:23 +0100", "2023-08-12T11:43:23+01:00"),
        (b"1 Feb 2024 00:00:00 -0000", "2024-02-01T00:00:00+00:00"),
        (b"31 Feb 2024 00:00:00 +0000", None),
        (b"31 Dec 9999 23:59:59 -0500", None),
    ],
)
def test_dates(octets: bytes, iso: str | None) -> None:
    found = structure.date(octets)
    assert (found and found.isoformat()) == iso
