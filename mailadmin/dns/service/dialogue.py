"""A conversation line by line, as SMTP, IMAP, POP3 and ManageSieve hold it: bounded in time and in size."""

import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from mailadmin.dns.network import Unreachable

PATIENCE = 15.0  # a greeting may be slow on purpose; more than 10 s is reported
LONGEST_LINE = 2048
MOST_LINES = 100


class Dialogue:
    """Owns the socket. Every way a conversation can break is one `Unreachable`."""

    def __init__(self, connection: socket.socket, patience: float = PATIENCE) -> None:
        self.socket = connection
        self.patience = patience
        self.own = str(connection.getsockname()[0])
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self.socket.close()

    def line(self) -> str:
        until = time.monotonic() + self.patience
        while b"\n" not in self._rest:
            if len(self._rest) > LONGEST_LINE:
                raise Unreachable("garbled", "a line without an end")
            self._rest += self._receive(until)
        line, _, self._rest = self._rest.partition(b"\n")
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def some(self) -> bytes:
        """Whatever comes next."""
        data, self._rest = self._rest, b""
        return data or self._receive(time.monotonic() + self.patience)

    def send(self, text: str) -> None:
        self.raw(text.encode() + b"\r\n")

    def raw(self, data: bytes) -> None:
        try:
            self.socket.settimeout(self.patience)
            self.socket.sendall(data)
        except TimeoutError:
            raise Unreachable("timeout") from None
        except OSError:
            raise Unreachable("closed") from None

    def secure(self, context: ssl.SSLContext, name: str) -> None:
        """From here on TLS. What was sent before it is not believed (CVE-2011-0411)."""
        self._rest = b""
        try:
            self.socket.settimeout(self.patience)
            self.socket = context.wrap_socket(self.socket, server_hostname=name)
        except TimeoutError:
            raise Unreachable("timeout") from None
        except ssl.SSLCertVerificationError:
            raise
        except (OSError, ValueError) as error:
            raise Unreachable("tls", str(getattr(error, "reason", "") or error)[:100]) from None

    def _receive(self, until: float) -> bytes:
        left = until - time.monotonic()
        if left <= 0:
            raise Unreachable("timeout")
        try:
            self.socket.settimeout(left)
            data = self.socket.recv(4096)
        except TimeoutError:
            raise Unreachable("timeout") from None
        except OSError:
            raise Unreachable("closed") from None
        if not data:
            raise Unreachable("closed")
        return data


@dataclass(frozen=True, slots=True)
class Reply:
    """RFC 5321, 4.2: three digits and text."""

    code: int
    lines: tuple[str, ...]

    @property
    def good(self) -> bool:
        return 200 <= self.code < 300

    @property
    def later(self) -> bool:
        return 400 <= self.code < 500

    @property
    def text(self) -> str:
        return f"{self.code} {' '.join(self.lines)}"[:200]


def smtp_reply(talk: Dialogue) -> Reply:
    lines: list[str] = []
    while len(lines) < MOST_LINES:
        line = talk.line()
        if not (line[:3].isascii() and line[:3].isdigit()) or line[3:4] not in ("", " ", "-"):
            raise Unreachable("garbled", line[:60])
        lines.append(line[4:])
        if line[3:4] != "-":
            return Reply(int(line[:3]), tuple(lines))
    raise Unreachable("garbled", "a reply without an end")
