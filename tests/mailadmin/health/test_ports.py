"""Every port of the real server, and strangers that behave badly."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mailadmin.health import ports
from mailadmin.health.reading import Status

NAMES = ("smtp", "submission", "submissions", "imap", "imaps", "sieve")


@pytest.mark.parametrize("name", NAMES)
def test_every_port_of_the_real_server_answers_with_its_certificate(stack: Any, name: str) -> None:
    place = ports.Place(name, "127.0.0.1", stack.ports[name])
    reading, served = ports.ask(place, stack.hostname, str(stack.root / "tls/mail.crt"))
    assert (reading.status, reading.code) == (Status.PASS, "port.answers"), reading
    assert served.der
    assert served.distrust == ""


def test_an_unknown_authority_is_said_and_the_port_still_works(stack: Any) -> None:
    reading, served = ports.ask(ports.Place("imaps", "127.0.0.1", stack.ports["imaps"]), stack.hostname)
    assert reading.status is Status.PASS
    assert "self" in served.distrust


def test_a_port_behind_the_proxy_protocol_greets(stack: Any) -> None:
    place = ports.Place("imaps", "127.0.0.1", stack.ports["imaps_proxy"], proxied=True)
    reading, _served = ports.ask(place, stack.hostname, str(stack.root / "tls/mail.crt"))
    assert reading.status is Status.PASS
    ports.greet(place)


@contextmanager
def stranger(talk: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server that does `talk` with whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    guest, _ = server.accept()
                except TimeoutError:
                    continue
                with guest:
                    guest.settimeout(5)
                    try:
                        talk(guest)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            done.set()
            thread.join()


def code(talk: Callable[[socket.socket], object], name: str = "imap", seconds: float = 1.0) -> str:
    with stranger(talk) as port:
        reading, served = ports.ask(ports.Place(name, "127.0.0.1", port), "mail.kronos.test", "", seconds)
    assert served.der == b""
    assert reading.status is Status.FAIL
    return reading.code


def test_the_wrong_greeting() -> None:
    assert code(lambda guest: guest.sendall(b"* BYE too many connections\r\n")) == "port.mute"
    assert code(lambda guest: guest.sendall(b"HTTP/1.1 400 Bad Request\r\n"), "smtp") == "port.mute"
    assert code(lambda guest: guest.sendall(b"554 go away\r\n"), "smtp") == "port.mute"


def test_one_that_hangs_up_says_nothing_or_never_stops() -> None:
    assert code(lambda guest: None) == "port.mute"
    assert code(lambda guest: guest.recv(1), seconds=0.3) == "port.slow"
    assert code(lambda guest: guest.sendall(b"* " + b"x" * 10_000)) == "port.mute"
    assert code(lambda guest: guest.sendall(b"220-more\r\n" * 1000), "smtp") == "port.mute"


def test_encryption_that_fails() -> None:
    assert code(lambda guest: guest.sendall(b"plain text\r\n"), "imaps") == "port.tls"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    reading, _served = ports.ask(ports.Place("sieve", "127.0.0.1", port), "mail.kronos.test")
    assert (reading.code, reading.critical) == ("port.closed", True)
