"""What is kept is never old: after any change by a second client the very next answer shows it."""

import random
from collections.abc import Iterator, Sequence

import pytest

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from webmail.imap import append, fetch, flags, folders, listing, move, search
from webmail.imap.answers import Answer
from webmail.imap.cache import ORDERS
from webmail.imap.connection import Connection
from webmail.imap.listing import Wanted
from webmail.imap.wire import Atom, Value

Row = tuple[int, str, frozenset[str]]


@pytest.fixture
def other(mail: dovecot.Dovecot, person: Credentials) -> Iterator[Connection]:
    connection = mail.open(person.address)
    yield connection
    connection.log_out()


def shown(imap: Connection, folder: str, wanted: Wanted) -> list[Row]:
    page = listing.page(imap, folder, wanted)
    return [(m.uid, m.envelope.subject, m.flags) for m in page.messages]


def truth(mail: dovecot.Dovecot, person: Credentials, folder: str, wanted: Wanted) -> list[Row]:
    """The same from a session that has never seen anything, with nothing kept."""
    listing.PAGES.clear()
    ORDERS.clear()
    search.WHOLE.clear()
    fresh = mail.open(person.address)
    rows = shown(fresh, folder, wanted)
    fresh.log_out()
    return rows


def test_an_unchanged_page_is_not_asked_for_again(imap: Connection, letters: list[int]) -> None:
    fetch.previews(imap, "INBOX", letters)
    first = listing.page(imap, "INBOX")
    assert [m.uid for m in first.messages] == letters[::-1]
    asked: list[object] = []
    run_all = imap.run_all

    def listen(commands: Sequence[Sequence[Value]], *, forgive: bool = False) -> list[Answer]:
        asked.extend(command[0] for command in commands)
        return run_all(commands, forgive=forgive)

    imap.run_all = listen  # type: ignore[method-assign]
    assert listing.page(imap, "INBOX").messages == first.messages
    assert asked == [Atom("NOOP")]


@pytest.mark.parametrize("folder", ["INBOX", "Clientes"])
def test_no_page_is_ever_old(
    mail: dovecot.Dovecot, person: Credentials, imap: Connection, other: Connection, folder: str
) -> None:
    """A hundred random changes by somebody else, a random page after each, compared with a new session."""
    chance = random.Random(7)
    if folder != "INBOX":
        folders.create(imap, folder)
    uids = [append.append(imap, folder, dovecot.letter(n)) or 0 for n in range(1, 13)]
    kinds = [
        Wanted(size=5),
        Wanted(size=5, number=2),
        Wanted(size=5, criteria=search.UNREAD),
        Wanted(size=5, sort="date"),
        Wanted(size=5, sort="subject", reverse=False),
    ]
    for number in range(100):
        _change(chance, other, folder, uids, number)
        for wanted in chance.sample(kinds, 2):
            seen = shown(imap, folder, wanted)
            kept = shown(imap, folder, wanted)
            assert seen == kept
            if number % 5 == 0:
                assert seen == truth(mail, person, folder, wanted)


def _change(chance: random.Random, other: Connection, folder: str, uids: list[int], number: int) -> None:
    match chance.choice(("flag", "flag", "unflag", "append", "expunge", "nothing")):
        case "flag":
            flags.add(other, folder, [chance.choice(uids)], [chance.choice(("\\Seen", "\\Flagged", "Work"))])
        case "unflag":
            flags.remove(other, folder, [chance.choice(uids)], ["\\Seen"])
        case "append":
            uids.append(append.append(other, folder, dovecot.letter(100 + number)) or 0)
        case "expunge" if len(uids) > 6:
            gone = uids.pop(chance.randrange(len(uids)))
            move.expunge(other, folder, [gone])


def test_a_change_made_while_a_page_is_read_is_not_kept_under_the_old_proof(
    imap: Connection, other: Connection, letters: list[int]
) -> None:
    """Between our NOOP and our FETCH somebody marks a message: the next page must show it."""
    listing.page(imap, "INBOX")
    flags.add(other, "INBOX", letters[:1], ["\\Flagged"])
    imap.sync()  # heard of, and another change right behind it
    flags.add(other, "INBOX", letters[1:2], ["\\Flagged"])
    imap.is_fresh = True
    listing.page(imap, "INBOX")
    flagged = {m.uid for m in listing.page(imap, "INBOX").messages if m.is_flagged}
    assert flagged == set(letters[:2])


def test_the_tree_is_as_it_is_now(imap: Connection, other: Connection, letters: list[int]) -> None:
    def counts() -> dict[str, tuple[int, int]]:
        return {folder.name: (folder.messages, folder.unread) for folder in folders.tree(imap)}

    assert counts()["INBOX"] == (7, 7)
    assert counts()["INBOX"] == (7, 7)
    flags.add(other, "INBOX", letters[:2], ["\\Seen"])
    folders.create(other, "Neu")
    append.append(other, "Neu", dovecot.letter(1))
    assert counts()["INBOX"] == (7, 5)
    assert counts()["Neu"] == (1, 1)
    folders.delete(other, "Neu")
    assert "Neu" not in counts()
