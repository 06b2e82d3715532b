"""The manifest: what was on the server when the backup was taken, so that a restore can be measured by it.

    {"format": 1, "run": "<uuid>", "at": "2026-08-20T02:30:11+00:00",
     "host": "mail.example.org", "restic": "0.14.0", "layout": "poste.io" | "bundled",
     "data": "/data", "staging": "/var/lib/postie/backup/staging",
     "databases": [{"source": "/data/users.db", "copy": "<staging>/db/data/users.db", "bytes": 12288,
                    "rows": {"users": 12}, "uid": 8, "gid": 8, "mode": 416}],
     "mailboxes": {"ana@example.org": {"path": "domains/example.org/ana", "uid": 8, "gid": 8, "mode": 448,
        "folders": {"INBOX": {"messages": 12, "bytes": 48211, "uidvalidity": 1700000000, "newest": 1755…},
                    "Proyectos.Feria": {…}}}},
     "messages": 4812, "bytes": 81234567,
     "sample": [{"key": "domains/example.org/ana/Maildir/1755…M1P2.mail", "bytes": 4711, "sha256": "…"}],
     "export": {"domains": […], "mailboxes": […], "dkim": {…}, "problems": […]}}

Folder names are those of the maildir (modified UTF-7, dots between levels), INBOX for the root. `export`
is what the API says, enough to make domains, mailboxes, aliases, quotas and filters again; passwords are
nowhere in it, only (hashed) in the copies of the databases.
"""

import json
import stat
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from . import layout, maildirs

FORMAT = 1


class NotAManifest(ValueError):
    """The file is missing, torn or of a later format; the sentence says which."""


@dataclass(kw_only=True)
class Manifest:
    run: str
    at: str
    host: str
    restic: str
    layout: str
    data: str
    staging: str
    databases: list[dict[str, Any]] = field(default_factory=list)
    mailboxes: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: int = 0
    bytes: int = 0
    sample: list[dict[str, Any]] = field(default_factory=list)
    export: dict[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True))

    @classmethod
    def read(cls, text: str) -> Self:
        try:
            data = json.loads(text)
        except ValueError as error:
            raise NotAManifest(f"not JSON: {error}") from None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise NotAManifest(f"a manifest of format {FORMAT} was expected")
        known = set(cls.__dataclass_fields__)
        try:
            return cls(**{key: value for key, value in data.items() if key in known})
        except TypeError as error:
            raise NotAManifest(str(error)) from None

    def counts(self, address: str) -> tuple[int, int]:
        """(messages, bytes) of a mailbox."""
        folders: Mapping[str, Mapping[str, int]] = self.mailboxes[address]["folders"]
        return sum(f["messages"] for f in folders.values()), sum(f["bytes"] for f in folders.values())


def count_mail(manifest: Manifest, beat: Callable[[], None]) -> None:
    """Fills in the mailboxes and the sample, and writes messages.tsv."""
    data = Path(manifest.data)
    sample = maildirs.Sample(manifest.run)
    path = Path(manifest.staging) / layout.MESSAGES
    with path.open("w", encoding="utf-8") as out:
        for home in layout.homes(data):
            owner = (data / home.path).stat()
            manifest.mailboxes[home.address] = {
                "path": home.path,
                "uid": owner.st_uid,
                "gid": owner.st_gid,
                "mode": stat.S_IMODE(owner.st_mode),
                "folders": maildirs.count(data, home, out, sample, beat),
            }
            messages, size = manifest.counts(home.address)
            manifest.messages += messages
            manifest.bytes += size
    manifest.sample = sample.hashes()


def read_messages(lines: "Any") -> dict[str, int]:
    """messages.tsv → key: bytes."""
    found = {}
    for line in lines:
        key, _, size = line.rstrip("\n").rpartition("\t")
        if key:
            found[key] = int(size)
    return found
