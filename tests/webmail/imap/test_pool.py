"""Warm connections, and what happens when the server goes away, refuses, is full, or says nothing."""

import itertools
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from webmail.imap import append, door, errors, flags, folders, listing, move
from webmail.imap.pool import Limits, Pool
from webmail.imap.wire import Atom

_names = itertools.count(1)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def someone(mail: dovecot.Dovecot) -> Credentials:
    return mail.credentials(f"pool{next(_names)}")


@pytest.fixture
def pool(mail: dovecot.Dovecot, clock: Clock) -> Iterator[Pool]:
    made = Pool(lambda c: door.open_connection(mail.server, c), Limits(total=3, wait_seconds=0.2), clock)
    yield made
    made.close()


def test_the_second_request_finds_the_first_ones_connection(pool: Pool, someone: Credentials) -> None:
    with pool.connection(someone) as first:
        first.select("INBOX")
    with pool.connection(someone) as second:
        assert second is first
        assert second.view
        assert second.view.name == "INBOX"


def test_one_person_never_gets_anothers(pool: Pool, mail: dovecot.Dovecot) -> None:
    with pool.connection(mail.credentials("uno")) as uno:
        append.append(uno, "INBOX", dovecot.letter(1))
    with pool.connection(mail.credentials("dos")) as dos:
        assert dos is not uno
        assert listing.page(dos, "INBOX").total == 0


def test_a_wrong_password_is_refused_even_while_a_connection_is_warm(
    pool: Pool, someone: Credentials
) -> None:
    with pool.connection(someone):
        pass
    wrong = Credentials(address=someone.address, password="wrong")
    with pytest.raises(errors.Unauthorized), pool.connection(wrong):
        pass
    assert someone.password not in repr(pool.__dict__)


def test_an_error_in_between_keeps_a_sound_connection_and_drops_a_broken_one(pool: Pool, someone) -> None:
    with pytest.raises(errors.NotFound), pool.connection(someone) as first:
        first.select("Nada")
    with pool.connection(someone) as again:
        assert again is first
        again._socket.shutdown(socket.SHUT_RDWR)
        with pytest.raises(errors.Unavailable):
            again.run(Atom("NOOP"))
    with pool.connection(someone) as fresh:
        assert fresh is not first


def test_idle_connections_are_closed_and_sleepers_checked(pool: Pool, clock: Clock, someone) -> None:
    with pool.connection(someone) as first:
        pass
    clock.now += 60
    with pool.connection(someone) as second:
        assert second is first
    clock.now += 700
    with pool.connection(someone) as third:
        assert third is not first
    clock.now += 5
    assert pool.count() == 1


def test_the_total_is_bounded_by_closing_the_longest_unused(pool: Pool, mail, clock) -> None:
    for number in range(6):
        clock.now += 1
        with pool.connection(mail.credentials(f"many{number}")):
            assert pool.count() <= 3


def test_two_at_once_and_no_third(pool: Pool, someone: Credentials) -> None:
    with pool.connection(someone) as one, pool.connection(someone) as two:
        assert one is not two
        with pytest.raises(errors.Unavailable), pool.connection(someone):
            pass


def test_logout_closes(pool: Pool, someone: Credentials) -> None:
    with pool.connection(someone) as first:
        pass
    pool.forget(someone)
    assert pool.count() == 0
    assert first.is_broken


def test_a_server_that_allows_one_connection_is_shared(clock: Clock) -> None:
    with dovecot.dovecot(connections=1) as mail:
        pool = Pool(lambda c: door.open_connection(mail.server, c), Limits(wait_seconds=10))
        person = mail.credentials("ana")
        done: list[int] = []

        def work() -> None:
            with pool.connection(person) as imap:
                append.append(imap, "INBOX", dovecot.letter(1))
                done.append(folders.status(imap, "INBOX").messages)

        with pool.connection(person):
            threads = [threading.Thread(target=work) for _ in range(3)]
            for thread in threads:
                thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(done) == [1, 2, 3]
        pool.close()


def test_a_restart_is_survived_and_nothing_is_lost() -> None:
    with dovecot.dovecot() as mail:
        pool = Pool(lambda c: door.open_connection(mail.server, c), Limits(back_off_seconds=0.01))
        person = mail.credentials("ana")
        with pool.connection(person) as imap:
            append.append(imap, "INBOX", dovecot.letter(1))
            listing.page(imap, "INBOX")
        mail.stop()
        dovecot.eventually(lambda: _total(pool, person) == -1)
        for _ in range(3):
            with pytest.raises(errors.Unavailable), pool.connection(person) as imap:
                listing.page(imap, "INBOX")
        mail.start()
        dovecot.eventually(lambda: _total(pool, person) == 1)
        pool.close()


def _total(pool: Pool, person: Credentials) -> int:
    try:
        with pool.connection(person) as imap:
            return listing.page(imap, "INBOX").total
    except errors.Unavailable:
        return -1


def test_a_full_mailbox_says_so_and_keeps_what_it_has() -> None:
    with dovecot.dovecot(quota="20k") as mail:
        imap = mail.open("ana")
        append.append(imap, "INBOX", dovecot.letter(1))
        with pytest.raises(errors.Full):
            append.append(imap, "INBOX", dovecot.letter(2) + b"x" * 30_000)
        with pytest.raises(errors.Full):
            [move.copy(imap, "INBOX", [1], "Sent") for _ in range(200)]
        assert listing.page(imap, "INBOX").total == 1
        imap.log_out()


def test_a_read_only_folder_refuses_in_words() -> None:
    rules = Path(tempfile.mkdtemp(prefix="postie-acl-"))
    rules.chmod(0o755)
    (rules / "acl").write_text("Fijo owner lrip\n")
    plugin = f"plugin {{\n acl = vfile:{rules}/acl\n}}"
    with dovecot.dovecot("protocol imap {\n mail_plugins = $mail_plugins acl\n}\n" + plugin) as mail:
        imap = mail.open("ana")
        folders.create(imap, "Fijo")
        append.append(imap, "Fijo", dovecot.letter(1))
        imap.log_out()
        (rules / "acl").write_text("Fijo owner lr\n")
        imap = mail.open("ana")
        assert imap.select("Fijo").read_only
        for act in (
            lambda: move.move(imap, "Fijo", [1], "Trash"),
            lambda: flags.add(imap, "Fijo", [1], ["\\Seen"]),
            lambda: move.expunge(imap, "Fijo", [1]),
        ):
            with pytest.raises(errors.Rejected) as refused:
                act()
            assert refused.value.code == "NOPERM"
        assert flags.current(imap, "Fijo", [1]) == {1: frozenset()}
        imap.log_out()
    shutil.rmtree(rules)


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        server = door.Server(host="127.0.0.1", port=silent.getsockname()[1], security="none", timeout=0.2)
        with pytest.raises(errors.Unavailable):
            door.open_connection(server, Credentials(address="a", password="b"))


def test_a_renewed_certificate_is_read_and_an_old_one_not_again(tmp_path: Path) -> None:
    own = tmp_path / "ca.crt"
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", own)
    server = door.Server(host="localhost", port=993, ca_file=str(own))
    first = door.tls_context(server)
    assert door.tls_context(server) is first
    os.utime(own, (1, 1))
    assert door.tls_context(server) is not first
    own.unlink()
    with pytest.raises(FileNotFoundError):
        door.tls_context(server)


def test_nobody_there_is_unavailable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(errors.Unavailable):
        door.open_connection(
            door.Server(host="127.0.0.1", port=port, security="none"), Credentials(address="a", password="b")
        )


def test_inbox_stays_open_on_a_connection_of_its_own(pool: Pool, someone: Credentials) -> None:
    with pool.connection(someone, "INBOX") as first:
        first.select("INBOX")
    with pool.connection(someone, "Trash") as second:
        assert second is not first
        second.select("Trash")
    with pool.connection(someone, "INBOX") as again:
        assert again is first
        assert again.view
        assert again.view.name == "INBOX"
    with pool.connection(someone, "Sent") as third:
        assert third is second
