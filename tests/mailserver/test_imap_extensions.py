"""What IMAP announces (test_mailbox.py), done: each extension the webmail and telephones lean on."""

import imaplib
import re
import zlib
from collections.abc import Iterator

import pytest

from tests.mailserver.outside import letter
from tests.stack import PASSWORD, Stack


@pytest.fixture
def box(stack: Stack) -> str:
    """Three letters in the inbox."""
    ana, _ = stack.create_mailbox()
    for number in range(3):
        subject, body = f"Carta {number}", f"Saludos desde Cusco, parada {number}."
        stack.deliver(letter("x@plain.test", ana, subject, body), ana)
    return ana


@pytest.fixture
def imap(stack: Stack, box: str) -> Iterator[imaplib.IMAP4]:
    with stack.imap(box) as connection:
        connection.select("INBOX")
        yield connection


def ask(imap: imaplib.IMAP4, command: str) -> bytes:
    """All that comes back for `command`, tagged line included."""
    imap.send(f"q {command}\r\n".encode())
    lines = b""
    while True:
        line = imap.readline()
        lines += line
        if line.startswith(b"q "):
            assert line.startswith(b"q OK"), lines
            return lines


def test_esort_answers_in_one_line(imap: imaplib.IMAP4) -> None:
    told = ask(imap, "UID SORT RETURN (COUNT ALL) (SUBJECT) UTF-8 ALL")
    assert b'* ESEARCH (TAG "q") UID ALL 1:3 COUNT 3\r\n' in told


def test_qresync_tells_what_changed_and_what_went(stack: Stack, box: str, imap: imaplib.IMAP4) -> None:
    ask(imap, "ENABLE QRESYNC")
    told = ask(imap, "SELECT INBOX")
    validity, modseq = (
        re.search(rb"UIDVALIDITY (\d+)", told),
        re.search(rb"HIGHESTMODSEQ (\d+)", told),
    )
    assert validity is not None
    assert modseq is not None
    with stack.imap(box) as other:
        other.select("INBOX")
        other.uid("STORE", "2", "+FLAGS", r"(\Flagged)")
        other.uid("STORE", "1", "+FLAGS", r"(\Deleted)")
        other.expunge()
    ask(imap, "UNSELECT")
    told = ask(imap, f"SELECT INBOX (QRESYNC ({validity[1].decode()} {modseq[1].decode()}))")
    assert b"* VANISHED (EARLIER) 1\r\n" in told
    assert re.search(rb"FETCH \([^\r\n]*UID 2\b[^\r\n]*\\Flagged|\\Flagged[^\r\n]*UID 2\b", told)


def test_a_preview_is_the_first_words(imap: imaplib.IMAP4) -> None:
    assert b"Saludos desde Cusco, parada 0." in ask(imap, "UID FETCH 1 (PREVIEW)")


def test_notify_tells_of_other_folders(stack: Stack, box: str, imap: imaplib.IMAP4) -> None:
    ask(imap, "NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MessageNew MessageExpunge))")
    with stack.imap(box) as other:
        other.append("Sent", "", "", letter(box, "x@plain.test"))
    line = b""
    while b"STATUS" not in line:
        line = imap.readline()
        assert line
    assert re.search(rb"STATUS \"?Sent\"? \(MESSAGES 1 ", line)


def test_compression_squeezes_both_ways(imap: imaplib.IMAP4) -> None:
    assert ask(imap, "COMPRESS DEFLATE").endswith(b"\r\n")
    out = zlib.compressobj(wbits=-15)
    imap.send(out.compress(b"z NOOP\r\n") + out.flush(zlib.Z_SYNC_FLUSH))
    back, told = zlib.decompressobj(wbits=-15), b""
    while b"z OK" not in told:
        octets = imap.sock.recv(4096)
        assert octets
        told += back.decompress(octets)


def test_a_list_brings_the_counts_along(imap: imaplib.IMAP4) -> None:
    told = ask(imap, 'LIST "" "*" RETURN (SPECIAL-USE STATUS (MESSAGES UNSEEN SIZE))')
    assert re.search(rb'\* STATUS "?INBOX"? \(MESSAGES 3 UNSEEN 3 SIZE \d+\)', told)
    for use in (rb"\\Sent", rb"\\Drafts", rb"\\Junk", rb"\\Trash", rb"\\Archive", rb"\\All"):
        assert re.search(rb"\* LIST \([^)]*" + use, told)


def test_a_search_misses_nothing_that_has_just_come(stack: Stack) -> None:
    """The index is made beside delivery, at low priority: a search waits for the rest of it."""
    ana, _ = stack.create_mailbox()
    for number in range(25):
        stack.deliver(letter("x@plain.test", ana, body=f"alpacas en fila, la {number}"), ana)
    with stack.imap(ana, PASSWORD) as imap:
        imap.select("INBOX")
        found = imap.uid("SEARCH", "BODY", "alpacas")[1][0].split()
    assert len(found) == 25
