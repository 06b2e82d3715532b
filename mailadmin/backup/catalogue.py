"""One mailbox' past, as an index on disk: which messages each snapshot holds, and their headers.

A listing of 100,000 messages costs restic seconds, so it is asked once per snapshot and kept. Headers
belong to a message for ever, whatever folder, flag or snapshot: they are kept by the name before ":2,".
Everything here can be thrown away and is made again when somebody looks.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .letters import Head, base
from .results import Node

MOST_SNAPSHOTS = 8
MOST_ROWS = 2_000_000
MOST_UNREAD = 20_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS snapshots (id TEXT PRIMARY KEY, used REAL NOT NULL, home TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
  snapshot TEXT NOT NULL, folder TEXT NOT NULL, base TEXT NOT NULL, place TEXT NOT NULL,
  size INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (snapshot, base, folder)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS messages_by_time ON messages(snapshot, folder, at DESC, base);
CREATE TABLE IF NOT EXISTS heads (
  base TEXT PRIMARY KEY, message_id TEXT NOT NULL, sender TEXT NOT NULL, subject TEXT NOT NULL, date REAL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS heads_by_id ON heads(message_id);
"""
_COLUMNS = (
    "m.folder, m.base, m.place, m.size, m.at, h.base IS NOT NULL, h.message_id, h.sender, h.subject, h.date"
)
_JOINED = "FROM messages m LEFT JOIN heads h ON h.base = m.base"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A message in a snapshot.

    `place`: "cur/1700.M1P1.mail:2,S" below its folder. `head`: None when nobody has read it yet.
    """

    folder: str
    base: str
    place: str
    size: int
    at: datetime  # INTERNALDATE: Dovecot keeps it as the file's time
    head: Head | None = None

    @property
    def key(self) -> str:
        """Names it in a form: a folder never holds a slash."""
        return f"{self.folder}/{self.base}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    folder: str
    messages: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows of a list. `folder` None: all. `words`: each must stand in subject or sender."""

    folder: str | None = None
    words: str = ""
    since: datetime | None = None
    offset: int = 0
    limit: int = 50


class Catalogue:
    """Opened for one look; safe beside others that look at the same time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # subjects are nobody's business
        self._path = path
        with self._open() as database:
            database.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=OFF")  # it can be made again
            with database:
                yield database

    # what is written

    def knows(self, snapshot: str) -> str:
        """Where the mailbox lies in this snapshot; empty when it was not looked into yet."""
        with self._open() as database:
            now = datetime.now(UTC).timestamp()
            row = database.execute(
                "UPDATE snapshots SET used = ? WHERE id = ? RETURNING home", (now, snapshot)
            ).fetchone()
            return str(row[0]) if row else ""

    def take(self, snapshot: str, home: str, nodes: Iterable[Node]) -> None:
        """All messages of a listing of `home`/Maildir; whole or not at all."""
        rows = (row for node in nodes if (row := _row(snapshot, f"{home}/Maildir", node)))
        with self._open() as database:
            database.execute("PRAGMA cache_size=-65536")  # KiB: both trees stay in memory
            database.execute("DELETE FROM messages WHERE snapshot = ?", (snapshot,))
            database.executemany("INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?)", rows)
            now = datetime.now(UTC).timestamp()
            database.execute("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)", (snapshot, now, home))
            old = database.execute(
                "SELECT id FROM snapshots ORDER BY used DESC LIMIT -1 OFFSET ?", (MOST_SNAPSHOTS,)
            ).fetchall()
            database.executemany("DELETE FROM messages WHERE snapshot = ?", old)
            database.executemany("DELETE FROM snapshots WHERE id = ?", old)

    def learn(self, heads: Mapping[str, Head]) -> None:
        rows = [
            (name, head.message_id, head.sender, head.subject, head.date.timestamp() if head.date else None)
            for name, head in heads.items()
        ]
        with self._open() as database:
            database.executemany("INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?, ?)", rows)

    # what is read

    def folders(self, snapshot: str) -> list[Count]:
        with self._open() as database:
            found = database.execute(
                "SELECT folder, count(*), sum(size) FROM messages WHERE snapshot = ? GROUP BY folder"
                " ORDER BY folder LIMIT 3000",
                (snapshot,),
            )
            return [Count(folder=name, messages=n, bytes=size) for name, n, size in found]

    def page(self, snapshot: str, wanted: Wanted) -> tuple[list[Kept], int]:
        """(newest first, how many there are in all)."""
        where, values = _conditions(snapshot, wanted)
        return self._page(where, values, wanted)

    def vanished(self, older: str, newer: str, wanted: Wanted) -> tuple[list[Kept], int]:
        """What `older` holds and `newer` holds nowhere, not even in another folder."""
        where, values = _conditions(older, wanted)
        where += (
            " AND NOT EXISTS (SELECT 1 FROM messages n WHERE n.snapshot = ? AND n.base = m.base)"
            " AND (h.message_id IS NULL OR h.message_id = '' OR NOT EXISTS (SELECT 1 FROM messages n"
            " JOIN heads g ON g.base = n.base WHERE n.snapshot = ? AND g.message_id = h.message_id))"
        )
        return self._page(where, [*values, newer, newer], wanted)

    def without(self, snapshot: str, names: Iterable[str], wanted: Wanted) -> tuple[list[Kept], int]:
        """What the snapshot holds under none of these names."""
        where, values = _conditions(snapshot, wanted)
        with self._open() as database:
            database.execute("CREATE TEMP TABLE living (base TEXT PRIMARY KEY) WITHOUT ROWID")
            database.executemany("INSERT OR IGNORE INTO living VALUES (?)", ((name,) for name in names))
            where += " AND NOT EXISTS (SELECT 1 FROM living l WHERE l.base = m.base)"
            return _rows(database, where, values, wanted)

    def unread_heads(self, snapshot: str, folder: str | None = None) -> list[Kept]:
        """Messages whose headers nobody has read yet, newest first."""
        where, values = _conditions(snapshot, Wanted(folder=folder))
        return self._page(f"{where} AND h.base IS NULL", values, Wanted(limit=MOST_UNREAD))[0]

    def count_unread(self, snapshot: str, folder: str | None = None) -> int:
        where, values = _conditions(snapshot, Wanted(folder=folder))
        return self._page(f"{where} AND h.base IS NULL", values, Wanted(limit=0))[1]

    def newcomers(self, snapshot: str, older: str, limit: int) -> list[Kept]:
        """What `snapshot` holds under a name that `older` does not know, with unread headers."""
        where, values = _conditions(snapshot, Wanted())
        where += (
            " AND h.base IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM messages o WHERE o.snapshot = ? AND o.base = m.base)"
        )
        return self._page(where, [*values, older], Wanted(limit=limit))[0]

    def find(self, snapshot: str, keys: Sequence[str]) -> list[Kept]:
        """By `Kept.key`, in any order; what is not there is left out."""
        found = []
        with self._open() as database:
            for folder, name in (key.rsplit("/", 1) for key in keys if "/" in key):
                row = database.execute(
                    f"SELECT {_COLUMNS} {_JOINED} WHERE m.snapshot = ? AND m.folder = ? AND m.base = ?",
                    (snapshot, folder, name),
                ).fetchone()
                if row:
                    found.append(_kept(row))
        return found

    def all(self, snapshot: str, folder: str | None = None) -> list[Kept]:
        return self.page(snapshot, Wanted(folder=folder, limit=MOST_ROWS))[0]

    def _page(self, where: str, values: list[object], wanted: Wanted) -> tuple[list[Kept], int]:
        with self._open() as database:
            return _rows(database, where, values, wanted)


def _rows(
    database: sqlite3.Connection, where: str, values: list[object], wanted: Wanted
) -> tuple[list[Kept], int]:
    # The pieces are ours; what people typed is in `values`.
    total = database.execute(f"SELECT count(*) {_JOINED} {where}", values).fetchone()[0]
    rows = database.execute(
        f"SELECT {_COLUMNS} {_JOINED} {where} ORDER BY m.at DESC, m.base LIMIT ? OFFSET ?",
        [*values, wanted.limit, wanted.offset],
    )
    return [_kept(row) for row in rows], int(total)


def _conditions(snapshot: str, wanted: Wanted) -> tuple[str, list[object]]:
    where, values = "WHERE m.snapshot = ?", [snapshot]  # type: tuple[str, list[object]]
    if wanted.folder is not None:
        where += " AND m.folder = ?"
        values.append(wanted.folder)
    if wanted.since is not None:
        where += " AND m.at >= ?"
        values.append(int(wanted.since.timestamp()))
    for word in wanted.words.split()[:8]:
        where += " AND (h.subject LIKE ? ESCAPE '!' OR h.sender LIKE ? ESCAPE '!')"
        like = "".join(f"!{sign}" if sign in "!%_" else sign for sign in word[:100])
        values += [f"%{like}%", f"%{like}%"]
    return where, values


def _row(snapshot: str, maildir: str, node: Node) -> tuple[object, ...] | None:
    """ "cur/x" and ".Sent/new/x" are messages; nothing deeper is, and nothing beside."""
    *folder, part, name = ("", *node.path.removeprefix(f"{maildir}/").split("/"))[-3:]
    depth = node.path.count("/") - maildir.count("/")
    inbox = depth == 2 and not any(folder)
    if node.kind != "file" or part not in ("cur", "new") or not (inbox or depth == 3):
        return None
    if depth == 3 and not folder[0].startswith("."):
        return None
    at = int(node.mtime.timestamp()) if node.mtime else 0
    return snapshot, folder[0], base(name), f"{part}/{name}", node.size, at


def _kept(row: Sequence[object]) -> Kept:
    folder, name, place, size, at, read, message_id, sender, subject, date = row
    head = None
    if read:
        moment = datetime.fromtimestamp(float(str(date)), UTC) if date is not None else None
        head = Head(message_id=str(message_id), sender=str(sender), subject=str(subject), date=moment)
    return Kept(
        folder=str(folder),
        base=str(name),
        place=str(place),
        size=int(str(size)),
        at=datetime.fromtimestamp(int(str(at)), UTC),
        head=head,
    )
