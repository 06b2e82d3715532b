"""Which files are mail logs, whose are they, and how are they read backwards in bounded memory?"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from . import dovecot, haraka, postfix, rspamd
from .event import Event, Foreign, Zone, stamp, text

BLOCK = 1 << 20
LONGEST_LINE = 1 << 16  # what is longer is cut: nobody writes such a line in good faith
MOST_ENTRIES, DEEPEST = 3000, 5
SNIFFED = 1 << 15
PACKED = (".gz", ".bz2", ".xz", ".zst", ".lz4")
PARSERS: tuple[ModuleType, ...] = (postfix, haraka, rspamd, dovecot)
CARRIERS = (postfix, haraka)  # what takes mail in and hands it on
Parse = Callable[[datetime | None, str], Event | None]


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file and who wrote it. `parser` is one of PARSERS."""

    path: Path
    size: int
    written: datetime
    parser: ModuleType
    zone: Zone

    def event(self, line: bytes) -> Event | None:
        """Raises Foreign."""
        said = text(line)
        found = stamp(said, self.zone)
        parse: Parse = self.parser.parse
        return parse(found[0] if found else None, said[found[1] :] if found else said)

    def time(self, line: bytes) -> datetime | None:
        found = stamp(text(line[:64]), self.zone)
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Shelf:
    """`files`: newest first. `packed`: compressed ones, which are not read. `foreign`: nobody's we know."""

    files: tuple[LogFile, ...]
    packed: int = 0
    foreign: int = 0

    def of(self, *parsers: ModuleType) -> list[LogFile]:
        return [file for file in self.files if file.parser in parsers]


def shelf(folder: str) -> Shelf:
    """Raises OSError when the folder cannot be listed."""
    os.listdir(folder)
    files, packed, foreign = [], 0, 0
    for path in _walk(Path(folder), DEEPEST):
        if path.name.endswith(PACKED):
            packed += 1
        elif found := _open(path):
            files.append(found)
        else:
            foreign += 1
    files.sort(key=lambda file: file.written, reverse=True)
    return Shelf(tuple(files), packed, foreign)


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(
                (entry for entry, _ in zip(entries, range(MOST_ENTRIES), strict=False)), key=lambda e: e.name
            )
    except OSError:
        return
    for entry in found:
        if entry.is_symlink():
            continue  # out of the folder, or twice
        if entry.is_file() and entry.name not in ("lock", "state", "status"):
            yield Path(entry.path)
        elif entry.is_dir() and depth:
            yield from _walk(Path(entry.path), depth - 1)


def _open(path: Path) -> LogFile | None:
    """Who wrote it? The parser that understands most of its last lines."""
    try:
        status = path.stat()
        if not status.st_size:
            return None
        with path.open("rb") as file:
            file.seek(max(0, status.st_size - SNIFFED))
            lines = [line for line in file.read(SNIFFED).split(b"\n")[-60:] if line.strip()]
    except OSError:
        return None
    written = datetime.fromtimestamp(status.st_mtime, UTC)
    zone = Zone.of(text(lines[-1]) if lines else "", written)
    candidates = [LogFile(path, status.st_size, written, parser, zone) for parser in PARSERS]
    known, best = max(((_known(file, lines), n) for n, file in enumerate(candidates)), key=lambda one: one[0])
    return candidates[best] if known else None


def _known(file: LogFile, lines: list[bytes]) -> int:
    known = 0
    for line in lines:
        try:
            file.event(line)
            known += 1
        except Foreign:
            continue
    return known


def backwards(path: Path, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """(offset, block of whole lines), the newest first; a line far too long keeps only its end."""
    try:
        with path.open("rb") as file:
            place = file.seek(0, os.SEEK_END) if end is None else end
            tail = b""
            while place > 0:
                start = max(0, place - BLOCK)
                file.seek(start)
                block = file.read(place - start) + tail
                place = start
                if start == 0:
                    if block:
                        yield 0, block
                    return
                cut = block.find(b"\n") + 1
                if not cut:
                    tail = block[:LONGEST_LINE]  # one endless line: its end is enough to step over it
                    continue
                tail = block[:cut][:LONGEST_LINE]
                if block[cut:]:
                    yield start + cut, block[cut:]
    except OSError:
        return
