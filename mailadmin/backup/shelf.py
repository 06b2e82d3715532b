"""Messages straight into a maildir, where IMAP is not possible: the server is down, or there is no key to it.

Only ever into folders of their own below "Restored <day>", never over what lives and never twice. Dovecot
finds new files by itself and gives them their UIDs: its dovecot-uidlist is not touched. Sources: Maildir++;
Dovecot's "Maildir Mailbox Format" (names, flags, dovecot-keywords).
"""

import hashlib
import itertools
import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from imapclient import imap_utf7

from .letters import FLAGS, keywords

LONGEST_NAME = 200  # octets of a folder on disk, all levels
LOCKED_AT_MOST = 5.0  # seconds that Dovecot may hold the list of keywords
_LETTERS = {flag: letter for letter, flag in FLAGS.items()}
_number = itertools.count()


class NoMaildir(Exception):
    """There is no such mailbox on this disk, or we may not write there; the sentence says which."""


@dataclass
class MaildirShelf:
    """`name`: the folder above all ("Restored 2026-05-03"). As webmail.imap.deposit.Shelf, but on disk."""

    maildir: Path
    name: str
    shown: str = ""  # the last folder that took something
    _known: dict[Path, set[tuple[int, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.maildir / "cur").is_dir() or self.maildir.is_symlink():
            raise NoMaildir(f"{self.maildir} is no maildir")
        owner = self.maildir.stat()
        self._owner = (owner.st_uid, owner.st_gid)
        self._mode = owner.st_mode & 0o777
        if os.geteuid() not in (0, owner.st_uid) or not os.access(self.maildir, os.W_OK):
            raise NoMaildir(f"{self.maildir} may not be written to by this user")

    def put(self, folder: str, octets: bytes, flags: frozenset[str], arrived: datetime) -> bool:
        """False: it is there already. `folder`: levels apart by "/". Raises OSError."""
        self.shown = f"{self.name}/{folder}"
        place = self.maildir / on_disk(self.name, *folder.split("/"))
        if place not in self._known:
            self._make(place)
            self._known[place] = set(_fingerprints(place))
        moment = int(arrived.timestamp())
        key = (moment, _digest(octets))
        if key in self._known[place]:
            return False
        self._write(place, octets, self._info(place, flags), moment)
        self._known[place].add(key)
        return True

    def _make(self, place: Path) -> None:
        if place.is_symlink():
            raise NoMaildir(f"{place} is a link")
        for path in (place, *(place / part for part in ("tmp", "new", "cur"))):
            if not path.exists():
                path.mkdir(mode=self._mode)
                path.chmod(self._mode)
                self._give(path)
        mark = place / "maildirfolder"  # Maildir++: a folder, not somebody's mailbox
        if not mark.exists():
            mark.touch(mode=0o600)
            self._give(mark)

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, *self._owner, follow_symlinks=False)

    def _write(self, place: Path, octets: bytes, info: str, moment: int) -> None:
        """Whole or not at all: to tmp, to the disk, then under its name, which nobody else has."""
        host = socket.gethostname().replace("/", "_").replace(":", "_")
        unique = f"{moment}.M{time.time_ns() // 1000 % 1_000_000}P{os.getpid()}Q{next(_number)}.{host}"
        draft = place / "tmp" / unique
        try:
            with draft.open("xb") as file:
                os.fchmod(file.fileno(), self._mode & 0o666)
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
            self._give(draft)
            os.utime(draft, (moment, moment))  # INTERNALDATE
            os.link(draft, place / "cur" / f"{unique},S={len(octets)}:2,{info}")  # never over another
        finally:
            draft.unlink(missing_ok=True)

    def _info(self, place: Path, flags: frozenset[str]) -> str:
        letters = {_LETTERS[flag] for flag in flags if flag in _LETTERS}
        others = sorted(flag for flag in flags if flag not in _LETTERS and not flag.startswith("\\"))
        return "".join(sorted(letters)) + "".join(sorted(self._keywords(place, others))) if flags else ""

    def _keywords(self, place: Path, wanted: list[str]) -> list[str]:
        """The letters a … z of these; a keyword the folder does not know yet is written into its list."""
        if not wanted:
            return []
        file = place / "dovecot-keywords"
        known = _read(file)
        if any(word not in known for word in wanted) and self._lock(file):
            lock = file.with_name(f"{file.name}.lock")
            try:
                known = _read(file)
                free = (number for number in range(26) if number not in known.values())
                new = [word for word in wanted if word not in known]
                known |= dict(zip(new, free, strict=False))
                lines = sorted(known.items(), key=lambda one: one[1])
                lock.write_text("".join(f"{number} {word}\n" for word, number in lines))
                self._give(lock)
                lock.rename(file)
            finally:
                lock.unlink(missing_ok=True)
        return [chr(97 + known[word]) for word in wanted if word in known]

    def _lock(self, file: Path) -> bool:
        """Dovecot's own way: the lock becomes the new file."""
        lock = file.with_name(f"{file.name}.lock")
        deadline = time.monotonic() + LOCKED_AT_MOST
        while time.monotonic() < deadline:
            with suppress(FileExistsError):
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                return True
            time.sleep(0.05)
        return False


def on_disk(*levels: str) -> str:
    """Levels of a folder's name → its directory: modified UTF-7, dots between; a dot within becomes "_"."""
    plain = [level.replace(".", "_").replace("/", "_") for level in levels if level]
    names = [imap_utf7.encode(level).decode() for level in plain]
    found = "." + ".".join(names)
    if len(found) <= LONGEST_NAME:
        return found
    # Too long for a directory: what is told apart by its end is told apart by a digest.
    return f".{names[0]}.{_digest(found.encode())[:16]}"


def _read(file: Path) -> dict[str, int]:
    try:
        return {word: number for number, word in keywords(file.read_bytes()).items()}
    except FileNotFoundError:
        return {}


def _fingerprints(place: Path) -> Iterator[tuple[int, str]]:
    for part in ("new", "cur"):
        with os.scandir(place / part) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # a flag changed its name, or it left
                    if entry.is_file(follow_symlinks=False):
                        yield int(entry.stat().st_mtime), _digest(Path(entry.path).read_bytes())


def _digest(octets: bytes) -> str:
    """The same for a message that came by IMAP and lies here with other line ends."""
    return hashlib.sha256(octets.replace(b"\r\n", b"\n")).hexdigest()
