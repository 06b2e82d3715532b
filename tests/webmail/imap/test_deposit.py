"""Messages put back: with everything that was theirs, and never twice."""

from datetime import UTC, datetime, timedelta

import pytest

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from webmail.imap import errors, fetch, folders
from webmail.imap.connection import Connection
from webmail.imap.deposit import Deposit, Letter, Shelf

ARRIVED = datetime(2026, 5, 3, 14, 30, 59, tzinfo=UTC)


def letter(number: int, **options: object) -> Letter:
    options = {"octets": dovecot.letter(number), "arrived": ARRIVED + timedelta(minutes=number), **options}
    return Letter(**options)  # type: ignore[arg-type]


def count(imap: Connection, folder: str) -> int:
    return folders.status(imap, folder).messages


def test_flags_keywords_and_date_come_back(imap: Connection) -> None:
    assert Deposit(imap, "Restored 2026-05-03/Año").put(
        letter(1, flags=frozenset(("\\Seen", "\\Flagged", "\\Deleted", "Feria", "$Forwarded", "no good")))
    )
    [uid] = folders.all_uids(imap, "Restored 2026-05-03/Año")
    row = fetch.rows(imap, "Restored 2026-05-03/Año", [uid])[uid]
    assert row.flags - {"\\Recent"} == {"\\Seen", "\\Flagged", "Feria", "$Forwarded"}
    assert row.arrived == ARRIVED + timedelta(minutes=1)


def test_twice_is_once_also_in_another_session(
    imap: Connection, mail: dovecot.Dovecot, person: Credentials
) -> None:
    odd = [
        b"no header at all",
        b"Subject: bare\nMessage-ID:\n <folded@x.test>\n\nlone \r and \n\nlines\r\n",
        b"Subject: nul\n\n\0\xff",
        b"Message-ID: <1@kronos.test>\n\nthe same id, another letter\n",
    ]
    letters = [letter(1), letter(2), *(letter(n, octets=octets) for n, octets in enumerate(odd, 3))]
    first = Deposit(imap, "Back")
    assert [first.put(one) for one in letters] == [True] * len(letters)
    assert [first.put(one) for one in letters] == [False] * len(letters)
    other = mail.open(person.address)
    again = Deposit(other, "Back")
    assert [again.put(one) for one in letters] == [False] * len(letters)
    other.log_out()
    assert count(imap, "Back") == len(letters)


def test_the_same_words_at_another_time_are_another_letter(imap: Connection) -> None:
    deposit = Deposit(imap, "Back")
    assert deposit.put(letter(1))
    assert deposit.put(letter(1, arrived=ARRIVED - timedelta(days=1)))


def test_folders_of_that_time_stand_below_one(imap: Connection) -> None:
    shelf = Shelf(imap, "Restored 2026-05-03")
    for folder in ("INBOX", "Proyectos/Feria", "Cr_dito"):
        assert shelf.put(folder, letter(1))
    names = {folder.name for folder in folders.tree(imap) if folder.subscribed}
    assert names >= {
        "Restored 2026-05-03/INBOX",
        "Restored 2026-05-03/Proyectos/Feria",
        "Restored 2026-05-03/Cr_dito",
    }
    assert count(imap, "INBOX") == 0


def test_a_full_mailbox_says_so_and_what_went_in_stays() -> None:
    with dovecot.dovecot(quota="20k") as server:
        imap = server.open()
        deposit = Deposit(imap, "Back")
        assert deposit.put(letter(1))
        with pytest.raises(errors.Full):
            deposit.put(letter(2, octets=dovecot.letter(2) + b"x" * 30_000))
        assert count(imap, "Back") == 1
        imap.log_out()


def test_a_server_that_goes_away_halfway_is_told_and_the_rest_comes_later() -> None:
    with dovecot.dovecot() as server:
        deposit = Deposit(server.open(), "Back")
        assert deposit.put(letter(1))
        server.stop()
        with pytest.raises(errors.Unavailable):
            deposit.put(letter(2))
        server.start()
        imap = server.open()
        again = Deposit(imap, "Back")
        assert [again.put(letter(n)) for n in (1, 2)] == [False, True]
        assert count(imap, "Back") == 2
        imap.log_out()
