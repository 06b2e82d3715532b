"""DNS over the wire: one question to many servers at once, UDP first, TCP when truncated. RFC 1035, 7766.

The only file that knows sockets for DNS; `Transport` is the seam for a planned zone and for benchmarks.
"""

import secrets
import select
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype

PAYLOAD = 1232  # DNS flag day 2020: fits every path without fragments
PATIENCE = 1.0  # seconds per try: a lost datagram is asked again within the 2 s of rule E10
TRIES = 2


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    kind: str
    address: str
    port: int = 53
    recursive: bool = False
    dnssec: bool = False  # DO: signatures wanted
    unchecked: bool = False  # CD: do not validate, to tell bogus from broken


@dataclass(frozen=True, slots=True)
class Reply:
    message: dns.message.Message | None
    elapsed: float
    error: str = ""


class Transport(Protocol):
    def __call__(self, questions: Sequence[Question]) -> list[Reply]: ...


def exchange(questions: Sequence[Question]) -> list[Reply]:
    """Asks all at once and waits for all: the slowest server decides, not their sum."""
    shared: dict[bytes, dns.message.Message | None] = {}
    calls = [_Call(question, shared) for question in questions]
    try:
        for _ in range(TRIES):
            open_calls = [call for call in calls if call.reply is None]
            for call in open_calls:
                call.send()
            _wait([call for call in open_calls if call.reply is None])
        return [call.finish() for call in calls]
    finally:
        for call in calls:
            call.close()


def _wait(calls: list["_Call"]) -> None:
    poll = select.poll()
    waiting = {}
    for call in calls:
        if call.socket is not None:
            poll.register(call.socket, select.POLLIN)
            waiting[call.socket.fileno()] = call
    until = time.monotonic() + PATIENCE
    while waiting and (left := until - time.monotonic()) > 0:
        for descriptor, _event in poll.poll(left * 1000):
            if waiting[descriptor].receive():
                poll.unregister(descriptor)
                del waiting[descriptor]


class _Call:
    """`shared`: what was read already; two servers of a zone mostly answer with the same octets."""

    def __init__(self, question: Question, shared: dict[bytes, dns.message.Message | None]) -> None:
        self.question = question
        self.shared = shared
        self.wire = secrets.token_bytes(2) + _query(question)
        self.socket: socket.socket | None = None
        self.reply: Reply | None = None
        self.started = time.monotonic()

    def send(self) -> None:
        family = socket.AF_INET6 if ":" in self.question.address else socket.AF_INET
        try:
            if self.socket is None:
                # A socket for every question: a fresh random port each time (RFC 5452, 9.2).
                self.socket = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
                self.socket.connect((self.question.address, self.question.port))
            self.socket.send(self.wire)
        except OSError:
            self._settle(None, "unreachable")

    def receive(self) -> bool:
        """True when the matter is settled; a forged or broken datagram is not an answer."""
        assert self.socket is not None  # noqa: S101
        try:
            data = self.socket.recv(65535)
        except BlockingIOError:
            return False
        except OSError:
            self._settle(None, "refused")
            return True
        if data[:2] != self.wire[:2]:
            return False
        message = self._read(data)
        if message is None:
            # Broken, but with our id: the server itself speaks nonsense.
            self._settle(None, "malformed")
            return True
        if not _answers(self.wire, data):
            return False
        if message.flags & dns.flags.TC:
            self._over_tcp()
        else:
            self._settle(message, "")
        return True

    def finish(self) -> Reply:
        return self.reply or Reply(None, time.monotonic() - self.started, "timeout")

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()

    def _over_tcp(self) -> None:
        message, error = None, ""
        try:
            data = _tcp(self.question, self.wire)
            message = self._read(data)
            error = "" if message and _answers(self.wire, data) else "malformed"
        except TimeoutError:
            error = "timeout"
        except OSError:
            error = "refused"
        self._settle(None if error else message, error)

    def _read(self, data: bytes) -> dns.message.Message | None:
        rest = data[2:]
        if rest not in self.shared:
            self.shared[rest] = _parse(data)
        return self.shared[rest]

    def _settle(self, message: dns.message.Message | None, error: str) -> None:
        self.reply = Reply(message, time.monotonic() - self.started, error)


@lru_cache(maxsize=4096)
def _query(question: Question) -> bytes:
    """The octets after the id, written by hand: dnspython takes ten times as long (RFC 1035, 4; 6891, 6)."""
    flags = 0
    if question.recursive:
        # AD in the question asks for AD in the answer without the weight of signatures (RFC 6840, 5.7).
        flags = dns.flags.RD | dns.flags.AD
    if question.unchecked:
        flags |= dns.flags.CD
    name = dns.name.from_text(question.name).to_wire()
    kind = dns.rdatatype.from_text(question.kind)
    extended = dns.flags.DO if question.dnssec else 0
    head = struct.pack("!HHHHH", flags, 1, 0, 0, 1)
    tail = struct.pack("!HHBHHIH", kind, 1, 0, dns.rdatatype.OPT, PAYLOAD, extended, 0)
    return head + (name or b"\0") + tail


def _answers(query: bytes, reply: bytes) -> bool:
    """RFC 5452, 9.1: same id, same question, whatever the case of its letters; an answer to a query.

    A server that cannot read the question may leave it out (RFC 2308, 7.1; as in dnspython).
    """
    if query[:2] != reply[:2] or reply[2] & 0xF8 != 0x80:
        return False
    count = int.from_bytes(reply[4:6], "big")
    if count == 0:
        return reply[3] & 0x0F in (1, 2, 4, 5)
    asked = query[12:-11]
    return count == 1 and reply[12 : 12 + len(asked)].lower() == asked.lower()


def _parse(data: bytes) -> dns.message.Message | None:
    try:
        return dns.message.from_wire(data, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError, IndexError, struct.error):
        return None


def _tcp(question: Question, wire: bytes) -> bytes:
    """At most 65535 bytes in at most two tries' time, however slowly they drip."""
    until = time.monotonic() + PATIENCE * TRIES
    with socket.create_connection((question.address, question.port), timeout=PATIENCE) as connection:
        connection.sendall(struct.pack("!H", len(wire)) + wire)
        size = struct.unpack("!H", _read(connection, 2, until))[0]
        return _read(connection, size, until)


def _read(connection: socket.socket, size: int, until: float) -> bytes:
    data = b""
    while len(data) < size:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)
        chunk = connection.recv(size - len(data))
        if not chunk:
            raise ConnectionResetError
        data += chunk
    return data
