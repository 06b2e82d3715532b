"""A night, from the lock to the report, with the real restic."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mailadmin import connections
from mailadmin.backup import databases, layout
from mailadmin.backup.manifest import Manifest
from mailadmin.models import BackupRepository, BackupRun
from mailadmin.posteio.client import Client
from mailadmin.services import backups
from tests.mailadmin.backup.conftest import steps


def backup(poste: Client) -> BackupRun:
    return backups.run(backups.wish("chief@kronos.test"), poste)


def test_a_night(repository: BackupRepository, poste: Client, data: Path) -> None:
    done = backup(poste)
    assert (done.state, done.code) == ("ok", ""), steps(done)
    assert list(steps(done)) == list(backups.STEPS)
    assert done.result["messages"] == 35
    with connections.repository() as found:
        snapshots = found.snapshots()
        assert [s.is_complete for s in snapshots] == [False, True]
        assert {s.hostname for s in snapshots} == {"mail"}
        assert all(f"run:{done.uuid}" in s.tags and "poste" in s.tags for s in snapshots)
        staging = layout.staging_of(snapshots[-1].paths)
        assert set(snapshots[-1].paths) == {str(data), staging}
        kept = Manifest.read(
            (b"".join(found.dump(snapshots[-1].id, f"{staging}/{layout.MANIFEST}"))).decode()
        )
        inside = {node.path for node in found.ls(snapshots[-1].id, recursive=True)}
    assert kept.counts("ana@kronos.test") == (15, kept.counts("ana@kronos.test")[1])
    assert kept.mailboxes["ana@kronos.test"]["folders"]["INBOX"]["uidvalidity"] == 1700000001
    # The API in this process has no Dovecot to ask for filters: that is said, and costs nothing else.
    assert kept.export["problems"] == ["quota and filter of admin@kronos.test: Unavailable 503"]
    assert {box["address"] for box in kept.export["mailboxes"]} >= {"ana@kronos.test", "info@kronos.test"}
    assert "password" not in json.dumps(kept.export).lower()
    assert f"{staging}/db/data/db/mail.sqlite3" in inside
    assert f"{staging}/db/postie.sqlite3" in inside
    assert f"{data}/dkim/kronos.test.postie.key" in inside
    assert f"{data}/db/mail.sqlite3" not in inside
    assert not list((connections.backup_directory() / "staging").iterdir())


def test_nothing_is_made_where_nobody_chose(
    db: None, backup_settings: object, poste: Client, tmp_path: Path
) -> None:
    done = backup(poste)
    assert (done.state, done.code) == ("no-repository", "repository.not-chosen")
    assert not (tmp_path / "repository").exists()


MADE_AGAIN = (
    "log/mail.log",
    "clamav/main.cvd",
    "mail/kronos.test/ana/Maildir/dovecot.index.cache",
    "mail/kronos.test/ana/Maildir/.Proyectos.Feria/dovecot.index.log",
    "mail/kronos.test/ana/Maildir/dovecot.list.index",
    "mail/kronos.test/ana/Maildir/tmp/half-a-letter",
    "mail/kronos.test/ana/Maildir/xapian-indexes/terms",
)
KEPT = (
    "mail/kronos.test/ana/Maildir/dovecot-uidlist",
    "mail/kronos.test/ana/Maildir/dovecot-keywords",
    "mail/kronos.test/ana/Maildir/subscriptions",
    "mail/kronos.test/ana/sieve/postie.sieve",
    "_override/etc/dovecot/local.conf",
    "ssl/server.key",
    "dkim/kronos.test.postie.key",
    "server.ini",
    "a folder nobody foresaw/file",
)


def test_what_is_made_again_is_left_out_and_what_is_not_is_kept(
    repository: BackupRepository, poste: Client, data: Path
) -> None:
    for name in (*MADE_AGAIN, *KEPT):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("3 V1700000001 N1 Gabc\n")
    done = backup(poste)
    assert done.is_good, steps(done)
    with connections.repository() as found:
        inside = {node.path for node in found.ls(done.snapshot_id, str(data), recursive=True)}
    assert [name for name in MADE_AGAIN if f"{data}/{name}" in inside] == []
    assert [name for name in KEPT if f"{data}/{name}" not in inside] == []


def test_our_own_rows_as_a_file_and_back_whatever_a_newer_version_did(
    backup_settings: Any, tmp_path: Path
) -> None:
    place = Path(backup_settings.DATABASES["default"]["NAME"])
    with closing(sqlite3.connect(place)) as database:
        database.execute("CREATE TABLE entries(target TEXT)")
        database.execute("INSERT INTO entries VALUES ('saved.test')")
        database.commit()
    call_command("own_database", "save")
    saved = tmp_path / "var/backup/before-update/postie.sqlite3"
    assert saved.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(place)) as database:
        database.execute("ALTER TABLE entries RENAME TO renamed")
        database.execute("CREATE TABLE of_a_newer_version(id)")
        database.commit()
    call_command("own_database", "put-back")
    with closing(sqlite3.connect(place)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master")]
        assert tables == ["entries"]
        assert database.execute("SELECT target FROM entries").fetchall() == [("saved.test",)]
    saved.write_bytes(saved.read_bytes()[:5000])
    with pytest.raises(CommandError, match="left as it is"):
        call_command("own_database", "put-back")
    assert databases.check_sqlite(place) == {"entries": 1}
