"""A snapshot that was restored into a scratch directory, held against its own manifest."""

import email
import email.policy
import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import databases, layout, maildirs, manifest, postgresql
from .manifest import Manifest

MOST_NAMED = 5


@dataclass(kw_only=True)
class Differences:
    """Message keys. `missing` without those whose owner took them away while the backup ran."""

    messages: int = 0
    bytes: int = 0
    missing: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)  # of another size than the manifest says
    excused: int = 0


@dataclass(frozen=True, slots=True)
class Restored:
    """`root`: the scratch directory; `data` below it is what was the mail server's data directory."""

    root: Path
    manifest: Manifest

    @classmethod
    def unpack(cls, target: Path, staging: str) -> "Restored":
        """restic keeps absolute paths below the target; the data moves to `<target>/data`."""
        folder = target / staging.lstrip("/")
        found = Manifest.read((folder / layout.MANIFEST).read_text())
        (target / found.data.lstrip("/")).rename(target / "data")
        folder.rename(target / "staging")
        return cls(target, found)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def staging(self) -> Path:
        return self.root / "staging"

    def put_databases_back(self) -> list[dict[str, Any]]:
        """Each sound, each with the rows of the manifest. Raises databases.DatabaseError."""
        found = []
        for wanted in self.manifest.databases:
            copy = self.staging / Path(wanted["copy"]).relative_to(self.manifest.staging)
            if not copy.exists():
                raise databases.DatabaseError(f"{wanted['source']} is not in the backup")
            is_dump = copy.name == layout.OURS_POSTGRESQL
            rows = postgresql.check(copy) if is_dump else databases.check_sqlite(copy)
            if rows != wanted["rows"] and "tables" not in wanted["rows"]:  # as older backups counted a dump
                raise databases.DatabaseError(f"{wanted['source']}: {_differing(rows, wanted['rows'])}")
            found.append({"name": Path(wanted["source"]).name, "rows": sum(rows.values())})
            if wanted["source"].startswith(self.manifest.data + "/"):
                self._put(copy, wanted)
        return found

    def _put(self, copy: Path, wanted: dict[str, Any]) -> None:
        place = self.data / Path(wanted["source"]).relative_to(self.manifest.data)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(copy, place)
        place.chmod(wanted["mode"])
        if os.geteuid() == 0:
            os.chown(place, wanted["uid"], wanted["gid"])

    def open_ways(self, addresses: Collection[str]) -> None:
        """A partial restore makes the folders above a mailbox anew: they get the owner of what is in them."""
        for address in addresses if os.geteuid() == 0 else ():
            wanted = self.manifest.mailboxes[address]
            for folder in (self.data / wanted["path"]).parents:
                if folder == self.data:
                    break
                os.chown(folder, wanted["uid"], wanted["gid"])

    def wanted(self, addresses: Collection[str]) -> dict[str, int]:
        """Messages the manifest promises for these mailboxes: key → bytes."""
        homes = tuple(f"{layout.as_shown(self.manifest.mailboxes[a]['path'])}/" for a in addresses)
        with (self.staging / layout.MESSAGES).open(encoding="utf-8") as lines:
            every = manifest.read_messages(lines)
        return {key: size for key, size in every.items() if key.startswith(homes)}

    def found(self, address: str) -> Iterator[maildirs.Message]:
        path = self.manifest.mailboxes[address]["path"]
        home = layout.Home(address=address, path=path)
        if not (self.data / home.maildir).is_dir():
            return
        for _name, folder in maildirs.folders(self.data, home):
            yield from maildirs.messages(self.data, folder)

    def compare(
        self, addresses: Collection[str], excused: Collection[str], beat: Callable[[], None]
    ) -> Differences:
        wanted, differences = self.wanted(addresses), Differences()
        for address in addresses:
            for message in self.found(address):
                differences.messages += 1
                differences.bytes += message.bytes
                size = wanted.pop(message.key, message.bytes)  # what came during the backup is no fault
                if size != message.bytes:
                    differences.short.append(message.key)
            beat()
        differences.missing = [key for key in wanted if key not in excused]
        differences.excused = len(wanted) - len(differences.missing)
        return differences

    def owners(self, addresses: Collection[str]) -> list[str]:
        """Mailboxes whose owner or mode is not what it was; only root can give files away."""
        wrong = []
        for address in addresses if os.geteuid() == 0 else ():
            wanted = self.manifest.mailboxes[address]
            facts = (self.data / wanted["path"]).stat()
            if (facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)) != (
                wanted["uid"], wanted["gid"], wanted["mode"],
            ):  # fmt: skip
                wrong.append(address)
        return wrong

    def hashes(self) -> tuple[int, list[str]]:
        """(messages of the sample that were compared, those that are not what they were)."""
        compared, differing = 0, []
        for one in self.manifest.sample:
            folder, _, name = one["key"].rpartition("/")
            path = maildirs.find(self.data / folder, name)
            if path.exists():
                compared += 1
                if maildirs.digest(path) != one["sha256"]:
                    differing.append(one["key"])
        return compared, differing


def opens(path: Path) -> bool:
    """A letter has headers: an empty or overwritten file has none."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.compat32)
    return bool(message.keys())


def _differing(now: dict[str, int], wanted: dict[str, int]) -> str:
    for name in sorted({*now, *wanted}):
        if now.get(name) != wanted.get(name):
            return f"{name} has {now.get(name)} rows, {wanted.get(name)} were saved"
    return "other rows than were saved"
