"""The same answers from servers that can less: Dovecot with a shorter capability string."""

from collections.abc import Iterator

import pytest

from tests.webmail import dovecot
from webmail.imap import append, fetch, flags, folders, listing, move, search
from webmail.imap.connection import Connection
from webmail.imap.listing import Wanted

MODERN = "IMAP4rev1 LITERAL+ UIDPLUS MOVE SORT ESEARCH LIST-EXTENDED LIST-STATUS SPECIAL-USE ENABLE CONDSTORE"
MISSING = [
    "SORT",
    "ESEARCH",
    "LIST-STATUS",
    "LIST-EXTENDED",
    "SPECIAL-USE",
    "CONDSTORE",
    "MOVE",
    "UIDPLUS",
    "LITERAL+",
]
SETS = {
    "rfc3501": "IMAP4rev1",
    **{f"no {word}": " ".join(w for w in MODERN.split() if w != word) for word in MISSING},
}


@pytest.fixture(scope="module", params=SETS, ids=list(SETS))
def poorer(request) -> Iterator[Connection]:
    with dovecot.dovecot(f"imap_capability = {SETS[request.param]}") as server:
        imap = server.open("ana")
        # Dovecot adds nothing of its own behind our back.
        assert not imap.capabilities - set(SETS[request.param].upper().split()) - {"AUTH=PLAIN", "SASL-IR"}
        for number in range(1, 8):
            append.append(
                imap, "INBOX", dovecot.letter(number, f"Carta ñ {8 - number}"), [["\\Seen"], []][number % 2]
            )
        yield imap
        imap.log_out()


def test_the_tree(poorer: Connection) -> None:
    tree = {folder.name: folder for folder in folders.tree(poorer)}
    assert (tree["INBOX"].messages, tree["INBOX"].unread) == (7, 4)
    assert tree["Sent"].role == "sent"
    assert tree["Trash"].subscribed


def test_pages_and_filters(poorer: Connection) -> None:
    assert [m.uid for m in listing.page(poorer, "INBOX", Wanted(size=3)).messages] == [7, 6, 5]
    unread = listing.page(poorer, "INBOX", Wanted(criteria=search.UNREAD))
    assert [m.uid for m in unread.messages] == [7, 5, 3, 1]


def test_sorting_falls_back_to_arrival(poorer: Connection) -> None:
    page = listing.page(poorer, "INBOX", Wanted(sort="subject", reverse=False))
    assert page.total == 7
    expected = range(7, 0, -1) if poorer.has("SORT") else range(1, 8)
    assert [m.uid for m in page.messages] == list(expected)


def test_words_with_accents_are_found(poorer: Connection) -> None:
    assert list(search.uids(poorer, "INBOX", search.text("subject", "ñ 3"))) == [5]
    assert search.count(poorer, "INBOX", search.UNREAD) == 4


def test_previews_or_nothing(poorer: Connection) -> None:
    found = fetch.previews(poorer, "INBOX", [1])
    assert found == {} or found[1].startswith("Hola")


def test_another_clients_flags_are_seen(poorer: Connection) -> None:
    flags.add(poorer, "INBOX", [2], ["\\Flagged"])
    assert [m.uid for m in listing.page(poorer, "INBOX", Wanted(criteria=search.FLAGGED)).messages] == [2]
    flags.remove(poorer, "INBOX", [2], ["\\Flagged"])
    assert listing.page(poorer, "INBOX", Wanted(criteria=search.FLAGGED)).total == 0


def test_moving_never_takes_others_along(poorer: Connection) -> None:
    folders.create(poorer, "Aparte")
    append.append(poorer, "Aparte", dovecot.letter(1), ["\\Deleted"])
    append.append(poorer, "Aparte", dovecot.letter(2))
    done = move.move(poorer, "Aparte", [2], "Trash")
    assert listing.page(poorer, "Trash").total == 1
    left = flags.current(poorer, "Aparte", [1, 2])
    assert "\\Deleted" in left[1]
    assert 2 not in left or "\\Deleted" in left[2]
    if poorer.has("UIDPLUS"):
        assert done.count == 1
