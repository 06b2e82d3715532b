"""Big folders are read ahead beside the clicks, for those who are signed in, and for nobody else."""

import threading
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.test import Client

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from webmail import connections
from webmail.imap import append, ledger, threads
from webmail.imap.connection import Connection
from webmail.services.indexing import INDEXER


@pytest.fixture(autouse=True)
def worth_it(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(ledger, "SMALLEST", 3)
    monkeypatch.setattr(ledger, "_AT_ONCE", 2)
    ledger.SHELF.clear()
    threads.KEPT.clear()
    yield
    INDEXER.end()
    ledger.SHELF.clear()
    threads.KEPT.clear()


def hits(browser: Client, words: str) -> list[int]:
    page = browser.get(f"/search/?{urlencode({'q': f'in:inbox subject:{words}'})}").context["page"]
    return [message.uid for message in page.messages]


def test_the_first_search_of_a_folder_has_its_subjects_kept(
    browser: Client, imap: Connection, letters: list[int]
) -> None:
    assert hits(browser, '"carta 3"') == [letters[2]]
    INDEXER.wait()
    key = (imap.account, "INBOX", imap.select("INBOX").uidvalidity)
    assert ledger.SHELF.get(key)
    assert hits(browser, '"carta 4"') == [letters[3]]
    new = append.append(imap, "INBOX", dovecot.letter(90, "Carta 4 otra vez"))
    assert hits(browser, '"carta 4"') == [new, letters[3]]


def test_a_look_at_the_conversations_has_them_kept_too(
    browser: Client, imap: Connection, letters: list[int]
) -> None:
    browser.get("/folder/INBOX/?view=conversations")
    INDEXER.wait()
    assert ledger.SHELF.octets > 0
    new = append.append(imap, "INBOX", dovecot.letter(91, In_Reply_To="<2@kronos.test>"))
    page = browser.get("/folder/INBOX/?view=conversations").context["page"]
    assert page.conversations[0].uids == (letters[1], new)


def test_a_thread_that_died_is_replaced(browser: Client, imap: Connection, letters: list[int]) -> None:
    dead = threading.Thread(target=str)
    dead.start()
    dead.join()
    INDEXER._thread = dead
    hits(browser, '"carta 3"')
    INDEXER.wait()
    assert ledger.SHELF.octets > 0


def test_nobody_is_read_who_signed_out(browser: Client, person: Credentials, letters: list[int]) -> None:
    connections.forget(person)
    INDEXER.wish(person, ["INBOX"])
    INDEXER.wait()
    assert ledger.SHELF.octets == 0
    assert connections.pool().count() == 0


def test_a_mail_server_that_is_away_ends_it_quietly(
    browser: Client, person: Credentials, letters: list[int]
) -> None:
    assert hits(browser, "carta")
    INDEXER.wait()
    ledger.SHELF.clear()
    INDEXER.wish(person, ["No such folder"])
    INDEXER.wait()
    assert ledger.SHELF.octets == 0
