"""Which process is it, and is it still there? A pid comes again; together with its start it does not."""

import os
import socket
from pathlib import Path


def host() -> str:
    return socket.gethostname()


def started(pid: int) -> int:
    """Clock ticks since boot when the process began; 0 when there is none (or only its zombie)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return 0
    return 0 if fields[0] == "Z" else int(fields[19])


def me() -> tuple[str, int, int]:
    pid = os.getpid()
    return host(), pid, started(pid)


def is_alive(on: str, pid: int, since: int) -> bool | None:
    """None: it is somewhere else, nobody here can tell."""
    if on != host():
        return None
    return bool(pid) and started(pid) == since
