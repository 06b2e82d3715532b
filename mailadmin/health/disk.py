"""How full is a disk, and when will it be? How fast do logs grow, and are they still written?"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median

from .reading import Reading, critical, fail, ok, unknown, warn

DAY = 86400.0
WARN_SHARE, FAIL_SHARE = 85.0, 95.0
WARN_DAYS, FAIL_DAYS = 30, 7
LEAST_SPAN = DAY / 2  # a forecast from less is a guess
MOST_SAMPLES = 60
MOST_FILES = 20_000
STALE_LOG = 2 * 3600.0  # our own probes write a line every few minutes
Sample = tuple[float, float]  # Unix time, octets in use


@dataclass(frozen=True, slots=True)
class Usage:
    """In octets; `free` is what is left for ordinary users."""

    total: int
    free: int
    files_free: float = 1.0  # share of inodes left

    @property
    def used(self) -> int:
        return self.total - self.free

    @property
    def share(self) -> float:
        return 100 * self.used / self.total if self.total else 0.0


def usage(path: str) -> Usage:
    """Raises OSError."""
    found = os.statvfs(path)
    inodes = found.f_favail / found.f_files if found.f_files else 1.0
    return Usage(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize, inodes)


def growth(samples: Sequence[Sample]) -> float | None:
    """Octets a day: the median of all slopes (Theil-Sen), unbent by one big move. None: too few samples."""
    last = sorted(samples)[-MOST_SAMPLES:]
    if len(last) < 3 or last[-1][0] - last[0][0] < LEAST_SPAN:
        return None
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(last, 2) if b[0] - a[0] > 60]
    return median(slopes) * DAY if slopes else None


def days_left(free: int, per_day: float | None) -> int | None:
    """None: not in sight."""
    if per_day is None or per_day <= 0:
        return None
    return int(min(free / per_day + 1e-6, 36500))


def judge(path: str, now: Usage, samples: Sequence[Sample]) -> Reading:
    per_day = growth(samples)
    days = days_left(now.free, per_day)
    facts = {
        "path": path,
        "share": round(now.share),
        "free": now.free,
        "used": now.used,
        "total": now.total,
        "days": days,
        "per_day": None if per_day is None else round(per_day),
    }
    part = f"disk:{path}"
    if now.files_free < 0.05:
        return critical(part, "disk.inodes", **facts)
    if now.share >= FAIL_SHARE:
        return critical(part, "disk.full", **facts)
    if days is not None and days < WARN_DAYS:
        return (fail if days < FAIL_DAYS else warn)(part, "disk.full_soon", **facts)
    if now.share >= WARN_SHARE:
        return warn(part, "disk.filling", **facts)
    return ok(part, "disk.room" if days is None else "disk.room_for", **facts)


def logs(folder: str, now: float, samples: Sequence[Sample]) -> Reading:
    """Old logs mean that something stopped writing; fast ones fill the disk."""
    try:
        files = list(_files(Path(folder)))
    except OSError as error:
        return unknown("logs", "logs.unreadable", path=folder, said=type(error).__name__)
    if not files:
        return warn("logs", "logs.none", path=folder)
    size, newest = sum(f.st_size for f in files), max(f.st_mtime for f in files)
    per_day = growth(samples)
    facts = {
        "path": folder,
        "used": size,
        "minutes": max(0, int((now - newest) // 60)),
        "per_day": None if per_day is None else round(per_day),
    }
    if now - newest > STALE_LOG:
        return warn("logs", "logs.stale", **facts)
    if newest - now > 3600:
        return warn("logs", "logs.future", **facts)
    if per_day is not None and per_day > 1024**3:
        return warn("logs", "logs.growing", **facts)
    return ok("logs", "logs.fresh", **facts)


def _files(folder: Path) -> Iterator[os.stat_result]:
    """Raises OSError when the folder itself cannot be read; what vanishes meanwhile is passed over."""
    waiting, seen = [folder], 0
    os.listdir(folder)
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                seen += 1
                if seen > MOST_FILES:
                    return
                try:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    elif entry.is_file(follow_symlinks=False):
                        yield entry.stat(follow_symlinks=False)
                except OSError:
                    continue
