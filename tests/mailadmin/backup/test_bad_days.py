"""What can go wrong in a night, each with the right name. The numbers are those of docs/backup.md."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone

from mailadmin import connections
from mailadmin.backup import layout, maildirs, sources
from mailadmin.backup.outcome import Outcome
from mailadmin.backup.verdict import Stop
from mailadmin.backup.words import WORDS
from mailadmin.models import AuditEntry, BackupLock, BackupRepository, BackupRun, State
from mailadmin.posteio.client import Client
from mailadmin.services import backup_lock, backup_runs, backup_start, backups
from tests.mailadmin.backup.conftest import ACTOR, steps, write_mail
from tests.stack import eventually

Backup = Callable[..., BackupRun]


@pytest.fixture
def backup(repository: BackupRepository, poste: Client) -> Backup:
    return lambda **facts: backups.run(backups.wish("chief@kronos.test", **facts), poste)


def at_step(monkeypatch: pytest.MonkeyPatch, name: str, before: Callable[[Any], object]) -> None:
    """`before` happens right before that step."""
    step = backups.STEPS[name]

    def both(work: Any) -> Any:
        before(work)
        return step(work)

    monkeypatch.setitem(backups.STEPS, name, both)


def snapshots() -> list[Any]:
    with connections.repository() as repository:
        return repository.snapshots()


# 1 · 2: living databases


def test_databases_that_are_written_to_come_out_whole(backup: Backup, data: Path, tmp_path: Path) -> None:
    writer = sqlite3.connect(data / "db/mail.sqlite3", check_same_thread=False)
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            writer.execute("INSERT INTO boxes VALUES ('busy')")
            writer.commit()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        done = backup()
    finally:
        over.set()
        thread.join()
        writer.close()
    assert done.is_good, steps(done)


def test_a_torn_database_ends_the_night_red(backup: Backup, data: Path) -> None:
    assert backup().is_good
    path = data / "db/mail.sqlite3"
    raw = path.read_bytes()
    path.write_bytes(raw[:4096] + os.urandom(len(raw) - 4096))
    done = backup()
    assert (done.state, done.code) == ("failed", "database.torn")
    assert "mail.sqlite3" in done.facts["said"]
    assert [s.is_complete for s in snapshots()] == [False, True]  # of the night before


# 4 · 5: maildirs that live


def test_a_message_the_copy_missed_is_told_and_not_called_complete(
    backup: Backup, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [path, *_] = sorted((data / "mail/kronos.test/ana/Maildir/cur").iterdir())
    at_step(monkeypatch, "pass-1", lambda work: shutil.move(path, tmp_path / "aside"))
    at_step(monkeypatch, "accept", lambda work: shutil.move(tmp_path / "aside", path))
    done = backup()
    assert (done.state, done.code) == ("incomplete", "accept.lost")
    assert done.facts["lost"] == 1
    assert path.name.partition(":")[0] in done.facts["named"][0]
    assert not any(s.is_complete for s in snapshots())


def test_a_message_its_owner_deletes_meanwhile_is_no_alarm(
    backup: Backup, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [path, *_] = sorted((data / "mail/kronos.test/ana/Maildir/cur").iterdir())
    at_step(monkeypatch, "pass-1", lambda work: path.unlink())
    done = backup()
    assert done.is_good, steps(done)
    assert len(done.result["left"]) == 1


def test_fifty_letters_a_second_and_moving_flags_lose_nothing(backup: Backup, data: Path) -> None:
    """What was there when the count began is in the snapshot; what came later may be."""
    box = data / "mail/kronos.test/luis/Maildir"
    over = threading.Event()

    def deliver() -> None:
        number = 0
        while not over.wait(0.02):
            number += 1
            fresh = box / "tmp" / f"18000{number:05}.M{number}P9.mail"
            fresh.write_bytes(b"From: a@b.test\r\nDate: x\r\n\r\n" + b"body " * 200)
            fresh.rename(box / "new" / fresh.name)
            if number % 2:
                (box / "new" / fresh.name).rename(box / "cur" / f"{fresh.name}:2,")
            if number % 3 == 0 and (seen := box / "cur" / f"{fresh.name}:2,").exists():
                seen.rename(box / "cur" / f"{fresh.name}:2,S")

    thread = threading.Thread(target=deliver)
    thread.start()
    try:
        done = backup()
    finally:
        over.set()
        thread.join()
    assert done.is_good, steps(done)
    with connections.repository() as repository:
        # Nothing torn: the size in the snapshot is a whole letter's.
        nodes = list(repository.ls(done.snapshot_id, str(box), recursive=True))
    sizes = {node.size for node in nodes if "M" in node.name and node.name.startswith("18000")}
    assert sizes <= {len(b"From: a@b.test\r\nDate: x\r\n\r\n" + b"body " * 200)}


# 6: a source that is gone


def test_data_that_are_not_mounted_are_noticed_before_anything_is_written(backup: Backup, data: Path) -> None:
    assert backup().is_good
    before = len(snapshots())
    data.rename(data.parent / "elsewhere")
    assert backup().code == "source.missing"
    data.mkdir()
    assert backup().code == "source.not-mail"
    (data / "mail").mkdir()
    assert backup().code == "source.database-gone"
    assert len(snapshots()) == before


def test_most_mailboxes_gone_stops_the_night_unless_somebody_says_so(backup: Backup, data: Path) -> None:
    assert backup().is_good
    shutil.rmtree(data / "mail/kronos.test")
    assert backup().code == "source.shrunk"
    assert backup(may_shrink=True).is_good


# 7 · 8: names


def test_paths_are_absolute_and_the_host_is_always_the_same(
    backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTNAME", "4f2a9c1be0d7")
    assert backup().is_good
    assert {s.hostname for s in snapshots()} == {"mail"}
    assert all(path.startswith("/") for s in snapshots() for path in s.paths)


# 10: other repositories


def test_another_repository_is_not_written_to(backup: Backup, backup_settings: Any, tmp_path: Path) -> None:
    backup_settings.RESTIC_REPOSITORY = str(tmp_path / "other")
    with connections.repository() as other:
        other.create()
    done = backup()
    assert (done.state, done.code) == ("failed", "repository.other")
    with connections.repository() as other:
        assert other.snapshots() == []


def test_a_repository_that_is_gone_is_not_made_anew(backup: Backup, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "repository")
    done = backup()
    assert (done.state, done.code) == ("no-repository", "restic.no-repository")
    assert not (tmp_path / "repository").exists()


def test_a_repository_that_goes_away_in_the_middle(
    backup: Backup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_step(monkeypatch, "pass-2", lambda work: (tmp_path / "repository").rename(tmp_path / "unplugged"))
    done = backup()
    assert done.state in ("no-repository", "unreachable", "failed", "damaged"), steps(done)
    assert steps(done)["pass-2"][0] == done.state
    (tmp_path / "unplugged").rename(tmp_path / "repository")
    monkeypatch.undo()


def test_the_wrong_password(backup: Backup, backup_settings: Any) -> None:
    backup_settings.RESTIC_PASSWORD = "not-this-one"
    done = backup()
    assert (done.state, done.code) == ("auth", "restic.auth")


def test_nobody_home(backup: Backup, backup_settings: Any) -> None:
    backup_settings.RESTIC_REPOSITORY = "rest:http://127.0.0.1:9/"
    done = backup()
    assert (done.state, done.code) == ("unreachable", "restic.unreachable")


# 12: much less than last time


def test_a_backup_that_shrank_is_kept_told_and_nothing_is_forgotten(backup: Backup, data: Path) -> None:
    big = data / "attachments.bin"
    big.write_bytes(os.urandom(200_000))
    assert backup().is_good
    big.unlink()
    done = backup()
    assert (done.state, done.code) == ("suspicious", "accept.shrunk")
    assert steps(done)["retention"][1] == "retention.not-after-this"
    assert done.snapshot_id


# 13: bit rot


def flip(repository: Path) -> None:
    packs = [path for path in (repository / "data").rglob("*") if path.is_file()]
    pack = max(packs, key=lambda path: path.stat().st_size)
    pack.chmod(0o600)
    raw = bytearray(pack.read_bytes())
    raw[len(raw) // 3] ^= 1
    pack.write_bytes(raw)


def test_one_flipped_byte_turns_the_night_red(
    backup: Backup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_step(monkeypatch, "integrity", lambda work: flip(tmp_path / "repository"))
    done = backup()
    assert (done.state, done.code) == ("damaged", "restic.damaged")
    assert steps(done)["retention"][0] == "skipped"


# 16: moved to where it cannot be read


def test_a_pack_that_cannot_be_read_any_more_turns_the_night_red(
    backup: Backup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a life-cycle rule: it is listed, in its size, but its octets do not come."""

    def freeze(work: Any) -> None:
        pack = max((tmp_path / "repository/data").glob("*/*"), key=lambda path: path.stat().st_size)
        size = pack.stat().st_size
        pack.chmod(0o600)
        pack.write_bytes(bytes(size))

    at_step(monkeypatch, "integrity", freeze)
    done = backup()
    assert (done.state, done.code) == ("damaged", "restic.damaged"), steps(done)


# 17: full disks


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "small"
    path.mkdir()
    if os.geteuid() != 0:
        pytest.fail("this test mounts a small disk: it needs root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=90m", "tmpfs", str(path)], check=True, timeout=10)
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True, timeout=10)


def test_a_full_repository_is_told_as_such(
    backup: Backup, backup_settings: Any, small_disk: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup_settings.RESTIC_REPOSITORY = str(small_disk / "repository")
    backups.create_repository(ACTOR)
    (data / "big.bin").write_bytes(os.urandom(120_000_000))
    done = backup()
    assert done.state == "no-space", steps(done)
    (data / "big.bin").unlink()
    free = shutil.disk_usage(small_disk).free
    (small_disk / "filler").write_bytes(bytes(max(0, free - 20_000_000)))
    done = backup()
    assert (done.state, done.code) == ("no-space", "room.little")


# Clocks


def test_a_clock_that_jumped_back_forgets_nothing(backup: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    assert backup().is_good
    past = timezone.now() - timedelta(days=3)
    monkeypatch.setattr("django.utils.timezone.now", lambda: past)
    done = backup()
    assert steps(done)["preflight"] == ("warning", "clock.behind")
    assert steps(done)["retention"] == ("warning", "retention.clock")


# 22: two at once


def test_a_second_run_waits_outside(backup: Backup, monkeypatch: pytest.MonkeyPatch, poste: Client) -> None:
    second: list[BackupRun] = []
    at_step(monkeypatch, "manifest", lambda work: second.append(backup()))
    assert backup().is_good
    assert (second[0].state, second[0].code) == ("locked", "run.busy")


def test_the_lock_of_a_dead_process_is_taken_over_with_a_higher_fence(repository: BackupRepository) -> None:
    dead = backup_lock.take("the-dead-one")
    BackupLock.objects.update(pid=2**22 - 1, process_started=1)
    alive = backup_lock.take("the-next-one")
    assert alive.fence > dead.fence
    assert not dead.renew()
    assert alive.renew()
    dead.release()
    assert backup_lock.holder() == "the-next-one"


def test_a_jumping_clock_does_not_take_the_lock_from_a_living_process(db: None) -> None:
    backup_lock.take("alive")
    BackupLock.objects.update(until=timezone.now() - timedelta(days=30))
    with pytest.raises(backup_lock.Held):
        backup_lock.take("impatient")


def test_one_on_another_machine_is_waited_for_until_its_time_is_over(db: None) -> None:
    backup_lock.take("far-away")
    BackupLock.objects.update(host="another-container")
    with pytest.raises(backup_lock.Held):
        backup_lock.take("here")
    BackupLock.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert backup_lock.take("here")


def test_a_run_that_was_overtaken_stops_before_it_writes_again(
    backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_runs, "BEAT_SECONDS", 0)
    at_step(monkeypatch, "pass-2", lambda work: BackupLock.objects.update(fence=99, holder="somebody"))
    done = backup()
    assert (done.state, done.code) == ("cancelled", "run.overtaken")
    assert not any(s.is_complete for s in snapshots())


def locks(tmp_path: Path) -> list[Path]:
    """Those that are written to the end."""
    return [path for path in (tmp_path / "repository/locks").iterdir() if len(path.name) == 64]


def test_a_foreign_lock_of_restic_is_told_and_left_alone(backup: Backup, tmp_path: Path) -> None:
    """Another machine checks the same repository: its lock is exclusive, and not ours to remove."""
    with connections.repository() as repository:
        environment = dict(repository.program.environment)
        command = [
            "unshare",
            "--uts",
            "sh",
            "-c",
            "hostname elsewhere; exec restic check --read-data --limit-download 1",
        ]
        (tmp_path / "filler").write_bytes(os.urandom(20_000_000))
        repository.backup([tmp_path / "filler"], ["other"])
        other = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            eventually(lambda: locks(tmp_path))
            os.kill(other.pid, signal.SIGSTOP)
            done = backup()
        finally:
            os.kill(other.pid, signal.SIGCONT)
            other.send_signal(signal.SIGINT)
            other.wait(20)
    assert (done.state, done.code) == ("locked", "restic.locked"), steps(done)
    eventually(lambda: not locks(tmp_path), 60)
    again = backup()
    assert again.is_good, steps(again)


def test_a_lock_is_an_alarm_only_the_third_time(db: None) -> None:
    def locked() -> BackupRun:
        return BackupRun.objects.create(by="schedule", state=State.LOCKED)

    assert [backup_start.alarms(locked()) for _ in range(3)] == [False, False, True]


# 9 · 26: stopped and killed


def test_a_person_stops_it_and_nothing_stays_locked(
    backup: Backup, data: Path, monkeypatch: pytest.MonkeyPatch, poste: Client
) -> None:
    monkeypatch.setattr(backup_runs, "BEAT_SECONDS", 0)
    (data / "big.bin").write_bytes(os.urandom(30_000_000))
    at_step(monkeypatch, "pass-1", lambda work: backup_runs.cancel(work.run, "chief@kronos.test"))
    done = backup()
    assert (done.state, done.code) == ("cancelled", "run.cancelled")
    assert done.facts["by"] == "chief@kronos.test"
    with connections.repository() as repository:
        repository.check()  # needs an exclusive lock


def test_a_lock_that_restic_could_not_give_back_is_taken_away(
    backup: Backup, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Interrupted in the very moment in which it takes it (seen)."""

    def left_behind(work: Any) -> None:
        command = ["restic", "backup", "--stdin"]
        with subprocess.Popen(
            command,
            env=dict(work.repository.program.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        ) as other:
            eventually(lambda: locks(tmp_path))
            other.kill()
        assert locks(tmp_path)
        backup_runs.cancel(work.run, "chief@kronos.test")

    monkeypatch.setattr(backup_runs, "BEAT_SECONDS", 0)
    at_step(monkeypatch, "pass-1", left_behind)
    assert backup().code == "run.cancelled"
    assert locks(tmp_path) == []


def test_a_worker_that_is_told_to_end_stops_its_backup(
    backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_runs, "BEAT_SECONDS", 0)
    at_step(monkeypatch, "pass-1", lambda work: backup_runs.stopping.set())
    done = backup()
    assert (done.state, done.code) == ("cancelled", "run.worker-stopped")
    assert backup_lock.holder() == ""


def test_a_worker_that_is_killed_takes_restic_with_it_and_no_lock_stays(
    repository: BackupRepository, data: Path, tmp_path: Path
) -> None:
    """SIGKILL: we cannot clean up; the kernel tells restic (PR_SET_PDEATHSIG), which takes its lock away."""
    (data / "big.bin").write_bytes(os.urandom(80_000_000))
    script = (
        "import sys, pathlib\n"
        "from mailadmin.backup.restic import Repository\n"
        "location, password, cache, data = sys.argv[1:]\n"
        "found = Repository.at(location, pathlib.Path(password), pathlib.Path(cache))\n"
        "found.backup([pathlib.Path(data)], ['x'])\n"
    )
    password = tmp_path / "password"
    password.write_text("repository-password-4711")
    place = str(tmp_path / "repository")
    command = [sys.executable, "-c", script, place, str(password), str(tmp_path / "cache"), str(data)]
    worker = subprocess.Popen(command, cwd=Path(__file__).parents[3])
    # A lock less than 200 ms old restic does not know to be its own yet; the next run unlocks that one.
    eventually(lambda: [p for p in (tmp_path / "repository/data").rglob("*") if p.is_file()], 60)
    worker.send_signal(signal.SIGKILL)
    worker.wait(10)
    eventually(lambda: not locks(tmp_path), 60)
    with connections.repository() as found:
        found.check()


def test_a_run_whose_worker_died_gets_its_verdict(repository: BackupRepository) -> None:
    run = backups.wish("schedule")
    backup_lock.take(str(run.uuid))
    BackupLock.objects.update(pid=2**22 - 1, process_started=1)
    BackupRun.objects.update(state=State.RUNNING, started_at=timezone.now() - timedelta(minutes=1))
    backup_runs.settle()
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", "run.worker-died")


def test_a_run_nobody_picks_up_gets_its_verdict(db: None) -> None:
    run = backups.wish("chief@kronos.test")
    BackupRun.objects.update(created_at=timezone.now() - timedelta(hours=1))
    backup_runs.settle()
    run.refresh_from_db()
    assert (run.state, run.code) == ("failed", "run.nobody-came")


def test_the_queue_may_hand_out_a_run_twice(backup: Backup, poste: Client) -> None:
    run = backups.wish("chief@kronos.test")
    assert backups.run(run, poste).is_good
    again = backups.run(run, poste)
    assert again.state == "ok"
    assert len(snapshots()) == 2


# The rest


def test_the_mail_server_may_be_down(backup: Backup, wire: Any) -> None:
    wire.fail = lambda request: httpx.Response(503)
    done = backup()
    assert done.is_good
    assert steps(done)["manifest"] == ("warning", "manifest.no-export")


def test_a_folder_name_that_is_not_utf8_is_counted_and_accepted(backup: Backup, data: Path) -> None:
    root = os.fsencode(data / "mail/kronos.test/ana/Maildir") + b"/.caf\xe9"
    for part in (b"cur", b"new", b"tmp"):
        os.makedirs(root + b"/" + part)
    with open(root + b"/cur/1700099999.M1P1.mail:2,S", "wb") as file:
        file.write(b"From: x@y.test\r\n\r\nhola")
    done = backup()
    assert done.is_good, steps(done)
    assert done.result["messages"] == 36
    assert done.result["left"] == []


def test_a_repository_inside_the_data_is_refused(backup: Backup, backup_settings: Any, data: Path) -> None:
    with pytest.raises(Stop) as caught:
        sources.check_data(data, str(data / "backup"), {})
    assert caught.value.verdict.code == "source.holds-repository"


def test_a_sample_is_of_the_oldest_and_of_any(data: Path) -> None:
    write_mail(data, "many@kronos.test", 100)
    sample = maildirs.Sample("seed")
    [home] = [home for home in layout.homes(data) if home.address == "many@kronos.test"]
    for message in maildirs.messages(data, home.maildir):
        sample.see(message)
    assert [m.mtime for m in sample.oldest] == [1_700_000_000 + n for n in range(20)]
    assert len(sample.any) == 20
    assert all(len(one["sha256"]) == 64 for one in sample.hashes())


def test_choosing_a_repository_is_written_down(db: None, backup_settings: Any) -> None:
    made = backups.create_repository(ACTOR)
    with connections.repository() as repository:
        assert repository.id() == made.repository_id
    entry = AuditEntry.objects.get(action="backup.repository")
    assert entry.actor == "chief@kronos.test"
    assert entry.outcome == "done"


def test_every_outcome_has_its_sentence() -> None:
    quiet = (Outcome.OK, Outcome.OK_WITH_VANISHED, Outcome.SUSPICIOUS)
    assert [o for o in Outcome if o not in quiet and f"restic.{o}" not in WORDS] == []
