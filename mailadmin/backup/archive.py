"""Reading mail out of a snapshot: whose mailboxes, which folders, which messages, and their octets.

Measured with restic 0.14: one `dump` reads the tree of the folder anew (2 s of CPU at 100,000 messages),
so a page of messages is fetched by one `restore --include … --include …` into a scratch directory, and a
whole folder by one `dump` as tar. Names that are no UTF-8 cannot be named to `dump` (its listing shows
U+FFFD); in an --include each such octet is `?`, which matches it.
"""

import itertools
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from .catalogue import Catalogue, Kept
from .held import Held
from .letters import INBOX, UNKNOWN, Head, base, head, keywords
from .outcome import Outcome
from .restic import Repository
from .results import Node, ResticError, Snapshot

ROOTS = ("mail", "domains")  # below the data directory: the bundled server's, poste.io's
BATCH = 25
KNOWN_AT_ONCE = 500
MOST_IN_BATCHES = 100  # more are read as a stream
BATCH_BYTES = 64 * 1024 * 1024
LARGEST = 96 * 1024 * 1024  # octets of one message
LARGEST_SMALL = 4 * 1024 * 1024  # of a settings file


class NothingThere(Exception):
    """The snapshot holds no such mailbox, folder or message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a mailbox lies in a snapshot, absolute."""

    address: str
    home: str

    @property
    def maildir(self) -> str:
        return f"{self.home}/Maildir"


@dataclass(frozen=True, slots=True)
class Archive:
    """One snapshot. `scratch`: where a few files may lie for a moment, mode 0700."""

    repository: Repository
    snapshot: Snapshot
    scratch: Path

    @property
    def held(self) -> Held:
        return Held(self.scratch.with_name("held"))

    def root(self) -> str:
        """The directory with one directory per domain. Raises NothingThere."""
        candidates = [f"{path}/{name}" for path in self.snapshot.paths for name in ROOTS]
        found = self._directories(*candidates)
        root = next((path for path in candidates if path in found), "")
        if not root:
            raise NothingThere("This snapshot holds no mail.")
        return root

    def places(self, domain: str = "") -> list[Place]:
        """Every mailbox, or those of one domain. What was deleted and set aside is none."""
        root = self.root()
        domains = [f"{root}/{domain}"] if domain else self._below(root)
        homes = self._below(*domains) if domains else []
        return [Place(address="@".join(reversed(home.split("/")[-2:])), home=home) for home in homes]

    def place(self, address: str) -> Place:
        """Raises NothingThere."""
        places = self._candidates(address)
        found = self._directories(*(place.home for place in places))
        for place in places:
            if place.maildir in found:
                return place
        raise NothingThere(address)

    def _candidates(self, address: str) -> list[Place]:
        user, _, domain = address.lower().rpartition("@")
        if not user or not domain or "/" in address or ".." in (user, domain):
            raise NothingThere(address)
        homes = [f"{path}/{name}/{domain}/{user}" for path in self.snapshot.paths for name in ROOTS]
        return [Place(address=f"{user}@{domain}", home=home) for home in homes]

    def _below(self, *paths: str) -> list[str]:
        """Directories right below these, but the hidden ones."""
        found = (PurePosixPath(path) for path in self._directories(*paths))
        return sorted(
            str(path) for path in found if str(path.parent) in paths and not path.name.startswith(".")
        )

    def _directories(self, *paths: str) -> set[str]:
        """These, where they are there, and the directories in them: one run of restic for all."""
        try:
            nodes = self.repository.ls(self.snapshot.id, *paths)
            return {node.path for node in nodes if node.kind == "dir"}
        except ResticError as error:
            if error.outcome is Outcome.FAILED:  # newer versions fail when a path is not there
                return set()
            raise

    # messages

    def look(self, address: str, catalogue: Catalogue) -> Place:
        """Finds the mailbox, and puts it into the index when it is not in there. Raises NothingThere."""
        home = catalogue.knows(self.snapshot.id)
        if home:
            return Place(address=address.lower(), home=home)
        places = self._candidates(address)
        nodes = self._listed(*(place.maildir for place in places))
        first = next(nodes, None)
        if first is None:
            raise NothingThere(address)
        place = next(place for place in places if first.path.startswith(place.maildir))
        catalogue.take(self.snapshot.id, place.home, itertools.chain([first], nodes))
        return place

    def _listed(self, *paths: str) -> Iterator[Node]:
        """Everything below those of them that are there: one run of restic, where it takes that."""
        try:
            yield from self.repository.ls(self.snapshot.id, *paths, recursive=True)
        except ResticError as error:
            if error.outcome is not Outcome.FAILED:
                raise
            # Newer versions fail when one of the paths is not there.
            if there := [path for path in paths if path in self._directories(path)]:
                yield from self.repository.ls(self.snapshot.id, *there, recursive=True)

    def read_heads(self, place: Place, catalogue: Catalogue, messages: Sequence[Kept]) -> None:
        """Reads the headers that nobody has read yet."""
        missing = [message for message in messages if message.head is None]
        found: dict[str, Head] = {}
        for message, octets in self.contents(place, missing):
            found[message.base] = head(octets)
            if len(found) >= KNOWN_AT_ONCE:
                catalogue.learn(found)
                found = {}
        catalogue.learn(found)

    def contents(self, place: Place, messages: Sequence[Kept]) -> Iterator[tuple[Kept, bytes]]:
        """Each message with its octets, in no order. What is larger than LARGEST is left out."""
        fitting = []
        for message in (message for message in messages if message.size <= LARGEST):
            octets = self.held.get(place.address, message.base, message.size)
            if octets is None:
                fitting.append(message)
            else:
                yield message, octets
        for message, octets in self._read(place, fitting):
            if len(fitting) <= MOST_IN_BATCHES:
                self.held.keep(place.address, message.base, octets)
            yield message, octets

    def _read(self, place: Place, fitting: Sequence[Kept]) -> Iterator[tuple[Kept, bytes]]:
        if len(fitting) == 1 and UNKNOWN not in f"{fitting[0].folder}/{fitting[0].place}":
            path = _path(place, fitting[0])
            yield fitting[0], b"".join(self.repository.dump(self.snapshot.id, path))
        elif len(fitting) <= MOST_IN_BATCHES:
            for batch in _batches(fitting):
                yield from self._batch(place, batch)
        else:
            for folder in sorted({message.folder for message in fitting}):
                yield from self._folder(place, folder, [m for m in fitting if m.folder == folder])

    def _batch(self, place: Place, messages: Sequence[Kept]) -> Iterator[tuple[Kept, bytes]]:
        by_path = {_path(place, message): message for message in messages}
        with self.files(list(by_path)) as found:
            for path, file in found:
                if path in by_path:
                    yield by_path[path], file.read_bytes()

    def _folder(self, place: Place, folder: str, messages: Sequence[Kept]) -> Iterator[tuple[Kept, bytes]]:
        wanted = {message.base: message for message in messages}
        for name, octets in self._streamed(place, folder):
            message = wanted.pop(base(name), None)
            if message is not None:
                yield message, octets

    def _streamed(self, place: Place, folder: str) -> Iterator[tuple[str, bytes]]:
        if UNKNOWN in folder:
            # The directory cannot be named: the whole maildir is read, and only this folder kept.
            for path, octets in self._tar(place.maildir):
                parts = path.split("/")
                if len(parts) >= 3 and parts[-3] == folder and parts[-2] in ("cur", "new"):
                    yield parts[-1], octets
            return
        below = f"{place.maildir}/{folder}".rstrip("/")
        here = self._directories(below)
        for part in ("new", "cur"):
            if f"{below}/{part}" in here:
                for path, octets in self._tar(f"{below}/{part}"):
                    yield path.rpartition("/")[2], octets

    def _tar(self, path: str) -> Iterator[tuple[str, bytes]]:
        blocks = self.repository.dump(self.snapshot.id, path)
        stream = cast(IO[bytes], _Stream(blocks))
        try:
            with tarfile.open(fileobj=stream, mode="r|", errors="surrogateescape") as tar:
                for member in tar:
                    file = tar.extractfile(member) if member.isfile() and member.size <= LARGEST else None
                    if file is not None:
                        yield as_shown(member.name), file.read()
        except tarfile.TarError as error:
            raise ResticError(Outcome.DAMAGED, [str(error)]) from None

    # other files

    @contextmanager
    def files(self, paths: Iterable[str]) -> Iterator[Iterator[tuple[str, Path]]]:
        """(path in the snapshot, file in the scratch directory); gone when the `with` ends."""
        self.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = Path(tempfile.mkdtemp(dir=self.scratch))
        try:
            self.repository.fetch(self.snapshot.id, target, list(paths))
            yield _below(target)
        finally:
            shutil.rmtree(target, ignore_errors=True)

    def small(self, path: str) -> bytes:
        """A settings file; empty when it is not there."""
        with self.files([path]) as found:
            for _path_shown, file in found:
                if file.is_file() and file.stat().st_size <= LARGEST_SMALL:
                    return file.read_bytes()
        return b""

    def keywords(self, place: Place, folders: Iterable[str]) -> dict[str, dict[int, str]]:
        """Per folder what the letters a … z behind ":2," stand for."""
        wanted = {f"{place.maildir}/{folder}".rstrip("/") + "/dovecot-keywords": folder for folder in folders}
        with self.files(wanted) as found:
            return {wanted[path]: keywords(file.read_bytes()) for path, file in found if path in wanted}

    def script(self, place: Place) -> str:
        """The active Sieve script, as Dovecot keeps it: a link to one of the files in sieve/."""
        active = f"{place.home}/.dovecot.sieve"
        with self.files([active, f"{place.home}/sieve"]) as found:
            files = dict(found)
            link = files.get(active)
            name = os.readlink(link).rpartition("/")[2] if link is not None and link.is_symlink() else ""
            script = files.get(f"{place.home}/sieve/{name}") if name else link
            if script is None or not script.is_file() or script.stat().st_size > LARGEST_SMALL:
                return ""
            return script.read_text("utf-8", "replace")


class _Stream:
    """Blocks as a file that tarfile can read from."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest = blocks, b""

    def read(self, size: int) -> bytes:
        pieces, length = [self._rest], len(self._rest)
        while length < size and (block := next(self._blocks, b"")):
            pieces.append(block)
            length += len(block)
        octets = b"".join(pieces)
        self._rest = octets[size:]
        return octets[:size]


def as_shown(name: str) -> str:
    """A name from the disk as restic's JSON shows it: one U+FFFD for each octet that is no UTF-8."""
    return "".join(UNKNOWN if "\udc80" <= sign <= "\udcff" else sign for sign in name)


def _path(place: Place, message: Kept) -> str:
    folder = f"{message.folder}/" if message.folder != INBOX else ""
    return f"{place.maildir}/{folder}{message.place}"


def _batches(messages: Sequence[Kept]) -> Iterator[list[Kept]]:
    batch: list[Kept] = []
    for message in messages:
        if batch and (len(batch) == BATCH or sum(m.size for m in batch) + message.size > BATCH_BYTES):
            yield batch
            batch = []
        batch.append(message)
    if batch:
        yield batch


def _below(target: Path) -> Iterator[tuple[str, Path]]:
    for folder, _folders, files in os.walk(target):
        for name in files:
            path = Path(folder, name)
            yield as_shown(f"/{path.relative_to(target)}"), path
