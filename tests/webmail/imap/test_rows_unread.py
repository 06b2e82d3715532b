"""What a list leaves unread is the same as what is read at once; the shortcut finds nothing of its own."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webmail.imap import errors, fetch, parser, structure
from webmail.imap.parser import Data, Later

WORDS = [
    b"NIL",
    b"",
    b" BODYSTRUCTURE (",
    b'"',
    b"\\",
    b"((",
    b"))",
    b"=?UTF-8?Q?Bego=C3=B1a?=",
    b"MISSING_DOMAIN",
]
octets = st.one_of(st.sampled_from(WORDS), st.binary(max_size=20).map(lambda b: b.translate(None, b"\r\n\0")))
text = st.one_of(st.none(), octets)
mailbox = st.tuples(text, st.none(), text, text)
mailboxes = st.one_of(st.none(), st.lists(mailbox, min_size=1, max_size=3))
envelopes = st.tuples(text, text, *[mailboxes] * 6, text, text)


def written(value: Data, pieces: list[bytes], *, literal: bool) -> None:
    """Appends a value to the last line as a server would write it."""
    if value is None:
        pieces[-1] += b"NIL"
    elif isinstance(value, bytes) and literal:
        pieces[-1] += b"{%d}" % len(value)
        pieces += [value, b""]
    elif isinstance(value, bytes):
        pieces[-1] += b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    else:
        pieces[-1] += b"("
        for number, item in enumerate(value):
            pieces[-1] += b" " if number else b""
            written(item, pieces, literal=literal)
        pieces[-1] += b")"


def row(envelope: Data, preview: bytes | None, *, literal: bool) -> list[bytes]:
    pieces = [b"7 FETCH (UID 9 FLAGS (\\Seen $Forwarded) RFC822.SIZE 81 PREVIEW "]
    written(preview, pieces, literal=literal)
    pieces[-1] += b" ENVELOPE "
    written(envelope, pieces, literal=literal)
    pieces[-1] += (
        b' BODYSTRUCTURE ("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 957 23 NIL NIL NIL) MODSEQ (12))'
    )
    return pieces


def plain(value: Data) -> Data:
    if isinstance(value, Later):
        return plain(value.read())
    return [plain(item) for item in value] if isinstance(value, list) else value


@given(envelope=envelopes, preview=text, literal=st.booleans())
@settings(max_examples=400, deadline=None)
@example(envelope=(None, b'a" BODYSTRUCTURE ("', *[None] * 6, None, None), preview=b"\\", literal=True)
def test_the_shortcut_reads_what_the_parser_reads(
    envelope: Data, preview: bytes | None, literal: bool
) -> None:
    found = parser.response(row(envelope, preview, literal=literal))
    usual = parser.parse(row(envelope, preview, literal=literal))
    assert (found.name, found.number) == ("FETCH", 7)
    values = {name: plain(value) for name, value in fetch.items(found.data).items()}
    assert values == fetch.items(usual[2:])


@given(envelope=envelopes, literal=st.booleans())
@settings(max_examples=400, deadline=None)
def test_an_envelope_is_the_same_read_late(envelope: Data, literal: bool) -> None:
    pieces = row(envelope, None, literal=literal)
    late = structure.envelope(fetch.items(parser.response(pieces).data)[b"ENVELOPE"])
    assert late == structure.envelope(fetch.items(parser.parse(pieces)[2:])[b"ENVELOPE"])


@pytest.mark.parametrize(
    "line",
    [
        b"7 FETCH (UID 9 FLAGS (",
        b"7 FETCH (UID 9",
        b"7 FETCH (UID 9 FLAGS (\\Seen)) )",
        b'7 FETCH (UID 9 ENVELOPE ("a)',
    ],
)
def test_what_is_broken_stays_broken(line: bytes) -> None:
    with pytest.raises(errors.Unavailable):
        parser.response([line])


def test_depth_costs_no_more_than_length() -> None:
    """Deeper than the shortcut looks: the usual way, and its bound, decide."""
    deep = b"(" * 40 + b'"x"' + b")" * 40
    found = parser.response([b"7 FETCH (UID 9 BODYSTRUCTURE " + deep + b")"])
    assert plain(found.data[0][3]) == parser.parse([deep])[0]
    with pytest.raises(errors.Unavailable):
        parser.response([b"7 FETCH (UID 9 BODYSTRUCTURE " + b"(" * 100_000 + b")" * 100_001])
