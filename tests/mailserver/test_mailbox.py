"""What a mail program finds behind IMAP and ManageSieve."""

import base64
import imaplib
import re
import socket
import threading
from collections.abc import Callable
from functools import partial

import pytest

from tests.mailserver.outside import Outside, letter, proxy_header
from tests.stack import Stack, eventually

CAPABILITIES = """
SORT THREAD=REFERENCES CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES LIST-STATUS BINARY MOVE PREVIEW STATUS=SIZE
SAVEDATE LITERAL+ NOTIFY METADATA SPECIAL-USE COMPRESS=DEFLATE QUOTA UIDPLUS IDLE NAMESPACE
"""


@pytest.mark.parametrize("capability", CAPABILITIES.split())
def test_imap_can(stack: Stack, capability: str) -> None:
    with stack.imap(*stack.admin) as imap:
        assert capability.encode() in imap.capability()[1][0].split()


def test_size_and_count_are_told(stack: Stack) -> None:
    ana, _ = stack.create_mailbox()
    assert (
        stack.api.patch(f"boxes/{ana}/quota", json={"storageLimit": 5, "countLimit": 100}).status_code == 204
    )
    stack.deliver(letter("x@plain.test", ana), ana)
    with stack.imap(ana) as imap:
        told = repr(imap.getquotaroot("INBOX")[1])
    assert re.search(r"STORAGE \d+ 5120", told)
    assert re.search(r"MESSAGE 1 100", told)


def test_all_mail_is_one_folder(stack: Stack) -> None:
    ana, _ = stack.create_mailbox()
    for _ in range(2):
        stack.deliver(letter("x@plain.test", ana), ana)
    with stack.imap(ana) as imap:
        imap.select("INBOX")
        imap.uid("MOVE", "1", "Archive")
        listed = b"\n".join(line for line in imap.list()[1] if isinstance(line, bytes))
        assert re.search(rb"\\All\b[^\n]*Virtual/All", listed)
        assert imap.select("Virtual/All")[1] == [b"2"]


def test_words_are_found_inside_letters(stack: Stack) -> None:
    ana, _ = stack.create_mailbox()
    stack.deliver(letter("x@plain.test", ana, body="La factura del contador."), ana)
    stack.deliver(letter("x@plain.test", ana), ana)
    with stack.imap(ana) as imap:
        imap.select("INBOX")
        assert imap.search(None, "BODY", "contador")[1] == [b"1"]


def test_metadata_is_kept(stack: Stack) -> None:
    ana, _ = stack.create_mailbox()
    with stack.imap(ana) as imap:
        imap.xatom("SETMETADATA", "INBOX", '(/private/comment "hola")')
        imap.xatom("GETMETADATA", "INBOX", "/private/comment")
        assert "hola" in repr(imap.untagged_responses["METADATA"])


def test_an_answer_is_sent_while_away(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    leo, password = stack.create_mailbox()
    script = 'require ["vacation"]; vacation :days 1 :subject "De viaje" "Vuelvo el lunes.";'
    assert stack.api.patch(f"boxes/{ana}/sieve", json={"script": script}).status_code == 204
    stack.send(letter(leo, ana), leo, [ana], password)
    (answer,) = eventually(lambda: stack.messages(leo))
    assert b"De viaje" in answer
    assert ana.encode() in answer


def test_moving_to_junk_teaches(stack: Stack) -> None:
    ana, _ = stack.create_mailbox()
    words = " ".join(f"premio{number} ganador{number}" for number in range(30))
    stack.deliver(letter("x@plain.test", ana, body=words), ana)
    before = learned(stack)
    with stack.imap(ana) as imap:
        imap.select("INBOX")
        imap.uid("MOVE", "1", "Junk")
        eventually(lambda: learned(stack)[0] == before[0] + 1)
        imap.select("Junk")
        imap.uid("MOVE", "1", "INBOX")
        eventually(lambda: learned(stack)[1] == before[1] + 1)


def learned(stack: Stack) -> tuple[int, int]:
    """(spam, ham) as Redis has it; Rspamd's own counters lag."""
    import redis

    with redis.Redis.from_url(stack.redis_url) as connection:
        spam, ham = (
            sum(
                int(connection.hget(key, field) or 0)
                for key in connection.scan_iter("RS*")
                if connection.type(key) == b"hash"
            )
            for field in ("learns_spam", "learns_ham")
        )
    return spam, ham


def may_sign_in(stack: Stack, visitor: str, address: str, password: str) -> bool:
    """IMAP as a visitor from the address `visitor`."""
    token = base64.b64encode(f"\0{address}\0{password}".encode())
    with socket.create_connection(("127.0.0.1", stack.ports["imaps_proxy"]), 60) as plain:
        plain.sendall(proxy_header(visitor))
        with stack.tls.wrap_socket(plain, server_hostname="localhost") as tls, tls.makefile("rb") as file:
            file.readline()
            tls.sendall(b"a AUTHENTICATE PLAIN " + token + b"\r\n")
            while line := file.readline():
                if line.startswith(b"a "):
                    return line.startswith(b"a OK")
    return False


def all_at_once(tasks: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_guessing_shuts_out_the_guesser_and_nobody_else(stack: Stack) -> None:
    ana, password = stack.create_mailbox()
    guesser, neighbour = "203.0.113.9", "203.0.113.10"
    all_at_once([partial(may_sign_in, stack, guesser, ana, f"guess-{number}") for number in range(12)])
    eventually(lambda: not may_sign_in(stack, guesser, ana, password))
    assert may_sign_in(stack, neighbour, ana, password)
    with stack.imap(ana, password) as imap:  # the webmail's own address
        assert imap.noop()[0] == "OK"


def test_the_webmails_address_is_never_shut_out(stack: Stack) -> None:
    ana, password = stack.create_mailbox()

    def guess(number: int) -> None:
        with pytest.raises(imaplib.IMAP4.error), stack.imap(ana, f"guess-{number}"):
            pass

    all_at_once([partial(guess, number) for number in range(35)])
    with stack.imap(ana, password) as imap:
        assert imap.noop()[0] == "OK"


def test_a_changed_password_counts_at_once(stack: Stack) -> None:
    ana, old = stack.create_mailbox()
    with stack.imap(ana, old):
        pass
    assert (
        stack.api.patch(f"boxes/{ana}", json={"passwordPlaintext": "another-good-one-7"}).status_code == 204
    )
    with pytest.raises(imaplib.IMAP4.error), stack.imap(ana, old):
        pass
    with stack.imap(ana, "another-good-one-7") as imap:
        assert imap.noop()[0] == "OK"


def test_a_change_is_heard_by_who_waits(stack: Stack) -> None:
    ana, _ = stack.create_mailbox()
    with stack.imap(ana) as imap:
        imap.select("INBOX")
        imap.send(b"x IDLE\r\n")
        assert imap.readline().startswith(b"+")
        stack.deliver(letter("x@plain.test", ana), ana)
        # A first keyword is told before the letter that brings it.
        assert any(b"EXISTS" in imap.readline() for _ in range(3))
        imap.send(b"DONE\r\n")
        eventually(lambda: imap.readline().startswith(b"x OK"))


def test_passwords_are_not_taken_in_the_clear_from_outside(stack: Stack) -> None:
    """Loopback counts as secured for Dovecot, so this is asked as a stranger."""
    with socket.create_connection(("127.0.0.1", stack.ports["imap_proxy"]), 20) as connection:
        connection.sendall(proxy_header("203.0.113.20"))
        file = connection.makefile("rb")
        assert b"LOGINDISABLED" in file.readline()
        connection.sendall(b"a LOGIN x y\r\n")
        answer = file.readline()
        while not answer.startswith(b"a "):
            answer = file.readline()
        assert b"PRIVACYREQUIRED" in answer
