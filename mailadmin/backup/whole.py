"""The whole server from a snapshot: fetched beside the living data, looked through, then put in its place.

Nothing is overwritten: what was there is moved aside, and its name is told.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from .databases import DatabaseError, check_sqlite
from .layout import DATABASES, MAIL_ROOTS, MANIFEST, OF_DATA, OURS_SQLITE
from .manifest import Manifest, NotAManifest
from .restic import Repository
from .results import Snapshot

SHORTEST = 3  # parts of a path: nobody means to replace / or /data's parent by a slip


class NotWhole(Exception):
    """This cannot be put in place; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A snapshot below `root`: its data directory, its staging directory, what was wrong with it."""

    root: Path
    data: Path
    staging: Path
    messages: int = 0
    mailboxes: int = 0
    problems: tuple[str, ...] = field(default=())


def fetch(repository: Repository, snapshot: Snapshot, root: Path) -> Fetched:
    """Everything into `root`, verified by restic, then looked through. Raises ResticError, NotWhole."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    repository.restore(snapshot.id, root)
    return look_through(root, snapshot)


def look_through(root: Path, snapshot: Snapshot) -> Fetched:
    places = [Path(f"{root}{path}") for path in snapshot.paths]
    data = next((path for path in places if any((path / name).is_dir() for name in MAIL_ROOTS)), None)
    staging = next((path for path in places if (path / MANIFEST).is_file()), None)
    if data is None:
        raise NotWhole("There are no mailboxes in this snapshot.")
    if staging is None:
        raise NotWhole("There is no manifest in this snapshot: it was not made by Postie's backup.")
    try:
        manifest = Manifest.read((staging / MANIFEST).read_text("utf-8"))
    except NotAManifest as error:
        raise NotWhole(f"The manifest cannot be read: {error}") from None
    found = sum(1 for _message in messages(data))
    problems = []
    if found < manifest.messages:
        # More is normal: the manifest is older than the snapshot by the length of the run.
        problems.append(f"{manifest.messages - found} of {manifest.messages} messages are missing")
    problems += [problem for copy in _copies(staging) if (problem := _problem(copy))]
    return Fetched(
        root=root,
        data=data,
        staging=staging,
        messages=found,
        mailboxes=len(manifest.mailboxes),
        problems=tuple(problems),
    )


def messages(data: Path) -> Iterator[str]:
    for name in MAIL_ROOTS:
        for folder, _folders, files in os.walk(data / name):
            if folder.endswith(("/cur", "/new")) and "/Maildir" in folder:
                yield from files


def _copies(staging: Path) -> list[Path]:
    return [path for path in (staging / DATABASES).rglob("*") if path.is_file() and path.suffix != ".dump"]


def _problem(copy: Path) -> str:
    try:
        check_sqlite(copy)
    except DatabaseError as error:
        return str(error)
    return ""


def place(fetched: Fetched, data: Path) -> Path | None:
    """Puts it where `data` is; returns where the old data went, None when there was none. As root."""
    data = Path(os.path.realpath(data))
    if len(data.parts) < SHORTEST:
        raise NotWhole(f"{data} is no data directory.")
    _databases(fetched)
    aside = None
    if data.exists() and any(data.iterdir()):
        aside = data.with_name(f"{data.name}.before-{time.strftime('%Y%m%dT%H%M%S')}")
        _move(data, aside)
    _move(fetched.data, data)
    return aside


def _move(source: Path, target: Path) -> None:
    """A mount point cannot be renamed: then what is in it is."""
    try:
        if target.is_dir():
            target.rmdir()
        source.rename(target)
    except OSError:
        target.mkdir(exist_ok=True)
        for entry in list(source.iterdir()):
            if entry.name != target.name or entry.parent != target.parent:
                shutil.move(str(entry), str(target / entry.name))


def _databases(fetched: Fetched) -> None:
    """The exact copies over their places, with the owner and mode of the originals."""
    manifest = Manifest.read((fetched.staging / MANIFEST).read_text("utf-8"))
    owners = {Path(str(one["copy"])).name: one for one in manifest.databases}
    root = fetched.staging / DATABASES / OF_DATA
    for copy in [path for path in root.rglob("*") if path.is_file()]:
        target = fetched.data / copy.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        for suffix in ("-wal", "-shm", "-journal"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(copy, target)
        facts = owners.get(copy.name, {})
        if "mode" in facts:
            target.chmod(int(facts["mode"]))
        with suppress(PermissionError):
            os.chown(target, int(facts.get("uid", -1)), int(facts.get("gid", -1)))


def place_panel(fetched: Fetched, path: Path) -> bool:
    """Postie's own SQLite database, only where there is none; whether it was put there."""
    copy = fetched.staging / DATABASES / OURS_SQLITE
    if path.exists() or not copy.is_file():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(copy, path)
    path.chmod(0o600)
    return True
