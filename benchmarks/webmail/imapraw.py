"""A minimal IMAP client over one socket: what Dovecot itself needs, with no cost of parsing."""

import re
import socket
import time
from contextlib import suppress
from dataclasses import dataclass

from .place import IMAP_PORT, PASSWORD

_LITERAL = re.compile(rb"\{(\d+)\}\r\n$")


@dataclass(frozen=True, slots=True)
class Reply:
    lines: list[bytes]
    size: int

    @property
    def ok(self) -> bool:
        return b" OK" in self.lines[-1][:12]

    def uids(self) -> list[int]:
        """The numbers of a SORT, SEARCH or ESEARCH (ALL, PARTIAL) answer."""
        for line in self.lines:
            if line.startswith((b"* SORT", b"* SEARCH")):
                return [int(word) for word in line.split()[2:]]
            if line.startswith(b"* ESEARCH"):
                found = re.search(rb"(?:ALL|PARTIAL \(\S+) ([\d:,]+)", line)
                return _expand(found[1]) if found else []
        return []


def _expand(words: bytes) -> list[int]:
    numbers: list[int] = []
    for word in words.split(b","):
        first, _, last = word.partition(b":")
        a, b = int(first), int(last or first)
        numbers.extend(range(a, b + 1) if b >= a else range(a, b - 1, -1))
    return numbers


class Imap:
    def __init__(self, user: str, password: str = PASSWORD, timeout: float = 180) -> None:
        self._socket = socket.create_connection(("127.0.0.1", IMAP_PORT), timeout=timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb", buffering=1 << 16)
        self._count = 0
        started = time.perf_counter()
        self._file.readline()
        if not (reply := self.command(f'LOGIN "{user}" "{password}"')).ok:
            raise RuntimeError(reply.lines[-1])
        self.login_seconds = time.perf_counter() - started

    def command(self, text: str, literal: bytes | None = None) -> Reply:
        self._count += 1
        tag = b"t%d" % self._count
        octets = tag + b" " + text.encode()
        if literal is not None:
            octets += b" {%d+}\r\n" % len(literal) + literal
        self._socket.sendall(octets + b"\r\n")
        return self._read(tag + b" ")

    def _read(self, end: bytes) -> Reply:
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._file.readline()
            if not line:
                raise ConnectionError("Dovecot closed the connection")
            size += len(line)
            found = _LITERAL.search(line) if line.endswith(b"}\r\n") else None
            lines.append(line.rstrip(b"\r\n"))
            if found:
                lines.append(self._file.read(int(found[1])))
                size += len(lines[-1])
            elif line.startswith(end):
                return Reply(lines, size)

    def select(self, folder: str) -> int:
        """How many messages it has."""
        reply = self.command(f'SELECT "{folder}"')
        for line in reply.lines:
            if found := re.match(rb"\* (\d+) EXISTS", line):
                return int(found[1])
        raise RuntimeError(reply.lines[-1])

    def uid_of(self, message_id: str) -> int | None:
        found = self.command(f'UID SEARCH HEADER Message-ID "{message_id}"').uids()
        return found[0] if found else None

    def close(self) -> None:
        with suppress(OSError):
            self.command("LOGOUT")
        self._file.close()
        self._socket.close()
