"""A night, from the lock to the report, with the real restic."""

import json
from pathlib import Path

from mailadmin import connections
from mailadmin.backup import layout
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
