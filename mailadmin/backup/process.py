"""Runs a program that may be long, loud, hung or killed, and never leaves it behind.

The child gets a session of its own, so that a cancel or the death of a Celery task ends its whole
process group. What it prints is read by two threads and bounded: output cannot fill our memory.
"""

import io
import os
import queue
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

KEPT_LINES = 200
KEPT_ERRORS = 1000
LONGEST_LINE = 64 * 1024
HUNG_AFTER = 15 * 60  # seconds without any output
GRACE = ((signal.SIGINT, 60), (signal.SIGTERM, 20), (signal.SIGKILL, 5))


class Hung(Exception):
    """The program printed nothing for too long, or took too long, and was ended."""


@dataclass
class Finished:
    code: int
    stderr: list[str] = field(default_factory=list)  # the last KEPT_LINES lines, secrets redacted
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Ending:
    """What is said on stderr when nothing good will come any more, and how the program is ended then."""

    line: re.Pattern[str]
    signal: int = signal.SIGINT


def _never() -> bool:
    return False


@dataclass
class Program:
    """A program with its environment. `secrets` never appear in what is kept of its output."""

    environment: Mapping[str, str] = field(repr=False)  # a repository's address may hold a password
    secrets: Sequence[str] = field(default=(), repr=False)
    cancelled: Callable[[], bool] = _never
    hung_after: float = HUNG_AFTER
    longest: float = float("inf")  # seconds for the whole run

    def run(
        self,
        command: Sequence[str],
        on_line: Callable[[str], None] | None = None,
        ends_at: "Ending | None" = None,
    ) -> Finished:
        """Run to the end, or to a line of stderr that is the ending; `on_line` sees stdout. Raises Hung."""
        started = time.monotonic()
        process = self._start(command)
        lines: queue.Queue[tuple[str, str]] = queue.Queue(maxsize=10_000)
        readers = [self._reader(process.stdout, "out", lines), self._reader(process.stderr, "err", lines)]
        kept: deque[str] = deque(maxlen=KEPT_LINES)
        try:
            for stream, line in self._lines(process, lines, len(readers)):
                if stream == "err":
                    kept.append(self._redact(line))
                    if ends_at and ends_at.line.search(line):
                        _signal(process, ends_at.signal)
                elif on_line:
                    on_line(line)
            code = process.wait(timeout=60)
        finally:
            end(process)
        return Finished(code, list(kept), time.monotonic() - started)

    def stream(self, command: Sequence[str], size: int = 64 * 1024) -> Iterator[bytes]:
        """The stdout of a program as blocks of bytes; raises OSError with its words when it fails."""
        process = self._start(command)
        output = process.stdout or io.BytesIO()
        errors: deque[str] = deque(maxlen=KEPT_LINES)
        drain = threading.Thread(target=lambda: errors.extend(map(_text, process.stderr or ())), daemon=True)
        drain.start()
        try:
            while block := output.read(size):
                yield block
            if process.wait(timeout=60):
                drain.join(5)
                raise OSError(self._redact(" ".join(errors)) or f"exit code {process.returncode}")
        finally:
            end(process)

    def _start(self, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        # The child holds the reading ends, too: when we are killed, its last words meet no broken pipe.
        # Go ends a program that writes to one at once, and restic would leave its lock behind.
        output, into_output = os.pipe()
        errors, into_errors = os.pipe()
        try:
            process = subprocess.Popen(
                [*_dies_with_us(), *command],
                stdin=subprocess.DEVNULL,
                stdout=into_output,
                stderr=into_errors,
                env=dict(self.environment),
                pass_fds=(output, errors),
                start_new_session=True,
            )
        except OSError:
            os.close(output)
            os.close(errors)
            raise
        finally:
            os.close(into_output)
            os.close(into_errors)
        process.stdout, process.stderr = os.fdopen(output, "rb"), os.fdopen(errors, "rb")
        return process

    def _lines(
        self, process: "subprocess.Popen[bytes]", lines: "queue.Queue[tuple[str, str]]", open_streams: int
    ) -> Iterator[tuple[str, str]]:
        started = heard = time.monotonic()
        interrupted = False
        while open_streams:
            if not interrupted and self.cancelled() and _hears(process):
                interrupted = True
                _signal(process, signal.SIGINT)
            if time.monotonic() - started > self.longest:
                end(process)
                raise Hung(f"not done after {self.longest:.0f} s")
            try:
                stream, line = lines.get(timeout=0.5)
            except queue.Empty:
                if time.monotonic() - heard > self.hung_after:
                    end(process)
                    raise Hung(f"no output for {self.hung_after:.0f} s") from None
                continue
            heard = time.monotonic()
            if stream == "end":
                open_streams -= 1
            else:
                yield stream, line

    def _reader(self, pipe: object, name: str, lines: "queue.Queue[tuple[str, str]]") -> threading.Thread:
        def read() -> None:
            for raw in iter(lambda: pipe.readline(LONGEST_LINE), b""):  # type: ignore[attr-defined]
                lines.put((name, _text(raw)))
            lines.put(("end", ""))

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread

    def _redact(self, line: str) -> str:
        for secret in self.secrets:
            if secret:
                line = line.replace(secret, "•••")
        return line


@cache
def _dies_with_us() -> tuple[str, ...]:
    """When we are killed the kernel tells the child (PR_SET_PDEATHSIG): SIGINT, so that no lock is left."""
    if not shutil.which("setpriv"):
        return ()
    # A shell starts what runs in its background with SIGINT ignored, and Go leaves it so: it must be heard.
    return ("env", "--default-signal=INT", "setpriv", "--pdeathsig", "INT", "--")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").rstrip("\r\n")


def _hears(process: "subprocess.Popen[bytes]") -> bool:
    """Whether SIGINT reaches it: until `env` has run, one inherited as ignored is lost (proc(5), SigIgn)."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return True
    found = re.search(r"^SigIgn:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return not (found and int(found[1], 16) >> (signal.SIGINT - 1) & 1)


def _signal(process: "subprocess.Popen[bytes]", number: int) -> bool:
    """Whether anybody of the group is left to hear it."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True


def _is_alive(group: int) -> bool:
    """Whether anybody of it still runs. What has ended and waits for its parent to notice does not count:
    a container's first process may take long over that, or never do it."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError, ValueError):
            state, _parent, its_group = path.read_text("utf-8", "replace").rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                return True
    return False


def end(process: "subprocess.Popen[bytes]") -> None:
    """End the whole group, politely first: on SIGTERM an old restic leaves its lock behind, on SIGINT not."""
    for number, patience in GRACE:
        if number == signal.SIGINT and process.poll() is not None:
            continue  # what a dead leader left in the background does not listen to SIGINT
        deadline = time.monotonic() + patience
        if not _signal(process, number):
            break
        while (process.poll() is None or _is_alive(process.pid)) and time.monotonic() < deadline:
            time.sleep(0.02)
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
