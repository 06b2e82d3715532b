"""Repositories elsewhere: real servers of all three kinds, right and wrong keys, gone in the middle."""

import random
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mailadmin import connections
from mailadmin.backup import location
from mailadmin.backup.outcome import Outcome
from mailadmin.backup.restic import Repository
from mailadmin.backup.results import Progress, ResticError
from mailadmin.models import BackupRun
from mailadmin.posteio.client import Client
from mailadmin.services import backup_drills, backup_retention, backups
from mailadmin.services.backup_runs import Watch
from tests.mailadmin.backup import targets
from tests.mailadmin.backup.conftest import ACTOR, steps, write_mail
from tests.mailadmin.backup.targets import Target, use
from tests.mailadmin.backup.test_bad_days import at_step, snapshots
from tests.repositories import KEY, lighten
from tests.stack import eventually

Backup = Callable[[], BackupRun]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    found = tmp_path / "elsewhere"
    found.mkdir(mode=0o755)
    return found


@pytest.fixture(params=["sftp", "rest", "s3"])
def target(request: pytest.FixtureRequest, place: Path) -> Iterator[Target]:
    with getattr(targets, request.param)(place) as found:
        yield found


@pytest.fixture
def append_only(place: Path) -> Iterator[Target]:
    with targets.rest(place, append_only=True) as found:
        yield found


@pytest.fixture
def backup(db: None, backup_settings: Any, poste: Client) -> Backup:
    return lambda: backups.run(backups.wish("chief@kronos.test"), poste)


def create(target: Target) -> None:
    """As a person chooses it; and its key made cheap, where it lies in files."""
    backups.create_repository(ACTOR)
    if (target.files / "keys").is_dir():
        with connections.repository() as repository:
            lighten(repository, target.files, KEY)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every command line we start, as `ps` would show it."""
    started: list[str] = []
    popen = subprocess.Popen.__init__

    def listen(self: Any, args: Any, *more: Any, **options: Any) -> None:
        started.append(" ".join(map(str, args)))
        popen(self, args, *more, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", listen)
    return started


def test_a_night_a_drill_and_a_message_back(
    target: Target, backup: Backup, backup_settings: Any, tmp_path: Path, data: Path,
    monkeypatch: pytest.MonkeyPatch, commands: list[str],
) -> None:  # fmt: skip
    use(target, backup_settings, monkeypatch)
    create(target)
    done = backup()
    assert (done.state, done.code) == ("ok", ""), steps(done)
    backup_settings.BACKUP_SCRATCH = str(tmp_path / "scratch")
    (tmp_path / "scratch").mkdir()
    monkeypatch.delitem(backup_drills.STEPS, "sign-in")  # tests/stories/test_backups.py starts that server
    drilled = backup_drills.run(backup_drills.wish("chief@kronos.test", "*"))
    assert drilled.is_good, steps(drilled)
    with connections.past().open() as past:
        look = past.look(past.moments()[0], "ana@kronos.test")
        [row, *_] = look.catalogue.all(look.id)
        assert look.one(row.key)[1] == next(data.rglob(f"{row.base}*")).read_bytes()
    # And as a stranger: told apart from a broken network and from a broken repository.
    use(target, backup_settings, monkeypatch, wrong=True)
    refused = backup()
    assert (refused.state, refused.code) == ("auth", "restic.auth"), steps(refused)
    # And with nobody there.
    use(target, backup_settings, monkeypatch)
    target.process.stop()
    away = backup()
    assert (away.state, away.code) == ("unreachable", "restic.unreachable"), steps(away)
    said = repr([run.facts for run in (refused, away)]) + repr([steps(run) for run in (refused, away)])
    for text in (*commands, said):
        assert target.secret not in text
        assert "not-this-one" not in text
        assert backup_settings.RESTIC_PASSWORD not in text


def test_the_other_side_goes_away_in_the_middle(
    backup: Backup, backup_settings: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with targets.sftp(place) as target:
        use(target, backup_settings, monkeypatch)
        create(target)
        at_step(monkeypatch, "pass-2", lambda work: target.process.stop())
        gone = backup()
        assert (gone.state, gone.code) == ("unreachable", "restic.unreachable"), steps(gone)
        assert steps(gone)["pass-1"][0] == "ok"
        target.process.start()
        with connections.repository() as repository:
            assert [one.is_complete for one in repository.snapshots()] == [False]
            repository.unlock()
            repository.check()


@pytest.mark.parametrize("target", ["rest", "s3"], indirect=True)
def test_gone_for_good_while_it_writes(
    target: Target, backup: Backup, backup_settings: Any, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Halfway through a pack. What was there stays, and the next night works: no lock is in its way."""
    use(target, backup_settings, monkeypatch)
    create(target)
    before = backup()
    assert before.is_good, steps(before)
    (data / "big.bin").write_bytes(random.Random(1).randbytes(6_000_000))
    write_mail(data, "new@kronos.test", 3)
    backup_settings.BACKUP_LIMIT_UPLOAD = 1000  # KiB a second: it is at it when the other side goes
    tell = Watch.tell

    def told(watch: Watch, progress: Progress) -> None:
        tell(watch, progress)
        if progress.bytes:
            target.process.stop()

    monkeypatch.setattr(Watch, "tell", told)
    gone = backup()
    assert (gone.state, gone.code) == ("unreachable", "restic.unreachable"), steps(gone)
    assert "connection refused" in gone.facts["said"]
    assert steps(gone)["pass-1"][0] == "unreachable"
    assert steps(gone)["accept"][0] == "skipped"
    assert backups.last_good() == before
    monkeypatch.setattr(Watch, "tell", tell)
    target.process.start()
    with connections.repository() as repository:
        assert repository._text("list", "locks", "--no-lock")  # it could not take its lock away
        assert [one.id for one in repository.snapshots("complete")] == [one.id for one in snapshots()[1:]]
    backup_settings.BACKUP_LIMIT_UPLOAD = 0
    again = backup()
    assert again.is_good, steps(again)
    assert again.result["messages"] == 38
    with connections.repository() as repository:
        assert repository._text("list", "locks", "--no-lock") == ""
        repository.check("100%")
        look = {one.id[:8] for one in repository.snapshots("complete")}
    assert look == {before.snapshot_id[:8], again.snapshot_id[:8]}


def test_a_short_outage_is_survived(
    backup_settings: Any, place: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """restic asks again for a while, and goes on when the server is back."""
    with targets.rest(place) as target:
        use(target, backup_settings, monkeypatch)
        with connections.repository() as repository:
            repository.create()
            (data / "big.bin").write_bytes(random.Random(1).randbytes(1_500_000))
            repository.limit_upload = 400  # KiB a second: longer than the outage

            def outage() -> None:
                eventually(lambda: list((target.files / "locks").glob("*")))
                target.process.stop()
                target.process.start()

            breaker = threading.Thread(target=outage)
            breaker.start()
            done = repository.backup([data], ["poste"])
            breaker.join(60)
            assert (done.outcome, done.errors) == (Outcome.OK, []) or "retrying" in done.errors[0]
            assert [one.id[:8] for one in repository.snapshots()] == [done.snapshot_id[:8]]


def test_a_host_that_is_not_the_known_one_gets_nothing(
    backup: Backup, backup_settings: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with targets.sftp(place) as target:
        use(target, backup_settings, monkeypatch)
        port = target.process.port
        other = (place / "stranger.pub").read_text().split()[:2]
        (place / "known").write_text(f"[127.0.0.1]:{port} {' '.join(other)}\n")
        with pytest.raises(ResticError) as caught:
            backups.create_repository(ACTOR)
        assert caught.value.outcome is Outcome.AUTH
        assert "Host key verification failed" in "\n".join(caught.value.stderr)
        assert not target.files.exists()


# Append-only


def test_where_nothing_can_be_deleted_a_night_is_good_and_retention_says_why(
    append_only: Target, backup: Backup, backup_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(append_only, backup_settings, monkeypatch)
    backup_settings.BACKUP_APPEND_ONLY = True
    create(append_only)
    done = backup()
    assert done.is_good, steps(done)
    assert steps(done)["retention"] == ("ok", "retention.append-only")
    # Nobody told us: the repository does, once, without ten attempts and without a trace of the program.
    backup_settings.BACKUP_APPEND_ONLY = False
    monkeypatch.setattr(backup_retention, "first_passes", lambda known: [known[0].id])
    forgotten = backup_retention.run(backup_retention.wish("chief@kronos.test"))
    assert steps(forgotten)["retention"] == ("warning", "retention.refused")
    assert forgotten.state == "failed"
    assert "403 Forbidden" in forgotten.facts["said"]
    assert len(snapshots()) == 2
    with connections.repository() as repository:
        repository.check()  # nothing is left locked


def test_a_bad_backup_is_not_called_complete_where_nothing_can_be_deleted(
    append_only: Target, backup: Backup, backup_settings: Any, data: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    use(append_only, backup_settings, monkeypatch)
    create(append_only)
    [path, *_] = sorted((data / "mail/kronos.test/ana/Maildir/cur").iterdir())
    at_step(monkeypatch, "pass-1", lambda work: path.rename(tmp_path / "aside"))
    at_step(monkeypatch, "accept", lambda work: (tmp_path / "aside").rename(path))
    done = backup()
    assert (done.state, done.code) == ("incomplete", "accept.lost")
    with connections.repository() as repository:
        assert not any(one.is_complete for one in repository.snapshots())
        assert repository.snapshots("complete") == []
        raw = repository._json("snapshots", "--json", "--no-lock")
    assert any("complete" in one["tags"] for one in raw)  # it is still there, and left out


# What is built from an address


@pytest.mark.parametrize(
    ("repository", "end"),
    [
        ("sftp:ana@host:/backups", "-l ana -s -- host sftp"),
        ("sftp:host:backups", "-s -- host sftp"),
        ("sftp://ana@host:2222//backups", "-p 2222 -l ana -s -- host sftp"),
        ("sftp://ana@[::1]:22//b", "-p 22 -l ana -s -- ::1 sftp"),
        ("sftp:ana@[fe80::1]:/b", "-l ana -s -- fe80::1 sftp"),
        ("sftp:-oProxyCommand=evil:/b", "-s -- -oProxyCommand=evil sftp"),
    ],
)
def test_the_way_to_an_sftp_repository(repository: str, end: str) -> None:
    command = location.ssh(repository, "/keys/a key")
    assert command.endswith(end)
    assert "-o BatchMode=yes" in command
    assert "-i '/keys/a key'" in command


def test_only_sftp_needs_ssh() -> None:
    assert location.ssh("s3:https://host/bucket") == location.ssh("/backups") == ""


def test_the_password_in_an_address_is_never_shown() -> None:
    address = "rest:https://ana:a%2Fword@host/"
    assert location.shown(address) == "rest:https://ana:•••@host/"
    assert location.secrets(address) == ["a%2Fword", "a/word"]
    assert location.secrets("s3:https://host/bucket") == []
    assert "a%2Fword" not in repr(Repository.at(address, Path("/p"), Path("/c"), secrets=["a%2Fword"]))
