"""Ends a server: its supervisor, and whatever outlived a supervisor that was killed."""

import contextlib
import os
import signal
import time
from pathlib import Path

# Dovecot and Postfix empty the environment of what they start, but name the root on their command line.
BY_COMMAND_LINE = ("dovecot", "master")


def supervisor(root: Path) -> int | None:
    """The pid of the running supervisor of `root`."""
    with contextlib.suppress(OSError, ValueError):
        pid = int((root / "run/supervisord.pid").read_text())
        if _alive(pid) and b"supervisord" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    return None


def stop(root: Path, seconds: float = 30) -> bool:
    """Ends the supervisor and everything of its root; True when something ran."""
    main = supervisor(root)
    family = _family(main) if main else set()
    if main:
        _signal({main}, signal.SIGTERM)
        _until_gone({main}, seconds)
    left = {pid for pid in family | of(root) if _alive(pid)}
    _signal(left, signal.SIGTERM)
    _until_gone(left, 5)
    _signal({pid for pid in left if _alive(pid)}, signal.SIGKILL)
    (root / "run/supervisord.pid").unlink(missing_ok=True)
    return bool(main or left)


def of(root: Path) -> set[int]:
    """Every process that was started for `root`, except ourselves and our parents."""
    mark, path = f"POSTIE_ROOT={root}".encode(), f"{root}/".encode()
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            named = (process / "comm").read_text().strip() in BY_COMMAND_LINE
            if mark in (process / "environ").read_bytes().split(b"\0") or (
                named and path in (process / "cmdline").read_bytes()
            ):
                found.add(int(process.name))
    return found - _ancestors()


def _ancestors() -> set[int]:
    parents, pid = set(), os.getpid()
    while pid > 1:
        parents.add(pid)
        pid = _parent(pid)
    return parents


def _family(pid: int) -> set[int]:
    children: dict[int, list[int]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            children.setdefault(_parent(int(process.name)), []).append(int(process.name))
    family, waiting = set(), [pid]
    while waiting:
        member = waiting.pop()
        family.add(member)
        waiting += children.get(member, [])
    return family


def _parent(pid: int) -> int:
    # the name in brackets may hold anything: count from its end
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def _alive(pid: int) -> bool:
    """A zombie counts as gone: whoever is pid 1 may reap slowly."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _until_gone(pids: set[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
