"""A strict IMAP server of the test's own: it reads commands by the grammar of RFC 9051, 9, and nothing else.

What is not a well-formed command of a known name is an error, so an injected line cannot pass for one.
It keeps what it understood, so that a test can say which commands came, with which strings.
"""

import io
import re
from dataclasses import dataclass, field

NAMES = {
    *("NOOP", "CAPABILITY", "SELECT", "UNSELECT", "LIST", "LSUB", "STATUS", "CREATE", "RENAME", "DELETE"),
    *(
        "SUBSCRIBE",
        "UNSUBSCRIBE",
        "APPEND",
        "FETCH",
        "LOGIN",
        "ENABLE",
        "ID",
        "AUTHENTICATE",
        "LOGOUT",
        "NAMESPACE",
    ),
    *(
        "UID FETCH",
        "UID SEARCH",
        "UID SORT",
        "UID STORE",
        "UID MOVE",
        "UID COPY",
        "UID EXPUNGE",
        "UID THREAD",
    ),
}
ATOM = re.compile(rb"[^\x00-\x20\x7f-\xff(){\"\\]+|\\[A-Za-z*]+")


class NotIMAP(AssertionError):
    pass


@dataclass
class Command:
    name: str
    arguments: list[object]

    @property
    def strings(self) -> list[bytes]:
        """Every quoted string and literal, at any depth."""
        return [bytes(value) for value in flatten(self.arguments) if isinstance(value, String)]


class String(bytes):
    """What came quoted or as a literal."""


def flatten(values: list[object]) -> list[object]:
    return [leaf for v in values for leaf in (flatten(v) if isinstance(v, list) else [v])]


@dataclass
class Server:
    """Both ends of a connection: give it to Connection as socket and as file."""

    commands: list[Command] = field(default_factory=list)
    received: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._unread = b""
        self._out = io.BytesIO()

    # as a socket

    def sendall(self, octets: bytes) -> None:
        self.received += octets
        self._unread += octets
        self._take()

    def settimeout(self, seconds: float) -> None:
        return None

    def fileno(self) -> int:
        raise ValueError("no file")

    def close(self) -> None:
        return None

    # as a file

    def readline(self, limit: int = -1) -> bytes:
        return self._out.readline(limit)

    def read(self, size: int) -> bytes:
        return self._out.read(size)

    # as a server

    def _take(self) -> None:
        while self._unread:
            reader = Reader(self._unread)
            try:
                tag, name, arguments = reader.command()
            except NeedsMore as more:
                if more.wants_go_ahead:
                    self._say(b"+ go on\r\n")
                return
            self._unread = self._unread[reader.position :]
            self.commands.append(Command(name, arguments))
            self._answer(tag, name, arguments)

    def _say(self, octets: bytes) -> None:
        position = self._out.tell()
        self._out.seek(0, io.SEEK_END)
        self._out.write(octets)
        self._out.seek(position)

    def _answer(self, tag: bytes, name: str, arguments: list[object]) -> None:
        if name == "SELECT":
            self._say(
                b"* 3 EXISTS\r\n* OK [UIDVALIDITY 9] ok\r\n"
                b"* OK [UIDNEXT 8] ok\r\n* OK [HIGHESTMODSEQ 5] ok\r\n"
            )
        elif name == "UID SEARCH" and b"RETURN" in arguments:
            self._say(b'* ESEARCH (TAG "x") UID ALL 5:7\r\n')
        elif name == "UID SEARCH":
            self._say(b"* SEARCH 5 6 7\r\n")
        elif name in ("FETCH", "UID FETCH"):
            self._say(b"".join(b"* %d FETCH (UID %d FLAGS (\\Seen))\r\n" % (n, n + 4) for n in (1, 2, 3)))
        elif name == "STATUS":
            self._say(b"* STATUS x (MESSAGES 3 UIDNEXT 8 UNSEEN 1)\r\n")
        self._say(tag + b" OK done\r\n")


class NeedsMore(Exception):
    def __init__(self, wants_go_ahead: bool = False) -> None:
        self.wants_go_ahead = wants_go_ahead


class Reader:
    def __init__(self, octets: bytes) -> None:
        self.octets, self.position = octets, 0

    def command(self) -> tuple[bytes, str, list[object]]:
        tag = self._match(rb"P[0-9]+")
        self._match(rb" ")
        name = self._match(rb"[A-Z]+").decode()
        if name == "UID":
            self._match(rb" ")
            name += " " + self._match(rb"[A-Z]+").decode()
        if name not in NAMES:
            raise NotIMAP(f"unknown command {name!r}")
        arguments: list[object] = []
        while not self.octets.startswith(b"\r\n", self.position):
            self._match(rb" ")
            arguments.append(self._value())
        self.position += 2
        return tag, name, arguments

    def _value(self) -> object:
        start = self.octets[self.position : self.position + 1]
        if start == b"(":
            return self._list()
        if start == b'"':
            quoted = self._match(rb'"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"')
            return String(re.sub(rb"\\(.)", rb"\1", quoted[1:-1]))
        if start == b"{":
            return self._literal()
        # An atom may carry a section: BODY.PEEK[HEADER.FIELDS (DATE)]<0.9>
        return self._match(
            rb"[^\x00-\x20\x7f-\xff(){\"\\\[\]]+\[[A-Z0-9. ()\-]*\](<[0-9.]+>)?|" + ATOM.pattern
        )

    def _list(self) -> list[object]:
        self._match(rb"\(")
        found: list[object] = []
        while not self.octets.startswith(b")", self.position):
            if found:
                self._match(rb" ")
            found.append(self._value())
        self.position += 1
        return found

    def _literal(self) -> String:
        head = self._match(rb"\{[0-9]+\+?\}\r\n")
        size = int(re.sub(rb"[^0-9]", b"", head))
        whole = self.octets[self.position : self.position + size]
        if len(whole) < size:
            raise NeedsMore(wants_go_ahead=not whole and b"+" not in head)
        self.position += size
        return String(whole)

    def _match(self, pattern: bytes) -> bytes:
        found = re.compile(pattern).match(self.octets, self.position)
        if not found:
            if self.position >= len(self.octets):
                raise NeedsMore
            raise NotIMAP(f"{self.octets[self.position : self.position + 60]!r} is no {pattern!r}")
        self.position = found.end()
        return found[0]
