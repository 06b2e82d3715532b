"""What a signed-in person who does nothing costs: private and shared memory (PSS) of Postie and of Dovecot."""

import time
from pathlib import Path
from typing import Any

from .meter import processes
from .postie import Postie


def _megabytes(service: str) -> float:
    """PSS: shared pages are divided among those who share them."""
    total = 0
    for pid in processes(service):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return total / 1024


def run(users: list[str]) -> dict[str, Any]:
    """Signs in one person, then the others; each opens the inbox and a letter list, then sits still."""
    # The first person comes by as many connections as there are threads: they all stand and have loaded all.
    first = [_enter(users[0]) for _ in range(16)]
    time.sleep(2)
    before = {name: _megabytes(name) for name in ("gunicorn", "redis", "dovecot")}
    others = [_enter(user) for user in users[1:]]
    time.sleep(2)
    after = {name: _megabytes(name) for name in before}
    for peer in (*first, *others):
        peer.close()
    count = len(others)
    each = {name: round((after[name] - before[name]) / count, 2) for name in before}
    row = {
        "act": "memory",
        "users": count,
        "each": each,
        "first": {k: round(v, 1) for k, v in before.items()},
    }
    print(row, flush=True)
    return row


def _enter(user: str) -> Postie:
    peer = Postie(user)
    peer.login()
    peer.list(1)
    return peer
