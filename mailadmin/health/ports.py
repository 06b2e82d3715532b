"""Does every port answer with its own greeting, and which certificate does it show?"""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from postie_web.lib import proxy_protocol

from .reading import Reading, critical, ok

SECONDS = 10.0  # postscreen lets strangers wait for two before it greets
LONGEST_LINE = 2048
MOST_LINES = 100
TLS_FROM_THE_START = ("submissions", "imaps", "https")
NAMES = ("smtp", "submission", "submissions", "imap", "imaps", "sieve", "https")


USUAL = "smtp=25,submissions=465,submission=587,imaps=993,imap=143,sieve=4190,https=443"


class Mute(Exception):
    """It is there, but does not say what it should: the words are ours."""


@dataclass(frozen=True, slots=True)
class Place:
    """One door of the mail server. `proxied`: it waits for a PROXY header first."""

    name: str
    host: str
    port: int
    proxied: bool = False


@dataclass(frozen=True, slots=True)
class Served:
    """The certificate a port showed (DER), and why it is not trusted; both empty without TLS."""

    place: Place
    der: bytes = b""
    distrust: str = ""


def places(text: str, host: str, public: str) -> list[Place]:
    """'smtp=25,imaps=other.test:993' → places; https is at the public name. Raises ValueError in words."""
    found = []
    for entry in filter(None, (part.strip() for part in (text or USUAL).split(","))):
        name, _, where = entry.partition("=")
        at, _, port = where.rpartition(":")
        if name not in NAMES or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError(
                f"HEALTH_PORTS: {entry!r} is not NAME=[HOST:]PORT with one of {', '.join(NAMES)}"
            )
        found.append(Place(name, at or (public if name == "https" else host), int(port)))
    return found


def ask(
    place: Place, server_name: str, ca_file: str = "", seconds: float = SECONDS
) -> tuple[Reading, Served]:
    """The greeting, then TLS. An untrusted certificate is looked at all the same: the port itself works."""
    part, where = f"port.{place.name}", {"name": place.name, "port": place.port}
    started = time.monotonic()
    try:
        der, distrust = _look(place, server_name, ca_file, seconds)
    except Mute as said:
        return critical(part, "port.mute", said=str(said), **where), Served(place)
    except TimeoutError:
        return critical(part, "port.slow", seconds=round(seconds), **where), Served(place)
    except ssl.SSLError as error:
        return critical(part, "port.tls", said=error.reason or "", **where), Served(place)
    except OSError as error:
        return critical(part, "port.closed", said=type(error).__name__, **where), Served(place)
    took = round((time.monotonic() - started) * 1000)
    return ok(part, "port.answers", milliseconds=took, **where), Served(place, der, distrust)


def greet(place: Place, seconds: float = SECONDS) -> None:
    """Its own greeting, behind TLS where TLS comes first; whose certificate it is does not matter here.

    Raises OSError (also for TLS), TimeoutError or Mute.
    """
    with _connected(place, seconds) as line:
        if place.name in TLS_FROM_THE_START:
            line.secure(_blind(), "")
        _greet(place.name, line)


def _look(place: Place, server_name: str, ca_file: str, seconds: float) -> tuple[bytes, str]:
    try:
        return _certificate(place, server_name, _trusting(ca_file), seconds), ""
    except ssl.SSLCertVerificationError as error:
        return _certificate(place, server_name, _blind(), seconds), error.verify_message or "not trusted"


def _blind() -> ssl.SSLContext:
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    return blind


def _trusting(ca_file: str) -> ssl.SSLContext:
    """Names are judged by us (certificate.py), so that one sentence can say which one is missing."""
    context = ssl.create_default_context(cafile=ca_file or None)
    context.check_hostname = False
    return context


def _certificate(place: Place, server_name: str, context: ssl.SSLContext, seconds: float) -> bytes:
    with _connected(place, seconds) as line:
        if place.name in TLS_FROM_THE_START:
            line.secure(context, server_name)
        _greet(place.name, line)
        if place.name not in TLS_FROM_THE_START:
            _starttls(place.name, line)
            line.secure(context, server_name)
        return line.certificate()


class _Line:
    """A connection with one deadline for all of it."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self.sock, self.deadline, self._held = sock, deadline, b""

    def _wait(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(left)

    def secure(self, context: ssl.SSLContext, server_name: str) -> None:
        self._wait()
        self._held = b""
        self.sock = context.wrap_socket(self.sock, server_hostname=server_name or None)

    def certificate(self) -> bytes:
        return self.sock.getpeercert(binary_form=True) or b"" if isinstance(self.sock, ssl.SSLSocket) else b""

    def say(self, text: bytes) -> None:
        self._wait()
        self.sock.sendall(text)

    def hear(self) -> bytes:
        while b"\n" not in self._held:
            if len(self._held) > LONGEST_LINE:
                raise Mute("a line without an end")
            self._wait()
            piece = self.sock.recv(1024)
            if not piece:
                raise Mute("it hung up")
            self._held += piece
        said, _, self._held = self._held.partition(b"\n")
        return said.rstrip(b"\r")

    def hear_until(self, *last: bytes) -> bytes:
        """The first line that begins with one of `last`; anything before it must be a part of the answer."""
        for _ in range(MOST_LINES):
            said = self.hear()
            if said.startswith(last):
                return said
            if not said[:4].endswith(b"-") and not said.startswith((b'"', b"*")):
                raise Mute(said[:80].decode("ascii", "replace"))
        raise Mute("too many lines")


@contextmanager
def _connected(place: Place, seconds: float) -> Iterator[_Line]:
    with socket.create_connection((place.host, place.port), timeout=seconds) as sock:
        line = _Line(sock, time.monotonic() + seconds)
        try:
            if place.proxied:
                line.say(proxy_protocol.header("", ""))
            yield line
        finally:
            line.sock.close()


def _greet(name: str, line: _Line) -> None:
    if name == "https":
        line.say(b"HEAD / HTTP/1.0\r\n\r\n")
    expected = {
        "smtp": b"220 ", "submission": b"220 ", "submissions": b"220 ",
        "imap": b"* OK", "imaps": b"* OK", "sieve": b"OK", "https": b"HTTP/",
    }  # fmt: skip
    line.hear_until(expected[name])


def _starttls(name: str, line: _Line) -> None:
    if name in ("smtp", "submission"):
        line.say(b"EHLO health.invalid\r\n")
        line.hear_until(b"250 ")
        line.say(b"STARTTLS\r\n")
        line.hear_until(b"220 ")
    elif name == "imap":
        line.say(b"a STARTTLS\r\n")
        line.hear_until(b"a OK")
    else:  # RFC 5804, 2.2: the greeting may be repeated after it
        line.say(b"STARTTLS\r\n")
        line.hear_until(b"OK")
