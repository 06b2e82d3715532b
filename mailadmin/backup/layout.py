"""What a snapshot holds and where: the contract between whoever backs up and whoever restores.

A run makes two snapshots, one right after the other, both with host `mail` and the tags `poste` and
`run:<uuid>`. Only the second has the tag `complete`: a message that Dovecot moved from new/ to cur/ while
the first one looked is in no snapshot before it. **Restore only from `complete` snapshots.**

Each has two absolute paths, the same in every snapshot of an installation:

    <data>      the mail server's data directory (POSTEIO_BASE_DADOS), whole, minus `excludes()`
    <staging>   POSTIE_VAR/backup/staging, made anew for every run:
      manifest.json                 what was there (mailadmin/backup/manifest.py says the format)
      messages.tsv                  every message: `<maildir folder below data>/<name before ":2,">` TAB bytes
      db/data/<path below data>     exact copies of every SQLite database of the mail server
      db/postie.sqlite3             our own database, or
      db/postie.dump                … `pg_dump -Fc` of it

Living databases with their -wal, -shm and -journal are left out of <data>: after a restore, copy
`db/data/**` over `<data>/**` (owner and mode are those of the excluded original, kept in the manifest).
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STAGING = "backup/staging"
MANIFEST = "manifest.json"
MESSAGES = "messages.tsv"
DATABASES = "db"
OF_DATA = "data"
OURS_SQLITE, OURS_POSTGRESQL = "postie.sqlite3", "postie.dump"
TAG = "poste"

MAIL_ROOTS = {"domains": "poste.io", "mail": "bundled"}  # directory below data → whose layout it is
# Rebuilt by themselves, or of no use elsewhere: logs and virus signatures would fill the repository.
LEFT_OUT = (
    "log",
    "logs",
    "clamav",
    "spool/dev",
    "rspamd/*.hs",
    "rspamd/*.hsmp",
    "rspamd/*.unser",
)
LEFT_OUT_OF_MAILDIRS = ("dovecot.index*", "dovecot.list.index*", "xapian-indexes", "tmp")
BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal")


def run_tag(run: str) -> str:
    return f"run:{run}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A mailbox on disk. `path` is below the data directory: mail/kronos.test/ana"""

    address: str
    path: str

    @property
    def maildir(self) -> str:
        return f"{self.path}/Maildir"


def kind(data: Path) -> str:
    """ "poste.io", "bundled", or "" when this is no mail server's data."""
    return next((name for root, name in MAIL_ROOTS.items() if (data / root).is_dir()), "")


def homes(data: Path) -> list[Home]:
    """Every mailbox directory, by address. What was deleted and set aside (.deleted) is no mailbox."""
    found = []
    for root in MAIL_ROOTS:
        for domain in _folders(data / root):
            for user in _folders(domain):
                path = f"{root}/{domain.name}/{user.name}"
                if (user / "Maildir").is_dir():
                    found.append(Home(address=f"{user.name}@{domain.name}", path=path))
    return sorted(found, key=lambda home: home.address)


def mail_root(data: Path) -> str:
    return next((root for root in MAIL_ROOTS if (data / root).is_dir()), "mail")


def staging_of(paths: Iterable[str]) -> str:
    """Of the two paths of a snapshot the one that holds the manifest; restic sorts them as it likes."""
    return next((path for path in paths if path.endswith(f"/{STAGING}")), "")


def mail_root_of(mailboxes: Mapping[str, Mapping[str, Any]]) -> str:
    """The same, told by a manifest."""
    return next((str(box["path"]).partition("/")[0] for box in mailboxes.values()), "mail")


def excludes(data: Path, databases: Iterable[Path]) -> list[str]:
    """Patterns for restic: globs, where `*` stays within one name.

    restic holds every file against every pattern, twice in a pass: `**`, which fits any depth, and a mail
    root that is not there cost seconds at 100,000 messages.
    """
    left_out = [f"{escape(str(data))}/{pattern}" for pattern in LEFT_OUT]
    roots = [root for root in MAIL_ROOTS if (data / root).is_dir()]
    left_out += [
        f"{escape(str(data))}/{root}/*/*/Maildir/{folder}{pattern}"
        for root in roots
        for folder in ("", ".*/")
        for pattern in LEFT_OUT_OF_MAILDIRS
    ]
    return left_out + [
        escape(f"{database}{suffix}") for database in databases for suffix in BESIDE_A_DATABASE
    ]


def escape(path: str) -> str:
    """restic's patterns are globs; a maildir name may hold `[`."""
    return "".join(f"\\{sign}" if sign in "*?[]\\" else sign for sign in path)


def copy_of(staging: Path, data: Path, database: Path) -> Path:
    """Where the copy of a database of the mail server goes."""
    return staging / DATABASES / OF_DATA / database.relative_to(data)


def as_shown(path: str | bytes) -> str:
    """A path as restic's JSON shows it: octets that are not UTF-8 became U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def message_key(folder: str, name: str) -> str:
    """A message keeps the name before its flags for ever; the flags behind `:2,` change."""
    return as_shown(f"{folder}/{name.partition(':')[0]}")


def key_of(path: str, data: str) -> str:
    """Path of a file in a snapshot → its message key, or "" when it is no message."""
    below = path.removeprefix(data).lstrip("/")
    parts = below.rsplit("/", 2)
    if len(parts) != 3 or parts[1] not in ("cur", "new") or "/Maildir" not in parts[0]:
        return ""
    return message_key(parts[0], parts[2])


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def _folders(path: Path) -> Sequence[Path]:
    try:
        with os.scandir(path) as entries:
            return sorted(Path(e.path) for e in entries if e.is_dir() and not e.name.startswith("."))
    except FileNotFoundError:
        return []
