"""Processor time of the servers, and how much the rest of the machine took meanwhile."""

import os
import resource
import time
from pathlib import Path

from .place import PIDFILES

_TICK = os.sysconf("SC_CLK_TCK")


def by_service() -> dict[str, float]:
    """Seconds used so far by each service: its tree of processes, with the children it has reaped."""
    used: dict[int, float] = {}
    children: dict[int, list[int]] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                words = (place / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            used[int(place.name)] = sum(map(int, words[11:15])) / _TICK
            children.setdefault(int(words[1]), []).append(int(place.name))
    return {name: sum(used.get(pid, 0.0) for pid in _tree(path, children)) for name, path in PIDFILES.items()}


def _tree(pidfile: Path, children: dict[int, list[int]]) -> list[int]:
    try:
        found = [int(pidfile.read_text())]
    except (OSError, ValueError):
        return []
    for pid in found:
        found += children.get(pid, [])
    return found


def processes(name: str) -> list[int]:
    """The ids of a service and of all below it."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                parent = int((place / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(place.name))
    return _tree(PIDFILES[name], children)


def _busy() -> float:
    words = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(words) - words[3] - words[4]) / _TICK


def _own() -> float:
    mine, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


class Meter:
    """`with Meter() as meter:` then `meter.cpu` (seconds by service) and `meter.foreign` (cores)."""

    def __enter__(self) -> "Meter":
        self._started, self._services = time.monotonic(), by_service()
        self._busy_before, self._own_before = _busy(), _own()
        self.cpu: dict[str, float] = {}
        self.foreign = 0.0
        return self

    def __exit__(self, *_: object) -> None:
        seconds = max(1e-6, time.monotonic() - self._started)
        now = by_service()
        self.cpu = {name: now[name] - before for name, before in self._services.items()}
        ours = sum(self.cpu.values()) + _own() - self._own_before
        self.foreign = max(0.0, (_busy() - self._busy_before - ours) / seconds)


def wait_for_quiet(limit: float) -> None:
    """Until the rest of the machine takes less than 0.15 cores, or the limit."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        with Meter() as meter:
            time.sleep(0.5)
        if meter.foreign < 0.15:
            return
        time.sleep(0.5)
