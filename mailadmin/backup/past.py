"""The past of a mailbox, opened: moments, what was there, its messages, and bringing them back.

Nothing here knows who asks. Whoever calls passes an address it has the right to.
"""

import hashlib
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from pathlib import Path

from .archive import BATCH, MOST_IN_BATCHES, Archive, NothingThere, Place
from .catalogue import Catalogue, Count, Kept, Wanted
from .held import Held
from .letters import flags, folder_name, has_keywords
from .outcome import Outcome
from .restic import Repository
from .results import ResticError, Snapshot

LONGEST_LOOK = 110.0  # seconds: a person waits for it
BIG = 500  # files of a mailbox that is worth listing before anybody looks
MOMENTS_KEPT = 60.0  # seconds that the list of snapshots is believed
MOST_HEAD_BYTES = 64 * 1024 * 1024  # read at once when words are searched for
_moments: dict[str, tuple[float, list[Snapshot]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where the backups are. `directory`: ours, private, for the index. `cache`: restic's."""

    location: str
    password: str = field(repr=False)
    directory: Path
    cache: Path
    longest: float = LONGEST_LOOK
    ssh: str = ""  # the command that leads to an sftp: repository
    secrets: Sequence[str] = field(default=(), repr=False)  # never in what is kept of restic's words

    @contextmanager
    def open(self, cancelled: Callable[[], bool] | None = None) -> Iterator["Past"]:
        """The password lies in a file of ours, in memory, only as long as this is open."""
        if not self.location or not self.password:
            raise ResticError(Outcome.NO_REPOSITORY, ["no repository is configured"])
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
        with tempfile.TemporaryDirectory(prefix="postie-", dir=memory) as private:
            path = Path(private, "password")
            path.touch(mode=0o600)
            path.write_text(self.password)
            options = {"cancelled": cancelled} if cancelled else {}
            repository = Repository.at(
                self.location,
                path,
                self.cache,
                secrets=[self.password, *self.secrets],
                ssh=self.ssh,
                longest=self.longest,
                **options,
            )
            repository.nice = False  # a person waits
            program = repository.program
            program.environment = {**program.environment, "GOMAXPROCS": "2"}
            self.forget()
            yield Past(repository, self.location, self.directory)

    def forget(self) -> None:
        """Messages that were kept for who looked at them: what is old goes."""
        Held(self.directory / "held").sweep()


@dataclass(frozen=True, slots=True)
class Past:
    repository: Repository
    location: str
    directory: Path

    def moments(self) -> list[Snapshot]:
        """Complete snapshots, newest first."""
        known = _moments.get(self.location)
        if known is None or time.monotonic() - known[0] > MOMENTS_KEPT:
            found = [s for s in self.repository.snapshots("complete") if s.is_complete]
            known = _moments[self.location] = (time.monotonic(), found[::-1])
        return known[1]

    def moment(self, name: str) -> Snapshot:
        """By its id, or the first eight letters of it. Raises NothingThere."""
        if len(name) >= 8:
            for fresh in (False, True):
                if fresh:
                    _moments.pop(self.location, None)
                for found in self.moments():
                    if found.id.startswith(name):
                        return found
        raise NothingThere(name)

    def at(self, day: date, zone: tzinfo) -> Snapshot | None:
        """The last moment of that day or before it."""
        return next((s for s in self.moments() if s.time.astimezone(zone).date() <= day), None)

    def archive(self, snapshot: Snapshot) -> Archive:
        return Archive(self.repository, snapshot, self.directory / "scratch")

    def look(self, snapshot: Snapshot, address: str) -> "Look":
        """Raises NothingThere: this mailbox was not there then."""
        catalogue, archive = self.catalogue(address), self.archive(snapshot)
        return Look(archive, archive.look(address, catalogue), catalogue)

    def catalogue(self, address: str) -> Catalogue:
        digest = hashlib.sha256(address.lower().encode()).hexdigest()[:32]
        return Catalogue(self.directory / "index" / f"{digest}.sqlite3")

    def index(self, snapshot: Snapshot) -> int:
        """Lists the big mailboxes of a snapshot, once, so that nobody waits for it later; how many."""
        mark = self.directory / "indexed"
        if mark.exists() and mark.read_text() == snapshot.id:
            return 0
        root, count = self.archive(snapshot).root(), 0
        nodes = self.repository.ls(snapshot.id, root, recursive=True)
        for home, group in itertools.groupby(nodes, lambda node: _home(root, node.path)):
            found = list(group)
            if home and len(found) >= BIG:
                user, domain = home.rpartition("/")[2], home.split("/")[-2]
                self.catalogue(f"{user}@{domain}").take(snapshot.id, home, found)
                count += 1
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        mark.write_text(snapshot.id)
        return count


def _home(root: str, path: str) -> str:
    """The mailbox directory a path lies in; empty above them and in what was set aside."""
    parts = path.removeprefix(f"{root}/").split("/", 2)
    return f"{root}/{parts[0]}/{parts[1]}" if len(parts) == 3 and not parts[0].startswith(".") else ""


def forget_moments() -> None:
    """For who has just made a backup."""
    _moments.clear()


@dataclass(frozen=True, slots=True)
class Look:
    """One mailbox at one moment."""

    archive: Archive
    place: Place
    catalogue: Catalogue

    @property
    def id(self) -> str:
        return self.archive.snapshot.id

    def folders(self) -> list[tuple[str, Count]]:
        """(name for people, count), INBOX first."""
        found = [(folder_name(count.folder), count) for count in self.catalogue.folders(self.id)]
        return sorted(found, key=lambda one: (one[0] != "INBOX", one[0].casefold()))

    def page(self, wanted: Wanted) -> tuple[list[Kept], int]:
        if wanted.words:
            self.read_many(wanted.folder)
        rows, total = self.catalogue.page(self.id, wanted)
        return self._with_heads(rows), total

    def vanished(self, later: "Look", wanted: Wanted) -> tuple[list[Kept], int]:
        """What was here and is nowhere in `later`."""
        first = replace(wanted, words="", offset=0, limit=BATCH)
        if self._with_heads(self.catalogue.vanished(self.id, later.id, first)[0]):
            # A letter moved by a copy has a new name: only its header tells that it is the same.
            new = self.catalogue.newcomers(later.id, self.id, MOST_IN_BATCHES)
            later.archive.read_heads(later.place, self.catalogue, new)
        rows, total = self.catalogue.vanished(self.id, later.id, wanted)
        return self._with_heads(rows), total

    def gone(self, living: Iterable[str], wanted: Wanted) -> tuple[list[Kept], int]:
        """What was here and has none of the living messages' names."""
        rows, total = self.catalogue.without(self.id, living, wanted)
        return self._with_heads(rows), total

    def _with_heads(self, rows: list[Kept]) -> list[Kept]:
        if all(row.head for row in rows):
            return rows
        self.archive.read_heads(self.place, self.catalogue, rows)
        found = {row.key: row for row in self.catalogue.find(self.id, [row.key for row in rows])}
        return [found.get(row.key, row) for row in rows]

    def read_many(self, folder: str | None) -> int:
        """Reads headers nobody has read yet, newest first, within bounds; how many stay unread."""
        waiting = self.catalogue.unread_heads(self.id, folder)
        folders = {row.folder for row in waiting}
        total = sum(count.bytes for count in self.catalogue.folders(self.id) if count.folder in folders)
        # A whole folder is one quick stream; a few out of a big one are fetched by name.
        chosen = waiting if total <= MOST_HEAD_BYTES else waiting[:BATCH]
        self.archive.read_heads(self.place, self.catalogue, chosen)
        return self.catalogue.count_unread(self.id, folder)

    def one(self, key: str) -> tuple[Kept, bytes]:
        """A message and its octets. Raises NothingThere."""
        for row in self.catalogue.find(self.id, [key]):
            for kept, octets in self.archive.contents(self.place, [row]):
                return kept, octets
        raise NothingThere(key)

    def letters(self, rows: Sequence[Kept]) -> Iterator["Letter"]:
        """Everything a mailbox must be told to have them again."""
        labelled = {row.folder for row in rows if has_keywords(row.place)}
        known: Mapping[str, Mapping[int, str]] = (
            self.archive.keywords(self.place, labelled) if labelled else {}
        )
        for row, octets in self.archive.contents(self.place, rows):
            yield Letter(
                key=row.key,
                folder=folder_name(row.folder),
                octets=octets,
                flags=flags(row.place, known.get(row.folder, {})),
                arrived=row.at,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message on its way back. `folder`: "INBOX", "Proyectos/Feria"."""

    key: str
    folder: str
    octets: bytes = field(repr=False)
    flags: frozenset[str]
    arrived: datetime


def shelf(moment: Snapshot, zone: tzinfo) -> str:
    """The folder that takes what is brought back: named by the day it comes from, so that twice is once."""
    return f"Restored {moment.time.astimezone(zone):%Y-%m-%d}"
