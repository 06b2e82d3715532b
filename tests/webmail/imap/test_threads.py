"""Conversations of one folder: THREAD=REFS, REFERENCES, and our own way where there is no THREAD."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from webmail.imap import append, errors, flags, links, move, search, threads
from webmail.imap.connection import Connection
from webmail.imap.listing import Wanted

WITHOUT = (
    "IMAP4rev1 LITERAL+ UIDPLUS MOVE SORT ESEARCH LIST-EXTENDED LIST-STATUS SPECIAL-USE ENABLE CONDSTORE"
)
SERVERS = {"refs": "", "references": f"{WITHOUT} THREAD=REFERENCES", "none": WITHOUT, "rfc3501": "IMAP4rev1"}


@pytest.fixture(params=SERVERS, ids=list(SERVERS))
def box(request: pytest.FixtureRequest) -> Iterator[Connection]:
    extra = f"imap_capability = {SERVERS[request.param]}" if SERVERS[request.param] else ""
    with dovecot.dovecot(extra) as server:
        imap = server.open("ana")
        yield imap
        imap.log_out()


def put(
    imap: Connection, number: int, folder: str = "INBOX", subject: str = "Presupuesto", **headers: str
) -> int:
    return append.append(imap, folder, dovecot.letter(number, subject, **headers)) or 0


def shape(imap: Connection, **wanted: object) -> list[tuple[int, ...]]:
    return [c.uids for c in threads.page(imap, "INBOX", Wanted(**wanted)).conversations]  # type: ignore[arg-type]


def test_answers_are_together_and_the_newest_is_on_top(box: Connection) -> None:
    put(box, 1)
    put(box, 2, subject="Otra cosa")
    put(box, 3, In_Reply_To="<1@kronos.test>")
    put(box, 4, subject="Ahora se llama distinto", References="<1@kronos.test> <3@kronos.test>")
    assert shape(box) == [(1, 3, 4), (2,)]
    put(box, 5, References="<2@kronos.test>", subject="Re: Otra cosa")
    assert shape(box) == [(2, 5), (1, 3, 4)]
    assert shape(box, reverse=False) == [(1, 3, 4), (2, 5)]
    assert shape(box, size=1, number=2) == [(1, 3, 4)]
    assert shape(box, size=1, number=99) == [(1, 3, 4)]


def test_what_misses_its_headers_or_runs_in_circles_is_shown_all_the_same(box: Connection) -> None:
    put(box, 1, References="<2@kronos.test>")
    put(box, 2, References="<1@kronos.test>")
    put(box, 3, References="<3@kronos.test>", subject="A sí mismo")
    append.append(box, "INBOX", b"From: nadie@kronos.test\r\n\r\nSin cabeceras.\r\n")
    append.append(box, "INBOX", b"Subject: =?utf-8?q?roto\r\nReferences: <<<>>> ( <\r\n\r\nx\r\n")
    put(box, 6, References="<perdido@kronos.test>", subject="Huérfano")
    put(box, 7, References="<perdido@kronos.test>", subject="Otro huérfano")
    page = threads.page(box, "INBOX", Wanted())
    assert sorted(uid for c in page.conversations for uid in c.uids) == [1, 2, 3, 4, 5, 6, 7]
    together = {c.uids for c in page.conversations}
    assert (1, 2) in together
    assert (6, 7) in together


def test_a_row_counts_names_and_marks(box: Connection) -> None:
    put(box, 1)
    put(box, 2, References="<1@kronos.test>")
    put(box, 3, References="<1@kronos.test>", From="Luis <luis@kronos.test>")
    flags.add(box, "INBOX", [1], ["\\Seen", "\\Flagged"])
    row = threads.page(box, "INBOX", Wanted()).conversations[0]
    assert (row.count, row.unread, row.is_flagged, row.newest.uid) == (3, 2, True, 3)
    assert [str(person) for person in row.people] == ["Ana Quispe", "Ana Quispe", "Luis"]


def test_a_filter_keeps_whole_conversations(box: Connection) -> None:
    put(box, 1)
    put(box, 2, References="<1@kronos.test>")
    put(box, 3, subject="Aparte")
    flags.add(box, "INBOX", [2, 3], ["\\Seen"])
    assert shape(box, criteria=search.UNREAD) == [(1, 2)]
    assert threads.members(box, "INBOX", [2]) == [1, 2]
    assert threads.members(box, "INBOX", list(range(1, 100))) == [1, 2, 3]
    assert threads.members(box, "INBOX", [77]) == []


def test_another_clients_change_is_seen_at_once(
    mail: dovecot.Dovecot, person: Credentials, imap: Connection
) -> None:
    put(imap, 1)
    put(imap, 2, References="<1@kronos.test>")
    put(imap, 3, subject="Aparte")
    assert shape(imap) == [(3,), (1, 2)]
    other = mail.open(person.address)
    put(other, 4, References="<1@kronos.test> <2@kronos.test>")
    assert shape(imap) == [(1, 2, 4), (3,)]
    move.move(other, "INBOX", [2], "Trash")
    assert [c.newest.uid for c in threads.page(imap, "INBOX", Wanted()).conversations] == [4, 3]
    flags.add(other, "INBOX", [3], ["\\Seen"])
    assert [c.unread for c in threads.page(imap, "INBOX", Wanted()).conversations] == [2, 0]
    other.log_out()


def test_a_mailing_list_of_five_thousand_is_one_row(
    mail: dovecot.Dovecot, person: Credentials, imap: Connection
) -> None:
    put(imap, 1)
    mail.fill(person.address, (dovecot.letter(n, References="<1@kronos.test>") for n in range(2, 5001)))
    page = threads.page(imap, "INBOX", Wanted())
    assert page.total == 1
    assert page.conversations[0].count == 5000
    assert len(threads.members(imap, "INBOX", [4321])) == 5000


def test_the_servers_answer_is_read_at_any_depth() -> None:
    assert threads.decoded(b"(2)(3 6 (4 23)(44 7 96))") == [[2], [3, 6, 4, 23, 44, 7, 96]]
    assert threads.decoded(b"((1)(2 3))(4)") == [[1, 2, 3], [4]]
    assert threads.decoded(b"") == []
    deep = b"(1 " + b"".join(b"(%d " % n for n in range(2, 5000)) + b")" * 4999
    assert threads.decoded(deep.replace(b" )", b")")) == [list(range(1, 5000))]
    for broken in (b"1 2", b"(a b)", b"(1"):
        with pytest.raises(errors.Unavailable):
            threads.decoded(broken)


trees = st.recursive(st.integers(1, 9), lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=20)


def written(node: object) -> str:
    """A thread as RFC 5256 writes it: members with spaces, branches in parentheses."""
    if isinstance(node, int):
        return str(node)
    assert isinstance(node, list)
    return " ".join(str(n) for n in node if isinstance(n, int)) + "".join(
        f"({written(n)})" for n in node if not isinstance(n, int)
    )


def leaves(node: object) -> list[int]:
    return [node] if isinstance(node, int) else [leaf for n in node for leaf in leaves(n)]  # type: ignore[attr-defined]


@given(st.lists(trees, max_size=8))
def test_every_message_of_an_answer_is_in_one_thread(found: list[object]) -> None:
    line = "".join(f"({written(node)})" for node in found)
    assert [sorted(t) for t in threads.decoded(line.encode())] == [sorted(leaves(node)) for node in found]


def test_names_without_brackets_count_and_long_chains_are_cut() -> None:
    own = links.read(b"Message-Id: <a@x>\r\nIn-Reply-To: b@x (hola)\r\nReferences: <c@x>\r\n <d@x>\r\n\r\n")
    assert own == ("a@x", "b@x", "c@x", "d@x")
    many = b"References: " + b" ".join(b"<%d@x>" % n for n in range(9000)) + b"\r\n\r\n"
    found = links.read(many)
    assert len(found) == 201
    assert found[1:3] == ("0@x", "1@x")
    assert found[-1] == "8999@x"


@given(
    st.dictionaries(
        st.integers(1, 30), st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4).map(tuple)
    )
)
def test_putting_together_loses_nobody(known: dict[int, tuple[str, ...]]) -> None:
    found = links.together(known)
    assert sorted(uid for thread in found for uid in thread) == sorted(known)
    for thread in found:
        names = {name for uid in thread for name in known[uid]}
        others = {name for uid in known if uid not in thread for name in known[uid]}
        assert not names & others
