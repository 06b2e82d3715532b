"""A mailbox's own filter script, read where Dovecot keeps it."""

import re
from functools import lru_cache
from pathlib import Path

ACTIVE = ".dovecot.sieve"
# An included script is not looked into: it counts as one that sends on.
SENDS_ON = re.compile(rb"\b(redirect|include)\b", re.IGNORECASE)
LARGEST = 1024 * 1024  # a script that is larger counts as one that sends on


def sends_on(home: Path) -> bool:
    """May the active script redirect? What cannot be read is taken for one that may; without one, no."""
    active = home / ACTIVE
    try:
        status = active.stat()
        return _sends_on(active, status.st_ino, status.st_mtime_ns, status.st_size)
    except FileNotFoundError:
        return False
    except OSError:
        return True


@lru_cache(maxsize=4096)
def _sends_on(active: Path, inode: int, changed: int, size: int) -> bool:
    return size > LARGEST or SENDS_ON.search(active.read_bytes()) is not None
