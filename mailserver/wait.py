"""Ready means: every listener has said its own greeting."""

import socket
import time
from collections.abc import Callable

from mailserver.ports import ports

Probe = Callable[[socket.socket], bool]


def says(*greetings: bytes) -> Probe:
    return lambda connection: connection.recv(200).startswith(greetings)


def answers(question: bytes, answer: bytes) -> Probe:
    def probe(connection: socket.socket) -> bool:
        connection.sendall(question)
        return connection.recv(200).startswith(answer)

    return probe


HTTP = answers(b"GET / HTTP/1.0\r\n\r\n", b"HTTP/1.")
SERVER: dict[str, Probe] = {
    "redis": answers(b"PING\r\n", b"+PONG"),
    "rspamd_milter": lambda connection: True,
    "rspamd_http": answers(b"GET /ping HTTP/1.0\r\n\r\n", b"HTTP/1."),
    "imap": says(b"* OK"),
    "sieve": says(b'"'),
    "submission": says(b"220"),
    "smtp": says(b"220"),
    "sink": says(b"220"),
    "srs_forward": lambda connection: True,
    "api": HTTP,
    "policy_quota": lambda connection: True,
    "policy_limits": lambda connection: True,
}


# Only a closed server has a sink: a real one's mail leaves.
REAL = {name: probe for name, probe in SERVER.items() if name != "sink"}


def until_ready(base: int, seconds: float, probes: dict[str, Probe] = SERVER) -> list[str]:
    """The names that did not answer in time; empty is good news."""
    listeners = ports(base)
    waiting = dict(probes)
    deadline = time.monotonic() + seconds
    while waiting and time.monotonic() < deadline:
        for name, probe in list(waiting.items()):
            if _ready(listeners[name], probe):
                del waiting[name]
        if waiting:
            time.sleep(0.05)
    return sorted(waiting)


def _ready(port: int, probe: Probe) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.settimeout(4)
            return probe(connection)
    except OSError:
        return False
