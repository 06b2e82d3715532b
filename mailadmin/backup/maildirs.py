"""Counting maildirs as they lie on the disk, while the server works in them."""

import hashlib
import os
import random
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from .layout import Home, as_shown, message_key

VALIDITY = re.compile(rb"\bV(\d+)\b")
SAMPLE = 20  # of the oldest and of any


@dataclass(kw_only=True)
class FolderCount:
    """`newest`: when its youngest message came, seconds since 1970 (Dovecot keeps INTERNALDATE as mtime)."""

    messages: int = 0
    bytes: int = 0
    uidvalidity: int = 0
    newest: int = 0

    def as_json(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`key` is layout.message_key; `path` is where the file was a moment ago."""

    key: str
    path: Path
    bytes: int
    mtime: int


def folders(data: Path, home: Home) -> Iterator[tuple[str, str]]:
    """(name as IMAP has it in the maildir: "INBOX", "Proyectos.Feria"; path below data)."""
    yield "INBOX", home.maildir
    with os.scandir(data / home.maildir) as entries:
        names = sorted(e.name for e in entries if e.name.startswith(".") and e.is_dir())
    for name in names:
        if (data / home.maildir / name / "cur").is_dir():
            yield name[1:], f"{home.maildir}/{name}"


def messages(data: Path, folder: str) -> Iterator[Message]:
    """`new` before `cur`: what moves meanwhile is seen, at worst twice."""
    seen = set()
    for part in ("new", "cur"):
        try:
            entries = list(os.scandir(data / folder / part))
        except FileNotFoundError:
            continue
        for entry in entries:
            key = message_key(folder, entry.name)
            with suppress(FileNotFoundError):  # it changed a flag, or left: then the next look is right
                if key not in seen and entry.is_file(follow_symlinks=False):
                    seen.add(key)
                    facts = entry.stat(follow_symlinks=False)
                    yield Message(
                        key=key, path=Path(entry.path), bytes=facts.st_size, mtime=int(facts.st_mtime)
                    )


def count(
    data: Path, home: Home, out: IO[str], sample: "Sample", beat: Callable[[], None]
) -> dict[str, dict[str, Any]]:
    """Folder → counts; every message becomes a line of `out`."""
    found = {}
    for name, folder in folders(data, home):
        counted = FolderCount(uidvalidity=uidvalidity(data / folder))
        for message in messages(data, folder):
            counted.messages += 1
            counted.bytes += message.bytes
            counted.newest = max(counted.newest, message.mtime)
            out.write(f"{message.key}\t{message.bytes}\n")
            sample.see(message)
        beat()
        found[as_shown(name)] = counted.as_json()
    return found


def uidvalidity(maildir: Path) -> int:
    """From the first line of dovecot-uidlist, "3 V1700000000 N5 G…"; 0 when there is none."""
    try:
        with (maildir / "dovecot-uidlist").open("rb") as file:
            found = VALIDITY.search(file.readline(500))
    except OSError:
        return 0
    return int(found[1]) if found else 0


class Sample:
    """The 20 oldest messages of the server and 20 of any age, chosen in one pass over all."""

    def __init__(self, seed: str, size: int = SAMPLE) -> None:
        self._random = random.Random(seed)  # noqa: S311 a sample, no secret
        self._size, self._seen = size, 0
        self.oldest: list[Message] = []
        self.any: list[Message] = []

    def see(self, message: Message) -> None:
        self._seen += 1
        if len(self.oldest) < self._size or message.mtime < self.oldest[-1].mtime:
            self.oldest = sorted([*self.oldest, message], key=lambda m: m.mtime)[: self._size]
        if len(self.any) < self._size:
            self.any.append(message)
        elif (place := self._random.randrange(self._seen)) < self._size:
            self.any[place] = message

    def hashes(self) -> list[dict[str, Any]]:
        chosen = {message.key: message for message in (*self.oldest, *self.any)}
        found = []
        for key, message in sorted(chosen.items()):
            path = locate(message)
            with suppress(OSError):
                found.append({"key": key, "bytes": message.bytes, "sha256": digest(path)})
        return found


def locate(message: Message) -> Path:
    """Where the message is now: a flag may have changed its name."""
    return message.path if message.path.exists() else find(message.path.parent.parent, message.path.name)


def find(folder: Path, name: str) -> Path:
    base = name.partition(":")[0]
    for part in ("cur", "new"):
        with suppress(OSError), os.scandir(folder / part) as entries:
            for entry in entries:
                if entry.name.partition(":")[0] == base:
                    return Path(entry.path)
    return folder / "cur" / base


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
