"""Backups of many messages: first night, increment, memory, IMAP beside it, a drill; plain tar side by side.

usage: python -m benchmarks.backup [MESSAGES] [BYTES]        default 100000 messages of 40000 bytes (4 GB)
       python -m benchmarks.backup drill [MESSAGES] [BYTES]  default 25000 of 40000 (1 GB), one domain

As root, beside nothing else that works; needs twice the room in BENCH_DIR (or /var/tmp). The messages are
random text that packs to about a half. The IMAP line needs the bundled server (tests/stack.py); it is left
out with BENCH_IMAP=off, the month with BENCH_MONTH=off. Memory: the largest resident size of restic itself,
by wait4.
"""

import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mailadmin.backup import acceptance, layout, manifest
from mailadmin.backup.manifest import Manifest
from mailadmin.backup.restic import Repository
from mailadmin.backup.restored import Restored, opens
from mailadmin.backup.results import COMPLETE

DOMAIN, MAILBOXES = "bench.test", 20
DAYS = 30
CHANGED = 0.01


def main() -> None:
    words = sys.argv[1:]
    drilled = words[:1] == ["drill"]
    numbers = [int(word) for word in words[drilled:]]
    messages = numbers[0] if numbers else 25_000 if drilled else 100_000
    size = numbers[1] if len(numbers) > 1 else 40_000
    with tempfile.TemporaryDirectory(
        prefix="postie-backup-",
        dir=os.environ.get("BENCH_DIR", "/var/tmp"),  # noqa: S108
    ) as name:
        place = Path(name)
        write(place / "data", messages, size)
        repository = make(place)
        load = os.getloadavg()[0]
        print(f"{messages} messages of {size} bytes, {MAILBOXES} mailboxes; load {load:.1f}", flush=True)
        (drill if drilled else nights)(place, repository, messages, size)


def write(data: Path, messages: int, size: int, start: int = 0) -> None:
    chance = random.Random(start)  # noqa: S311 letters
    for number in range(start, start + messages):
        folder = data / f"mail/{DOMAIN}/person{number % MAILBOXES}/Maildir/cur"
        if number - start < MAILBOXES:
            folder.mkdir(parents=True, exist_ok=True)
        body = chance.randbytes(size // 2).hex()
        text = f"From: a@{DOMAIN}\r\nDate: Fri, 1 Aug 2025 10:00:00 +0000\r\nSubject: {number}\r\n\r\n{body}"
        (folder / f"{1_700_000_000 + number}.M{number}P1.bench,S={len(text)}:2,S").write_text(text)


def make(place: Path) -> Repository:
    password = place / "password"
    password.write_text("benchmark")
    found = Repository.at(str(place / "repository"), password, place / "cache")
    found.create()
    return found


def nights(place: Path, repository: Repository, messages: int, size: int) -> None:
    data = place / "data"
    changed = max(1, round(messages * CHANGED))
    with imap_beside() as rounds:
        print(f"IMAP p95 idle: {rounds(None)}", flush=True)
        first, during = night(place, repository), rounds(0)
        print(f"first night, {messages} messages: {first}\n  IMAP p95 meanwhile: {during}", flush=True)
        print(f"IMAP p95 idle: {rounds(None)}", flush=True)
        write(data, changed, size, start=messages)
        rounds(0)
        second, during = night(place, repository), rounds(0)
        print(f"{CHANGED:.0%} more: {second}\n  IMAP p95 meanwhile: {during}", flush=True)
        print(f"IMAP p95 idle: {rounds(None)}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory: restic at most {peak:.0f} MiB, this process {ours:.0f} MiB", flush=True)
    if os.environ.get("BENCH_MONTH") != "off":
        month(place, repository, messages + changed, size)


def night(place: Path, repository: Repository) -> str:
    """The steps that read everything, as a night has them. Seconds by the clock and of CPU."""
    started, cpu = time.perf_counter(), processor()
    data, staging = place / "data", place / layout.STAGING
    staging.mkdir(parents=True, exist_ok=True)
    found = Manifest(
        run="0", at="", host="", restic="", layout="bundled", data=str(data), staging=str(staging)
    )
    laps = Laps()
    manifest.count_mail(found, nothing)
    found.write(staging / layout.MANIFEST)
    laps.lap("inventory")
    for tags in (["poste"], ["poste", COMPLETE]):
        done = repository.backup([data, staging], tags, layout.excludes(data, [data / "db/mail.sqlite3"]))
        laps.lap(f"pass ({done.bytes_added / 1e6:.0f} MB new)")
    with (staging / layout.MESSAGES).open() as lines:
        wanted = manifest.read_messages(lines)
    nodes = repository.ls(done.snapshot_id, str(data / "mail"), recursive=True)
    compared = acceptance.compare(wanted, nodes, data, nothing)
    if compared.lost:
        raise SystemExit(f"{len(compared.lost)} messages are missing")
    laps.lap("comparison")
    return f"{time.perf_counter() - started:.1f} s ({processor() - cpu:.1f} s of CPU): {laps}"


class Laps:
    """Which step took how long: seconds by the clock, of CPU."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._then, self._cpu = time.perf_counter(), processor()

    def lap(self, name: str) -> None:
        now, cpu = time.perf_counter(), processor()
        self._said.append(f"{name} {now - self._then:.1f} s, CPU {cpu - self._cpu:.1f} s")
        self._then, self._cpu = now, cpu

    def __str__(self) -> str:
        return "; ".join(self._said)


def processor() -> float:
    """Seconds of CPU, ours and of programs that ended."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in usages)


def month(place: Path, repository: Repository, messages: int, size: int) -> None:
    """Thirty nights with 0.1 % new each; tar keeps a full copy of each night, restic what is new."""
    tar, seconds, nights = 0, 0.0, []
    day_one = repository_size(place)
    for day in range(DAYS):
        write(place / "data", max(1, messages // 1000), size, start=messages * 10 + day * messages)
        nights.append(repository.backup([place / "data"], ["month"]).seconds)
        if day == 0:
            started = time.perf_counter()
            archive = place / "night.tar.gz"
            subprocess.run(["tar", "-C", str(place), "-czf", str(archive), "data"], check=True, timeout=7200)
            seconds, tar = time.perf_counter() - started, archive.stat().st_size
            archive.unlink()
    print(f"one pass of a night with 0.1 % new: {sorted(nights)[DAYS // 2]:.1f} s (median of {DAYS})")
    print(f"tar.gz of one night: {seconds:.1f} s, {tar / 1e6:.0f} MB")
    print(f"tar.gz of {DAYS} nights: {tar * DAYS / 1e6:.0f} MB")
    print(f"repository: day 1 {day_one / 1e6:.0f} MB, day {DAYS} {repository_size(place) / 1e6:.0f} MB")


def repository_size(place: Path) -> int:
    return sum(path.stat().st_size for path in (place / "repository").rglob("*") if path.is_file())


def drill(place: Path, repository: Repository, messages: int, size: int) -> None:
    night(place, repository)
    [snapshot] = repository.snapshots(COMPLETE)
    started, cpu = time.perf_counter(), processor()
    target = place / "scratch"
    target.mkdir()
    repository.restore(snapshot.id, target)
    restored = Restored.unpack(target, layout.staging_of(snapshot.paths))
    addresses = sorted(restored.manifest.mailboxes)
    differences = restored.compare(addresses, (), nothing)
    if differences.missing or differences.short:
        raise SystemExit("not everything came back")
    compared, differing = restored.hashes()
    letters = [message for address in addresses for message in restored.found(address)][:200]
    if differing or not all(opens(letter.path) for letter in letters):
        raise SystemExit("something came back changed")
    repository.check("100%")
    seconds = f"{time.perf_counter() - started:.1f} s ({processor() - cpu:.1f} s of CPU)"
    print(f"drill: {seconds} for {differences.messages} messages, {compared} hashed")
    shutil.rmtree(target)


@contextmanager
def imap_beside() -> Iterator[Callable[[int | None], str]]:
    """Signs in and reads all the time; what it gives is the 95th percentile of one round since the last
    question: at once with 0, and with None when there are enough of them."""
    if os.environ.get("BENCH_IMAP") == "off":
        yield lambda least: "not measured"
        return
    from benchmarks.backup_imap import beside

    with beside() as rounds:
        yield rounds


def nothing() -> None:
    return


if __name__ == "__main__":
    main()
