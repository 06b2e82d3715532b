"""The SQLite file, in WAL mode: a reader never waits for a writer (Postfix would stop for a minute)."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql").read_text()


class Database:
    """One connection, one thread: the event loop's. Statements take well under a millisecond."""

    def __init__(self, root: Path):
        self.root = root
        self.mail_root = root / "data/mail"
        self.connection = sqlite3.connect(
            root / "data/db/mail.sqlite3", timeout=10, isolation_level=None, check_same_thread=False
        )
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=NORMAL")
        self.connection.executescript(SCHEMA)
        self.connection.execute("PRAGMA foreign_keys=ON")
        self.connection.execute(
            "INSERT INTO settings VALUES ('mail_root', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (str(self.mail_root),),
        )

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """All or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def row(self, query: str, *values: object) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self.connection.execute(query, values).fetchone()
        return found

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        return self.connection.execute(query, values).fetchall()

    def setting(self, name: str, default: int) -> int:
        found = self.row("SELECT value FROM settings WHERE name = ?", name)
        return int(found["value"]) if found else default


def now() -> int:
    return int(time.time())


def iso(seconds: int) -> str:
    """poste.io's offset has no colon: 2004-02-12T15:19:21+0000."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
