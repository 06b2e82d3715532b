"""Messages that were just fetched out of a snapshot, kept for a quarter of an hour.

restic hands out whole messages even where only headers are wanted, and takes seconds to do so in a big
folder. Who has a page of a list before the eyes opens one of its messages next, or brings it back: then it
is here. A message never changes under its name, whatever the snapshot. Private files, few and small; each
look takes away what is old.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

KEPT = 15 * 60  # seconds
LARGEST = 2 * 1024 * 1024  # octets of one message
MOST = 64 * 1024 * 1024  # octets of all


@dataclass(frozen=True, slots=True)
class Held:
    """`directory`: one for all mailboxes; whose a file is stands in its name, which says nothing."""

    directory: Path

    def get(self, address: str, name: str, size: int) -> bytes | None:
        """`size`: what the snapshot says; another one is another message."""
        with suppress(FileNotFoundError):
            octets = self._path(address, name).read_bytes()
            return octets if len(octets) == size else None
        return None

    def keep(self, address: str, name: str, octets: bytes) -> None:
        """Whole or not at all; a full disk is no reason to fail."""
        if len(octets) > LARGEST:
            return
        with suppress(OSError):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=self.directory)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(octets)
                Path(draft).rename(self._path(address, name))
            except OSError:
                Path(draft).unlink(missing_ok=True)

    def sweep(self, now: float | None = None) -> None:
        """What is older than KEPT goes, and what is too much, oldest first."""
        moment, total = now or time.time(), 0
        for written, size, path in sorted(self._files(), reverse=True):
            total += size
            if moment - written > KEPT or total > MOST:
                path.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        with suppress(FileNotFoundError), os.scandir(self.directory) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    facts = entry.stat(follow_symlinks=False)
                    yield facts.st_mtime, facts.st_size, Path(entry.path)

    def _path(self, address: str, name: str) -> Path:
        return self.directory / hashlib.sha256(f"{address.lower()}\0{name}".encode()).hexdigest()
