"""The PROXY twins, with STARTTLS and with TLS from the first byte: the visitor is seen, and served."""

import base64
import io
import re
import smtplib
import socket

import pytest

from tests.mailserver.outside import Outside, letter, proxy_header
from tests.stack import Stack, eventually

VISITOR = "203.0.113.91"


def knock(stack: Stack, port: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", stack.ports[port]), 30)
    connection.sendall(proxy_header(VISITOR))
    return connection


def until(file: io.IOBase, start: bytes) -> list[bytes]:
    """Lines up to the one that begins like that; the end of the stream is a failure."""
    lines: list[bytes] = []
    while True:
        line = file.readline()
        assert line, f"it hung up after {lines}"
        lines.append(line)
        if line.startswith(start):
            return lines


def test_imap_learns_of_the_visitor_before_starttls(stack: Stack) -> None:
    ana, password = stack.create_mailbox()
    with knock(stack, "imap_proxy") as plain:
        until(plain.makefile("rb", buffering=0), b"* OK")
        plain.sendall(b"a STARTTLS\r\n")
        until(plain.makefile("rb", buffering=0), b"a OK")
        with stack.tls.wrap_socket(plain, server_hostname="localhost") as tls, tls.makefile("rb") as file:
            tls.sendall(f'b LOGIN "{ana}" "{password}"\r\nc SELECT INBOX\r\n'.encode())
            until(file, b"b OK")
            until(file, b"c OK")
    pattern = rf"imap-login: Info: Login: user=<{ana}>.*rip={re.escape(VISITOR)},.*TLS"
    eventually(lambda: re.search(pattern, stack.log("dovecot")))


def test_managesieve_learns_of_the_visitor_and_takes_a_script(stack: Stack) -> None:
    ana, password = stack.create_mailbox()
    token = base64.b64encode(f"\0{ana}\0{password}".encode()).decode()
    with knock(stack, "sieve_proxy") as plain:
        greeting = until(plain.makefile("rb", buffering=0), b"OK")
        assert b'"STARTTLS"\r\n' in greeting
        assert b'"SASL" ""\r\n' in greeting  # no password in the clear
        plain.sendall(b"STARTTLS\r\n")
        until(plain.makefile("rb", buffering=0), b"OK")
        with stack.tls.wrap_socket(plain, server_hostname="localhost") as tls, tls.makefile("rb") as file:
            until(file, b"OK")
            tls.sendall(f'AUTHENTICATE "PLAIN" "{token}"\r\n'.encode())
            until(file, b"OK")
            tls.sendall(b'PUTSCRIPT "one" {5+}\r\nkeep;\r\nSETACTIVE "one"\r\nLISTSCRIPTS\r\n')
            until(file, b"OK")
            until(file, b"OK")
            assert b'"one" ACTIVE\r\n' in until(file, b"OK")
    pattern = rf"managesieve-login: Info: Login: user=<{ana}>.*rip={re.escape(VISITOR)},.*TLS"
    eventually(lambda: re.search(pattern, stack.log("dovecot")))


class Proxied(smtplib.SMTP):
    def __init__(self, stack: Stack, port: str) -> None:
        self.stack, self.name = stack, port
        super().__init__("localhost", stack.ports[port], local_hostname="laptop.test", timeout=60)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = knock(self.stack, self.name)
        if self.name != "submissions_proxy":
            return connection
        return self.stack.tls.wrap_socket(connection, server_hostname=host)


@pytest.mark.parametrize("port", ["submission_proxy", "submissions_proxy"])
def test_submission_learns_of_the_visitor_and_tells_nobody(stack: Stack, port: str, outside: Outside) -> None:
    ana, password = stack.create_mailbox()
    with Proxied(stack, port) as smtp:
        if port == "submission_proxy":
            smtp.starttls(context=stack.tls)
        smtp.login(ana, password)
        smtp.sendmail(ana, [ana], letter(ana, ana))
    (received,) = eventually(lambda: stack.messages(ana))
    assert VISITOR.encode() not in received
    assert b"laptop.test" not in received
    service = port.removesuffix("_proxy")
    pattern = rf"postfix/{service}/smtpd.*client=\S*\[{re.escape(VISITOR)}\].*sasl_username={re.escape(ana)}"
    eventually(lambda: re.search(pattern, stack.log("postfix")))


@pytest.mark.parametrize("port", ["submission_proxy", "submissions_proxy"])
def test_behind_the_balancer_too_nobody_sends_without_signing_in(stack: Stack, port: str) -> None:
    ana, _ = stack.create_mailbox()
    with Proxied(stack, port) as smtp:
        if port == "submission_proxy":
            assert smtp.docmd("MAIL FROM:<a@b.test>")[0] in (503, 530)  # not before TLS
            smtp.starttls(context=stack.tls)
        smtp.ehlo()
        smtp.mail(ana)
        assert smtp.rcpt(ana)[0] >= 500
