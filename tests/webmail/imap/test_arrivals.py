"""What is kept is extended by what came: the same as asked anew, and asked for with a few messages only."""

import random
from array import array
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from webmail.imap import append, arrivals, folders, move, search
from webmail.imap.answers import View
from webmail.imap.connection import Connection


def dated(number: int, chance: random.Random) -> bytes:
    day = f"{chance.randrange(1, 29):02d} Jun {chance.randrange(2001, 2020)}"
    date = f"{day} {chance.randrange(24):02d}:00:00 +0000"
    answered = {"References": f"<{chance.randrange(1, 400)}@kronos.test>"} if number % 3 == 0 else {}
    return dovecot.letter(number, f"{chance.choice('abcñ')} {number}", Date=date, **answered)


@pytest.fixture
def filled(mail: dovecot.Dovecot, person: Credentials, imap: Connection) -> random.Random:
    assert search.uids(imap, "INBOX") == array("I")  # now the mailbox exists
    chance = random.Random(3)
    mail.fill(person.address, (dated(n, chance) for n in range(1, 401)))
    return chance


def listen(imap: Connection, word: str) -> list[str]:
    """The last argument of each command of this name."""
    heard: list[str] = []
    run = imap.run

    def heard_too(*command):
        if command[1:2] == (word,):
            heard.append(str(command[-1]))
        return run(*command)

    imap.run = heard_too  # type: ignore[method-assign]
    return heard


@pytest.mark.parametrize("sort", ["date", "from", "subject", "size"])
def test_a_letter_that_came_is_put_where_it_belongs(
    mail: dovecot.Dovecot, person: Credentials, imap: Connection, filled: random.Random, sort: str
) -> None:
    search.uids(imap, "INBOX", sort=sort)
    heard = listen(imap, "SORT")
    other = mail.open(person.address)
    for number in range(401, 413):
        for copy in range(number % 3):
            append.append(other, "INBOX", dated(1000 * copy + number, filled))
        found = search.uids(imap, "INBOX", sort=sort)
        fresh = mail.open(person.address)
        fresh.select("INBOX")
        assert list(found) == list(search._sort(fresh, search.EVERYTHING, sort, True))
        fresh.log_out()
    assert heard
    assert "ALL" not in heard
    assert all(len(named.split(",")) < 110 for named in heard)
    # Somebody took one away: that is asked for anew.
    move.expunge(other, "INBOX", [17])
    assert len(search.uids(imap, "INBOX", sort=sort)) == 411
    other.log_out()


def test_another_uidvalidity_is_another_folder(
    mail: dovecot.Dovecot, person: Credentials, imap: Connection
) -> None:
    folders.create(imap, "Clientes")
    for number in range(1, 4):
        append.append(imap, "Clientes", dovecot.letter(number))
    assert len(search.uids(imap, "Clientes", sort="date")) == 3
    folders.delete(imap, "Clientes")
    folders.create(imap, "Clientes")
    append.append(imap, "Clientes", dovecot.letter(9))
    assert list(search.uids(imap, "Clientes", sort="date")) == [1]


def test_only_arrivals_extend() -> None:
    kept = arrivals.Kept("", uidnext=10, messages=5)
    view = View(name="INBOX", messages=7, uidnext=12)
    assert kept.arrived(view, lambda uid: [11, 10]) == [10, 11]
    assert kept.arrived(view, lambda uid: [10, 11, 12]) == []  # one more came while we asked
    assert kept.arrived(View(name="INBOX", messages=6, uidnext=12), lambda uid: [10, 11]) == []  # one is gone
    assert kept.arrived(View(name="INBOX", messages=900, uidnext=905), lambda uid: []) == []


@given(st.lists(st.integers(0, 5), max_size=400), st.lists(st.integers(0, 5), max_size=4))
def test_any_order_is_kept(before: list[int], new: list[int]) -> None:
    values = [*before, *new]

    def sort(uids: Iterable[int]) -> list[int]:
        return sorted(uids, key=lambda uid: (values[uid], uid))

    known = array("I", sort(range(len(before))))
    found = arrivals.inserted(known, range(len(before), len(values)), sort)
    assert found is not None
    assert list(found) == sort(range(len(values)))


def test_an_answer_that_does_not_fit_is_no_order() -> None:
    known = array("I", range(1, 500))
    assert arrivals.inserted(known, [600], lambda uids: [600]) is None
    assert arrivals.inserted(known, [600], lambda uids: [uid for uid in uids if uid != 600]) is None
    assert arrivals.inserted(known, [600], lambda uids: sorted(uids, reverse=True)) is None
