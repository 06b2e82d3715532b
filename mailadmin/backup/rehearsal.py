"""The throw-away server of a drill, as seen by whoever signs in. It is a program; we speak JSON and IMAP."""

import contextlib
import imaplib
import json
import os
import selectors
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .process import end

SECONDS = 180.0
IMAP_SECONDS = 30.0


class NotStarted(Exception):
    """The server did not come up on the restored data; the sentence says what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    imaps: int
    api: int
    certificate: str
    master: str
    password: str = field(repr=False)
    seconds: float


@contextlib.contextmanager
def running(command: Sequence[str], directory: Path, seconds: float = SECONDS) -> Iterator[Server]:
    """The server runs as long as this is open; whatever happens, nothing is left of it. Raises NotStarted."""
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    process = subprocess.Popen(
        list(command), cwd=directory, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        yield _introduced(process, seconds)
    finally:
        if process.stdin:
            process.stdin.close()  # the polite way out: it stops the server and itself
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
        end(process)


def _introduced(process: "subprocess.Popen[bytes]", seconds: float) -> Server:
    line = _first_line(process, seconds)
    try:
        said = json.loads(line)
        return Server(**said)
    except (ValueError, TypeError):
        with contextlib.suppress(ValueError):
            line = json.loads(line).get("error", line)
        raise NotStarted(line.strip()[:300] or "the server did not come up") from None


def _first_line(process: "subprocess.Popen[bytes]", seconds: float) -> str:
    assert process.stdout  # noqa: S101 a pipe was asked for above
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            if selector.select(0.5):
                return process.stdout.readline().decode("utf-8", "replace") or _last_words(process)
            if process.poll() is not None:
                return _last_words(process)
    raise NotStarted(f"the server was not ready after {seconds:.0f} s")


def _last_words(process: "subprocess.Popen[bytes]") -> str:
    assert process.stderr  # noqa: S101 a pipe was asked for above
    said = process.stderr.read(100_000).decode("utf-8", "replace").strip().splitlines()
    return said[-1] if said else ""


def sign_in(server: Server, user: str, password: str) -> int:
    """Messages in the INBOX of whoever signs in over TLS. Raises OSError or imaplib.IMAP4.error."""
    context = ssl.create_default_context(cafile=server.certificate)
    connection = imaplib.IMAP4_SSL("localhost", server.imaps, ssl_context=context, timeout=IMAP_SECONDS)
    try:
        connection.login(user, password)
        status, said = connection.select("INBOX", readonly=True)
        if status != "OK":
            raise imaplib.IMAP4.error(str(said))
        return int(said[0] or 0)
    finally:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            connection.logout()
