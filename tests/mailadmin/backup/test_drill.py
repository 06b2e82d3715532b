"""Restore drills on real snapshots: what comes back, and what turns them red."""

import os
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from kombu.exceptions import OperationalError

from mailadmin import tasks
from mailadmin.backup import maildirs
from mailadmin.backup.databases import copy_sqlite
from mailadmin.backup.verdict import Verdict
from mailadmin.models import AuditEntry, BackupRepository, BackupRun
from mailadmin.posteio.client import Client
from mailadmin.services import backup_drills, backup_state, backups, drill_steps, recovery_kit
from tests.mailadmin.backup.conftest import ACTOR, steps
from tests.mailadmin.backup.test_bad_days import flip

Drill = Callable[..., BackupRun]


@pytest.fixture
def saved(repository: BackupRepository, poste: Client) -> BackupRun:
    done = backups.run(backups.wish("chief@kronos.test"), poste)
    assert done.is_good, steps(done)
    return done


@pytest.fixture
def drill(saved: BackupRun, backup_settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drill:
    """Without the server at its end: tests/stories/test_backups.py starts that one, on real data."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    backup_settings.BACKUP_SCRATCH = str(scratch)

    def no_server(found: drill_steps.Drill) -> Verdict:
        found.run.result["signed_in"] = None
        return Verdict(warning=True, code="drill.no-server")

    monkeypatch.setitem(backup_drills.STEPS, "sign-in", no_server)
    return lambda domain="*": backup_drills.run(backup_drills.wish("chief@kronos.test", domain))


def before(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[drill_steps.Drill], object]) -> None:
    step = backup_drills.STEPS[name]

    def both(found: Any) -> Verdict:
        act(found)
        return step(found)

    monkeypatch.setitem(backup_drills.STEPS, name, both)


def test_what_was_saved_comes_back_and_is_certified(drill: Drill, tmp_path: Path) -> None:
    done = drill()
    assert (done.state, done.code) == ("ok", ""), steps(done)
    found = done.result
    assert (found["mailboxes"], found["messages"], found["opened"]) == (3, 35, 35)
    assert 20 <= found["hashed"] <= 35
    assert {one["name"] for one in found["databases"]} == {"mail.sqlite3", "ours.sqlite3"}
    assert found["rto_seconds"] > 0
    assert found["rpo_seconds"] >= 0
    assert backup_drills.is_genuine(found)
    assert not backup_drills.is_genuine({**found, "messages": 36})
    assert list((tmp_path / "scratch").iterdir()) == []  # wiped
    assert backup_drills.badge() == "green"


def test_a_domain_alone(drill: Drill) -> None:
    assert drill("other.test").result["mailboxes"] == 1
    assert drill("nowhere.test").code == "drill.no-domain"


def test_a_flipped_byte_turns_it_red(drill: Drill, tmp_path: Path) -> None:
    flip(tmp_path / "repository")
    done = drill()
    assert done.state == "damaged", steps(done)
    assert done.code == "restic.damaged"
    assert backup_drills.badge() == "red"


def test_a_message_that_does_not_come_back_turns_it_red(
    drill: Drill, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(found: drill_steps.Drill) -> None:
        next((found.there.data / "mail/kronos.test/ana/Maildir/cur").iterdir()).unlink()

    before(monkeypatch, "count", lose)
    done = drill()
    assert (done.state, done.code) == ("damaged", "drill.missing")
    assert done.facts["number"] == 1
    assert "ana/Maildir" in done.facts["missing"][0]


def test_a_message_that_comes_back_short_turns_it_red(drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(found: drill_steps.Drill) -> None:
        path = next((found.there.data / "mail/kronos.test/ana/Maildir/cur").iterdir())
        path.write_bytes(path.read_bytes()[:10])

    before(monkeypatch, "count", cut)
    assert drill().code == "drill.short"


def test_a_message_that_comes_back_changed_turns_it_red(
    drill: Drill, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(found: drill_steps.Drill) -> None:
        folder, _, name = found.there.manifest.sample[0]["key"].rpartition("/")
        path = maildirs.find(found.there.data / folder, name)
        path.write_bytes(path.read_bytes().replace(b"texto", b"tecto"))

    before(monkeypatch, "open", change)
    assert drill().code == "drill.hash"


def test_a_torn_database_turns_it_red(drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    def tear(found: drill_steps.Drill) -> None:
        path = found.there.staging / "db/data/db/mail.sqlite3"
        raw = path.read_bytes()
        path.write_bytes(raw[:4096] + os.urandom(len(raw) - 4096))

    before(monkeypatch, "databases", tear)
    done = drill()
    assert (done.state, done.code) == ("damaged", "drill.database")
    assert "mail.sqlite3" in done.facts["said"]


def test_a_row_that_is_missing_turns_it_red(drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(found: drill_steps.Drill) -> None:
        database = sqlite3.connect(found.there.staging / "db/data/db/mail.sqlite3")
        database.execute("DELETE FROM boxes WHERE address = '1'")
        database.commit()
        database.close()

    before(monkeypatch, "databases", lose)
    assert "29 rows, 30 were saved" in drill().facts["said"]


def test_another_owner_turns_it_red(drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
    before(
        monkeypatch, "count", lambda found: os.chown(found.there.data / "mail/kronos.test/ana", 12345, 12345)
    )
    assert drill().code == "drill.owner"


def test_the_badge_turns_amber_after_ten_days_and_red_at_a_failure(drill: Drill) -> None:
    assert backup_drills.badge() == "none"
    drill()
    now = timezone.now()
    assert backup_drills.badge(now + timedelta(days=9)) == "green"
    assert backup_drills.badge(now + timedelta(days=11)) == "amber"
    assert backup_state.look(now + timedelta(hours=27)).stale


def test_a_living_wal_database_is_copied_from_a_read_only_mount(data: Path, tmp_path: Path) -> None:
    """As in the container: the mail server's data are mounted read-only there."""
    writer = sqlite3.connect(data / "db/mail.sqlite3")
    writer.execute("INSERT INTO boxes VALUES ('only in the -wal')")
    writer.commit()
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    subprocess.run(["mount", "--bind", "-o", "ro", str(data), str(mounted)], check=True, timeout=10)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(mounted)], check=True, timeout=10)
    try:
        copied = copy_sqlite(mounted / "db/mail.sqlite3", tmp_path / "copy.sqlite3")
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=True, timeout=10)
        writer.close()
    assert copied.rows == {"boxes": 31}


# Pages


def test_the_page_says_it_all_and_the_certificate_prints(drill: Drill, admin: Browser) -> None:
    done = drill()
    page = admin.get("/admin/backups/").content.decode()
    assert "restored and verified" in page
    assert "Proven restorable" in page
    assert "restored and verified" in admin.get("/admin/").content.decode()
    certificate = admin.get(f"/admin/backups/{done.uuid}/certificate/")
    assert "This backup comes back" in certificate.content.decode()
    assert "3 of 3 restored" in certificate.content.decode()
    assert admin.get(f"/admin/backups/{done.uuid}/certificate/?format=json").json() == done.result
    BackupRun.objects.filter(pk=done.pk).update(result={**done.result, "messages": 99})
    assert "signature does not fit" in admin.get(f"/admin/backups/{done.uuid}/certificate/").content.decode()


def test_the_preview_of_retention_changes_nothing(saved: BackupRun, admin: Browser) -> None:
    page = admin.get("/admin/backups/retention/").content.decode()
    assert page.count("stay</span>") == 1


def test_the_kit_shows_the_key_only_when_asked_and_writes_it_down(saved: BackupRun, admin: Browser) -> None:
    key = "repository-password-4711"
    assert key not in admin.get("/admin/backups/kit/").content.decode()
    assert not AuditEntry.objects.filter(action="backup.kit").exists()
    answer = admin.post("/admin/backups/kit/", {"act": "show"})
    assert key in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert AuditEntry.objects.get(action="backup.kit").actor == "chief@kronos.test"
    assert key not in str(AuditEntry.objects.values_list())


def test_the_kit_is_asked_for_until_it_is_stored_and_again_with_a_new_key(
    saved: BackupRun, admin: Browser, backup_settings: Any
) -> None:
    assert "keep it somewhere else" in admin.get("/admin/backups/").content.decode()
    admin.post("/admin/backups/kit/", {"act": "stored"})
    assert recovery_kit.is_confirmed()
    assert "keep it somewhere else" not in admin.get("/admin/backups/").content.decode()
    backup_settings.RESTIC_PASSWORD = "a-new-key"
    assert not recovery_kit.is_confirmed()


def test_only_a_system_administrator_sees_backups(saved: BackupRun, domain_admin: Browser) -> None:
    paths = ["", "retention/", "kit/", f"{saved.uuid}/", f"{saved.uuid}/certificate/"]
    assert {domain_admin.get(f"/admin/backups/{path}").status_code for path in paths} == {403}
    assert domain_admin.post("/admin/backups/start/", {"kind": "backup"}).status_code == 403
    assert domain_admin.post("/admin/backups/kit/", {"act": "show"}).status_code == 403


def test_a_queue_that_is_away_is_said_and_leaves_nothing_waiting(
    repository: BackupRepository, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_arguments: object) -> None:
        raise OperationalError("Error 111 connecting to redis: Connection refused.")

    monkeypatch.setattr(tasks.backup_wanted, "delay", refused)
    answer = admin.post("/admin/backups/start/", {"kind": "backup"}, follow=True)
    assert "The queue does not answer" in answer.content.decode()
    assert BackupRun.objects.get().state == "cancelled"


def test_spanish(drill: Drill, admin: Browser) -> None:
    done = drill()
    admin.cookies["django_language"] = "es"
    assert "restaurada y verificada" in admin.get("/admin/backups/").content.decode()
    page = admin.get(f"/admin/backups/{done.uuid}/").content.decode()
    assert "Todo volvió, se contó, se abrió y se pudo entrar." in page
    assert ACTOR.address in str(AuditEntry.objects.first())
