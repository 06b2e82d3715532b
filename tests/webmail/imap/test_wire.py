"""Nothing a person types becomes a command: every octet we send is read back by a strict grammar."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.webmail.imap.server import NotIMAP, Server
from webmail.imap import append, errors, fetch, flags, folders, listing, move, search, wire
from webmail.imap.connection import Connection
from webmail.services import query

EVERYTHING = (
    "IMAP4REV1 LITERAL+ UIDPLUS MOVE SORT ESEARCH LIST-EXTENDED LIST-STATUS SPECIAL-USE CONDSTORE PREVIEW"
)
CAPABILITIES = [frozenset(EVERYTHING.split()), frozenset({"IMAP4REV1"})]
NASTY = [
    'a"\r\nX2 DELETE INBOX\r\n',
    "{5}",
    "{9+}\r\n",
    "(UNSEEN)",
    "*",
    "1:5",
    "a\0b",
    "\\",
    '\\"',
    "NIL",
    "",
    " ",
    "ñandú 漢字 \U0001f4ee",
    "&AA0ACg-",
    "&",
    "a\rb",
    "a\nb",
    "\ud800",
    "x" * 5000,
    "\\Deleted",
    "] (",
    "Trabajo FLAGS)\r\nX LOGOUT",
]
text = st.one_of(st.sampled_from(NASTY), st.text(max_size=60), st.text('{}()"\\\r\n\0 +*%&]~$', max_size=20))


accounts = count()


def connect(server: Server, capabilities: frozenset[str]) -> Connection:
    """To the strict server, as somebody who has nothing cached."""
    imap = Connection(server, server, capabilities)  # type: ignore[arg-type]
    imap.account = f"account {next(accounts)}"
    return imap


def talk(capabilities: frozenset[str], act: Callable[[Connection], object]) -> Server:
    """Does `act` against the strict server; refusing beforehand is right, saying something else is not."""
    server = Server()
    with suppress(errors.ImapError):
        act(connect(server, capabilities))
    assert server._unread == b"", f"half a command: {bytes(server.received)!r}"
    return server


@pytest.mark.parametrize("capabilities", CAPABILITIES, ids=["modern", "old"])
@given(value=text)
@settings(max_examples=150, deadline=None)
def test_a_folder_name_stays_one_name(capabilities: frozenset[str], value: str) -> None:
    for act, names in [
        (lambda imap: imap.select(value), ["SELECT"]),
        (lambda imap: folders.create(imap, value), ["CREATE", "SUBSCRIBE"]),
        (lambda imap: folders.rename(imap, "Old", value), ["RENAME"]),
        (lambda imap: folders.delete(imap, value), ["DELETE", "UNSUBSCRIBE"]),
        (lambda imap: folders.status(imap, value), ["STATUS"]),
        (lambda imap: append.append(imap, value, b"Subject: x\r\n\r\nx"), ["APPEND"]),
        (lambda imap: move.copy(imap, "INBOX", [5], value), ["SELECT", "UID COPY"]),
    ]:
        said = talk(capabilities, act)
        looked = ("LIST", "LSUB", "STATUS") if names == ["RENAME"] else ()
        asked = [c.name for c in said.commands if c.name not in looked]
        assert asked in (names, names[: len(names) - 1], [])
        if asked == names:
            assert wire.encode_folder(value) in [s for c in said.commands for s in c.strings]


@pytest.mark.parametrize("capabilities", CAPABILITIES, ids=["modern", "old"])
@given(value=text, field=st.sampled_from(["from", "to", "cc", "bcc", "subject", "body", "text"]))
@settings(max_examples=300, deadline=None)
@example(value='a"\r\nX2 DELETE INBOX\r\n', field="subject")
def test_searched_words_stay_words(capabilities: frozenset[str], value: str, field: str) -> None:
    said = talk(capabilities, lambda imap: search.uids(imap, "INBOX", search.text(field, value)))
    assert [c.name for c in said.commands] in (["SELECT", "UID SEARCH"], ["SELECT"])
    if len(said.commands) == 2:
        assert said.commands[1].strings == [value.encode()]


@pytest.mark.parametrize("capabilities", CAPABILITIES, ids=["modern", "old"])
@given(value=text)
@settings(max_examples=300, deadline=None)
def test_the_search_box_takes_anything(capabilities: frozenset[str], value: str) -> None:
    asked = query.parse(value, date(2026, 11, 23))
    server = Server()
    imap = connect(server, capabilities)
    if not any(0xD800 <= ord(character) < 0xE000 for character in value):
        search.uids(imap, "INBOX", asked.criteria)
        assert [c.name for c in server.commands][-1] == "UID SEARCH"


@pytest.mark.parametrize("capabilities", CAPABILITIES, ids=["modern", "old"])
@given(value=text)
@settings(max_examples=200, deadline=None)
def test_a_label_is_a_keyword_or_refused(capabilities: frozenset[str], value: str) -> None:
    for change in (flags.add, flags.remove):
        said = talk(capabilities, lambda imap: change(imap, "INBOX", [5, 6], [value]))  # noqa: B023
        assert [c.name for c in said.commands] in (["SELECT", "UID STORE"], [])
        if said.commands:
            assert said.commands[1].arguments[2] == [value.encode()]
            assert not value.startswith("\\") or value in wire.SYSTEM_FLAGS


@pytest.mark.parametrize("capabilities", CAPABILITIES, ids=["modern", "old"])
@given(section=text)
@settings(max_examples=200, deadline=None)
def test_a_section_cannot_break_out(capabilities: frozenset[str], section: str) -> None:
    said = talk(capabilities, lambda imap: list(fetch.part(imap, "INBOX", 5, section)))
    assert {c.name for c in said.commands} <= {"SELECT", "UID FETCH"}


@given(user=text, password=text)
@settings(max_examples=150, deadline=None)
def test_a_password_is_only_a_password(user: str, password: str) -> None:
    said = talk(frozenset(), lambda imap: imap.run(wire.Atom("LOGIN"), user, password))
    assert [c.name for c in said.commands] in (["LOGIN"], [])
    if said.commands:
        assert said.commands[0].strings == [user.encode(), password.encode()]


@given(message=st.binary(min_size=1, max_size=300))
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("capabilities", CAPABILITIES, ids=["modern", "old"])
def test_a_message_arrives_octet_by_octet(capabilities: frozenset[str], message: bytes) -> None:
    said = talk(capabilities, lambda imap: append.append(imap, "Sent", message, ["\\Seen"]))
    if 0 in message:
        assert said.commands == []
    else:
        lines = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        assert said.commands[0].strings[-1] == lines


@pytest.mark.parametrize("uids", [[0], [-1], [2**32], ["1"], ["1 FLAGS)\r\nX"], [True], [1.5], [], [None]])
def test_only_numbers_are_message_numbers(uids: list[object]) -> None:
    with pytest.raises(errors.Rejected):
        wire.uid_set(uids)  # type: ignore[arg-type]


def test_uids_become_ranges() -> None:
    assert wire.uid_set([7, 1, 2, 3, 3]) == "1:3,7"


@pytest.mark.parametrize("value", ["", "a b", 'a"', "a\r\n", "(", "{3}", "\\Seen", "ñ"])
def test_an_atom_is_an_atom(value: str) -> None:
    with pytest.raises(errors.Rejected):
        wire.Atom(value)


@given(name=st.text(min_size=1, max_size=80))
def test_folder_names_survive_the_wire(name: str) -> None:
    try:
        octets = wire.encode_folder(name)
    except errors.Rejected:
        return
    assert octets.isascii()
    assert wire.decode_folder(octets) == name


def test_the_strict_server_would_notice() -> None:
    """The test's own proof: what imapclient sends for the same search is no IMAP."""
    server = Server()
    with pytest.raises(NotIMAP):
        server.sendall(b'P1 UID SEARCH SUBJECT "a"\r\nX2 DELETE INBOX\r\n"\r\n')


def test_a_page_asks_for_exactly_one_page() -> None:
    server = Server()
    imap = connect(server, CAPABILITIES[0])
    with pytest.raises(errors.Unavailable):
        listing.page(imap, "INBOX", listing.Wanted(size=2))
    assert next(c.arguments[0] for c in server.commands if c.name == "FETCH") == b"2:3"


@pytest.mark.parametrize(
    "said", [b"P99 OK done\r\n", b"X2 OK LOGOUT\r\n", b"+ go on\r\n", b"nonsense\r\n", b""]
)
def test_an_answer_to_nothing_ends_the_connection(said: bytes) -> None:
    """Whoever is one answer behind would give each question the answer to another."""
    server = Server()
    imap = connect(server, CAPABILITIES[0])
    imap.select("INBOX")
    server._say(said)
    if not said:
        server.readline = lambda *_limit: b""  # type: ignore[method-assign]
    with pytest.raises(errors.Unavailable):
        imap.run(wire.Atom("NOOP"))
    assert imap.is_broken
    with pytest.raises(errors.Unavailable):
        imap.run(wire.Atom("NOOP"))
