"""The SQLite file, in WAL mode: a reader never waits for a writer (Postfix would stop for a minute)."""

import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql").read_text()

RECOUNT = Path(__file__).with_name("recount.sql").read_text()
COUNTED_WRONG = """WITH boxes_there AS (SELECT count(*) AS n FROM boxes)
  SELECT 1 FROM boxes_there WHERE n NOT IN (SELECT value FROM counters WHERE name = 'boxes')
  OR n IS NOT (SELECT sum(size) FROM stretches) OR n <> (SELECT count(*) FROM box_numbers)"""


class Database:
    """One connection, one thread: the event loop's. Statements take well under a millisecond."""

    def __init__(self, root: Path):
        self.root = root
        self.mail_root = root / "data/mail"
        self.path = root / "data/db/mail.sqlite3"
        self.connection = sqlite3.connect(
            self.path, timeout=10, isolation_level=None, check_same_thread=False
        )
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=NORMAL")
        self._bring_up_to_date()
        self.connection.execute("PRAGMA foreign_keys=ON")
        if self.row(COUNTED_WRONG):
            self.connection.executescript(RECOUNT)
        self._searching = threading.Lock()
        self._reader = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
        self._reader.row_factory = sqlite3.Row
        self._reader.execute("PRAGMA query_only=ON")
        self.connection.execute(
            "INSERT INTO settings VALUES ('mail_root', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (str(self.mail_root),),
        )

    def _bring_up_to_date(self) -> None:
        """Only a new schema is run: each change breaks one lookup on every open connection of Dovecot."""
        version = zlib.crc32(SCHEMA.encode()) >> 1  # user_version is signed
        if self.connection.execute("PRAGMA user_version").fetchone()[0] != version:
            self.connection.executescript(SCHEMA)
            self.connection.execute(f"PRAGMA user_version = {version}")

    def close(self) -> None:
        self._reader.close()
        self.connection.close()

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

    def found(self, query: str, *values: object) -> list[sqlite3.Row]:
        """For searches, which may take long: in another thread, on a second connection that cannot write."""
        with self._searching:
            return self._reader.execute(query, values).fetchall()

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
