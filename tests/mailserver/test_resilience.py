"""Programs die, databases are busy, certificates are renewed: no letter is lost, nobody has to come by."""

import contextlib
import imaplib
import os
import signal
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest

from mailserver import certificate
from mailserver.wait import SERVER, until_ready
from tests.mailserver.outside import letter
from tests.stack import CHECKOUT, Stack, eventually

PROGRAMS = ("unbound", "redis", "api", "rspamd", "postsrsd", "dovecot", "postfix", "sink", "watch")


def control(stack: Stack, *words: str) -> str:
    command = [str(CHECKOUT / ".venv/bin/supervisorctl")]
    command += ["-c", str(stack.root / "etc/supervisor/supervisord.conf"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout


def pid(stack: Stack, program: str) -> int:
    return int(control(stack, "pid", f"mail:{program}") or 0)


def inject(stack: Stack, raw: bytes, sender: str, to: str) -> bool:
    """True when the server took the responsibility."""
    try:
        with smtplib.SMTP("127.0.0.1", stack.ports["inject"], timeout=30) as smtp:
            smtp.sendmail(sender, [to], raw)
    except (OSError, smtplib.SMTPException):
        return False
    return True


def test_a_postfix_whose_shell_died_is_not_left_running(stack: Stack) -> None:
    """It would keep the ports, and go on reading a database that is no longer there."""
    master = int((stack.root / "data/spool/pid/master.pid").read_text())
    os.kill(pid(stack, "postfix"), signal.SIGKILL)
    eventually(lambda: int((stack.root / "data/spool/pid/master.pid").read_text() or 0) != master, 40)
    eventually(lambda: not Path(f"/proc/{master}").exists(), 40)
    assert until_ready(stack.base, 60, SERVER) == []


def test_without_postsrsd_all_mail_goes_on_that_is_not_for_it(stack: Stack) -> None:
    """With processes of Postfix that never spoke to it."""
    ana, _ = stack.create_mailbox()
    control(stack, "stop", "mail:postsrsd")
    try:
        control(stack, "restart", "mail:postfix")
        sender = "somebody@outside.test"
        eventually(lambda: inject(stack, letter(sender, ana), sender, ana), 60)
        assert not inject(
            stack, letter(sender, ana), sender, f"SRS0=AAAA=BB=sender.test=rosa@{stack.hostname}"
        )
        eventually(lambda: _arrived(stack, ana) == 1, 60)
    finally:
        control(stack, "start", "mail:postsrsd")
    assert until_ready(stack.base, 60, SERVER) == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_killed_program_comes_back_and_no_letter_is_lost(stack: Stack, program: str) -> None:
    ana, _ = stack.create_mailbox()
    taken = sum(
        inject(stack, letter("somebody@outside.test", ana), "somebody@outside.test", ana) for _ in range(3)
    )
    killed = pid(stack, program)
    os.kill(killed, signal.SIGKILL)
    for _ in range(3):
        eventually(
            lambda: inject(stack, letter("somebody@outside.test", ana), "somebody@outside.test", ana), 60
        )
        taken += 1
    eventually(lambda: pid(stack, program) not in (0, killed))
    assert until_ready(stack.base, 60, SERVER) == []
    # what waited in the queue goes at once, not at the next round
    subprocess.run(["postqueue", "-c", str(stack.root / "etc/postfix"), "-f"], check=False, timeout=30)
    eventually(lambda: _arrived(stack, ana) >= taken, 60)
    assert _arrived(stack, ana) == taken


def _arrived(stack: Stack, address: str) -> int:
    with contextlib.suppress(OSError, imaplib.IMAP4.error):
        return len(stack.messages(address))
    return 0


def _shown(stack: Stack, port: str, smtp: bool) -> bytes:
    """The certificate a client is shown."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", stack.ports[port]), 20) as connection:
        if smtp:
            connection.recv(1000)
            connection.sendall(b"EHLO x.test\r\n")
            connection.recv(4000)
            connection.sendall(b"STARTTLS\r\n")
            connection.recv(1000)
        with context.wrap_socket(connection, server_hostname="localhost") as tls:
            return tls.getpeercert(binary_form=True) or b""


def _until_shown(stack: Stack, port: str, smtp: bool, wanted: bytes) -> None:
    eventually(lambda: _shown(stack, port, smtp) == wanted, 30)


def test_a_new_certificate_needs_no_restart(stack: Stack) -> None:
    directory = stack.root / "tls"
    old = {name: (directory / name).read_bytes() for name in ("mail.key", "mail.crt")}
    before = {program: pid(stack, program) for program in ("dovecot", "postfix")}
    with stack.imap(*stack.admin) as imap:
        try:
            key, chain = certificate.make(stack.hostname)
            for name, content in (("mail.key", key), ("mail.crt", chain)):
                (directory / f"{name}.new").write_bytes(content)
                (directory / f"{name}.new").chmod(0o600)
            for name in ("mail.key", "mail.crt"):
                (directory / f"{name}.new").replace(directory / name)
            wanted = ssl.PEM_cert_to_DER_cert(chain.decode())
            for port, smtp in (("imaps", False), ("submission", True), ("submissions", False)):
                _until_shown(stack, port, smtp, wanted)
        finally:
            for name, content in old.items():
                (directory / name).write_bytes(content)
        assert imap.noop()[0] == "OK"  # who is connected stays connected
    wanted = ssl.PEM_cert_to_DER_cert(old["mail.crt"].decode())
    for port, smtp in (("imaps", False), ("submission", True), ("submissions", False)):
        _until_shown(stack, port, smtp, wanted)
    assert before == {program: pid(stack, program) for program in before}


def test_the_database_is_in_wal_mode_and_its_readers_may_write_its_side_files(stack: Stack) -> None:
    directory = stack.root / "data/db"
    connection = sqlite3.connect(directory / "mail.sqlite3")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    import grp

    group = grp.getgrnam("postfix").gr_gid
    assert directory.stat().st_gid == group
    assert directory.stat().st_mode & 0o7777 == 0o2770
    for file in directory.glob("mail.sqlite3*"):
        assert file.stat().st_gid == group
        assert file.stat().st_mode & 0o777 == 0o660, file


def test_a_busy_writer_stops_no_mail(stack: Stack) -> None:
    """In rollback-journal mode one locked read stops Postfix' proxymap for a minute."""
    ana, _ = stack.create_mailbox()
    done = threading.Event()
    changes = 0

    def write() -> None:
        nonlocal changes
        while not done.is_set():
            answer = stack.api.patch(f"boxes/{ana}", json={"name": f"Ana {changes}"})
            assert answer.status_code == 204
            changes += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(30):
            assert inject(stack, letter("somebody@outside.test", ana), "somebody@outside.test", ana)
    finally:
        done.set()
        writer.join()
    eventually(lambda: len(stack.messages(ana)) == 30)
    assert changes > 30
    log = stack.log("postfix")
    assert "database is locked" not in log


def test_the_side_files_may_vanish(stack: Stack) -> None:
    """A clean end of the last reader removes -wal and -shm; whoever comes next must be able to make them."""
    ana, _ = stack.create_mailbox()
    control(stack, "stop", "mail:api", "mail:dovecot", "mail:postfix")
    connection = sqlite3.connect(stack.root / "data/db/mail.sqlite3")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    for file in (stack.root / "data/db").glob("mail.sqlite3-*"):
        file.unlink()
    control(stack, "start", "mail:postfix", "mail:dovecot", "mail:api")
    assert until_ready(stack.base, 60, SERVER) == []
    eventually(lambda: inject(stack, letter("somebody@outside.test", ana), "somebody@outside.test", ana), 60)
    assert eventually(lambda: stack.messages(ana))


def test_mail_flows_while_the_api_is_away(stack: Stack) -> None:
    ana, _ = stack.create_mailbox()
    leo, password = stack.create_mailbox()
    control(stack, "stop", "mail:api")
    try:
        stack.send(letter(leo, ana), leo, [ana], password)
        assert eventually(lambda: stack.messages(ana))
    finally:
        control(stack, "start", "mail:api")
        assert until_ready(stack.base, 60, SERVER) == []


def test_signing_survives_an_empty_redis(stack: Stack) -> None:
    """Keys are files. With keys in Redis mail would go out unsigned, silently."""
    leo, password = stack.create_mailbox()
    to = f"reader{time.time_ns()}@outside.test"
    subprocess.run(
        ["redis-cli", "-p", str(stack.ports["redis"]), "FLUSHALL"], check=True, capture_output=True
    )
    stack.send(letter(leo, to), leo, [to], password)
    left = eventually(lambda: next((raw for raw in stack.sent() if to.encode() in raw), b""))
    assert b"DKIM-Signature" in left
