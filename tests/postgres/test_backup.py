"""Our own rows in PostgreSQL: into a night's backup, through a drill, out of it again."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from mailadmin.backup import layout, postgresql
from mailadmin.backup.databases import DatabaseError
from mailadmin.models import AuditEntry, BackupRepository
from mailadmin.posteio.client import Client
from mailadmin.services import backup_drills, backups, own_database
from tests.mailadmin.backup.conftest import ACTOR, data, steps
from tests.mailadmin.conftest import dovecot, poste, seed, wire

__all__ = ["data", "dovecot", "poste", "seed", "wire"]
pytestmark = pytest.mark.django_db(transaction=True)


def entry(target: str) -> None:
    AuditEntry.objects.create(actor="chief@kronos.test", action="domain.create", target=target)


def targets() -> set[str]:
    return set(AuditEntry.objects.filter(action="domain.create").values_list("target", flat=True))


@pytest.fixture
def ours(settings: Any, tmp_path: Path) -> Any:
    """The settings' entry of the database the tests run in."""
    settings.VAR_DIR = tmp_path / "var"
    settings.RESTIC_REPOSITORY = str(tmp_path / "repository")
    settings.RESTIC_PASSWORD = "repository-password-4711"
    settings.BACKUP_SCRATCH = str(tmp_path)
    return settings.DATABASES["default"]


def test_a_night_a_drill_and_the_rows_back(
    ours: Any, settings: Any, data: Path, poste: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.POSTEIO_BASE_DADOS = str(data)
    entry("saved.test")
    backups.create_repository(ACTOR)
    done = backups.run(backups.wish("chief@kronos.test"), poste)
    assert done.is_good, steps(done)
    monkeypatch.delitem(backup_drills.STEPS, "sign-in")  # of another room's tests
    drilled = backup_drills.run(backup_drills.wish("chief@kronos.test", "*"))
    assert drilled.is_good, steps(drilled)
    [dump] = [one for one in drilled.result["databases"] if one["name"] == "postgresql"]
    assert dump["rows"] > 10
    entry("later.test")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_a_newer_version (id int)")
    call_command("own_database", "put-back", snapshot=done.snapshot_id[:8])
    assert targets() == {"saved.test"}
    assert "of_a_newer_version" not in connection.introspection.table_names()
    assert BackupRepository.objects.count() == 1


def test_half_a_dump_is_noticed_and_changes_nothing(ours: Any, tmp_path: Path) -> None:
    for number in range(300):
        entry(f"d{number}.test")
    copy = own_database.save(tmp_path)
    assert copy.rows["mailadmin_auditentry"] == 300
    path = tmp_path / layout.OURS_POSTGRESQL
    path.write_bytes(path.read_bytes()[:-400])
    # The table of contents is whole: this is why a list is no proof.
    subprocess.run(["pg_restore", "--list", str(path)], check=True, capture_output=True)
    with pytest.raises(DatabaseError):
        postgresql.check(path)
    with pytest.raises(DatabaseError):
        own_database.put_back(tmp_path)
    assert len(targets()) == 300


def test_a_password_is_no_argument_and_no_word(ours: Any, tmp_path: Path) -> None:
    broken = {**ours, "HOST": "127.0.0.1", "PORT": "9", "PASSWORD": "a-very-good-word", "OPTIONS": {}}
    with pytest.raises(DatabaseError) as caught:
        postgresql.copy(broken, tmp_path / "x.dump")
    assert "a-very-good-word" not in str(caught.value)
    assert postgresql.environment(broken)["PGPASSWORD"] == "a-very-good-word"
