"""The real restic on real files."""

import ctypes
import os
import shutil
import signal
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from mailadmin.backup.databases import DatabaseError, check_sqlite, copy_sqlite, find_sqlite
from mailadmin.backup.outcome import Outcome
from mailadmin.backup.process import Hung, Program
from mailadmin.backup.restic import Repository, escape
from mailadmin.backup.results import ResticError
from tests.repositories import KEY, Template

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
MAIL = b"From: ana@kronos.test\r\nSubject: hola\r\n\r\n" + b"texto " * 50


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(KEY)
    path.chmod(0o600)
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for box in ("ana", "luis"):
        folder = tmp_path / f"data/mail/kronos.test/{box}/Maildir/cur"
        folder.mkdir(parents=True)
        for number in range(20):
            (folder / f"1700000{number:03}.M1P1.host,S=400:2,S").write_bytes(MAIL + bytes([number]))
    return tmp_path / "data"


@pytest.fixture
def repository(tmp_path: Path, password_file: Path, template: Template) -> Repository:
    template.copy(tmp_path / "repository")
    return Repository.at(str(tmp_path / "repository"), password_file, tmp_path / "cache", secrets=[KEY])


def test_what_goes_in_comes_out(repository: Repository, data: Path, tmp_path: Path) -> None:
    done = repository.backup([data], ["complete", "run:1"])
    assert done.outcome is Outcome.OK
    assert done.files == 40
    [snapshot] = repository.snapshots("complete")
    assert snapshot.is_complete
    assert snapshot.hostname == "mail"
    mailbox = str(data / "mail/kronos.test/ana")
    repository.restore(snapshot.id, tmp_path / "restored", include=[mailbox])
    names = sorted(p.name for p in (tmp_path / f"restored{mailbox}/Maildir/cur").iterdir())
    assert names == sorted(p.name for p in (data / "mail/kronos.test/ana/Maildir/cur").iterdir())
    assert not (tmp_path / f"restored{data}/mail/kronos.test/luis").exists()


def test_one_message_is_listed_and_read_alone(repository: Repository, data: Path) -> None:
    repository.backup([data], ["complete"])
    [snapshot] = repository.snapshots()
    folder = str(data / "mail/kronos.test/luis/Maildir/cur")
    found = [node for node in repository.ls(snapshot.id, folder) if node.kind == "file"]
    assert len(found) == 20
    first = min(found, key=lambda node: node.path)
    assert b"".join(repository.dump(snapshot.id, first.path)) == MAIL + bytes([0])


def test_progress_is_told(repository: Repository, data: Path) -> None:
    heard: list[float] = []
    repository.backup([data], ["complete"], on_progress=lambda p: heard.append(p.fraction))
    assert all(0 <= fraction <= 1 for fraction in heard)


def test_a_lost_source_is_not_a_success(repository: Repository, data: Path) -> None:
    """restic 0.14 answers 0 when one of several sources is missing."""
    done = repository.backup([data, data.parent / "gone"], ["complete"])
    assert done.outcome is Outcome.INCOMPLETE


def test_a_relative_source_is_refused(repository: Repository) -> None:
    with pytest.raises(ValueError, match="absolute"):
        repository.backup([Path("data")], ["complete"])


def test_the_wrong_password_is_told_apart(
    repository: Repository, tmp_path: Path, password_file: Path
) -> None:
    password_file.write_text("something else")
    with pytest.raises(ResticError) as caught:
        repository.id()
    assert caught.value.outcome is Outcome.AUTH


def test_no_repository_is_told_apart_and_none_is_made(tmp_path: Path, password_file: Path) -> None:
    nowhere = tmp_path / "nowhere"
    with pytest.raises(ResticError) as caught:
        Repository.at(str(nowhere), password_file, tmp_path / "cache").snapshots()
    assert caught.value.outcome is Outcome.NO_REPOSITORY
    assert not nowhere.exists()


def test_a_repository_that_does_not_answer(tmp_path: Path, password_file: Path) -> None:
    away = Repository.at("rest:http://127.0.0.1:9/", password_file, tmp_path / "cache")
    with pytest.raises(ResticError) as caught:
        away.id()
    assert caught.value.outcome is Outcome.UNREACHABLE


def test_a_run_that_takes_too_long_is_ended() -> None:
    """However much it says meanwhile."""
    with pytest.raises(Hung):
        Program(os.environ, longest=1).run(["sh", "-c", "while sleep 0.1; do echo here; done"])


def test_one_flipped_byte_is_found(repository: Repository, data: Path, tmp_path: Path) -> None:
    repository.backup([data], ["complete"])
    repository.check("100%")
    pack = max(
        (p for p in (tmp_path / "repository/data").rglob("*") if p.is_file()), key=lambda p: p.stat().st_size
    )
    pack.chmod(0o600)
    raw = bytearray(pack.read_bytes())
    raw[len(raw) // 2] ^= 1
    pack.write_bytes(raw)
    with pytest.raises(ResticError) as caught:
        repository.check("100%")
    assert caught.value.outcome is Outcome.DAMAGED


def test_a_cancelled_backup_leaves_no_lock(tmp_path: Path, password_file: Path, data: Path) -> None:
    big = data / "big"
    with big.open("wb") as file:
        for _ in range(64):
            file.write(os.urandom(1024 * 1024))
    asked = threading.Event()
    asked.set()
    location = str(tmp_path / "repository")
    plain = Repository.at(location, password_file, tmp_path / "cache")
    plain.create()
    stopped = Repository.at(location, password_file, tmp_path / "cache", cancelled=asked.is_set)
    done = stopped.backup([data], ["complete"])
    assert done.outcome is Outcome.CANCELLED
    assert plain.snapshots() == []
    plain.prune()  # needs an exclusive lock: a lock left behind would refuse it


def test_a_cancel_is_heard_below_a_shell_that_ignores_it(
    tmp_path: Path, password_file: Path, data: Path
) -> None:
    """What a shell starts in its background inherits an ignored SIGINT."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        test_a_cancelled_backup_leaves_no_lock(tmp_path, password_file, data)
    finally:
        signal.signal(signal.SIGINT, before)


def test_forgetting_keeps_what_the_policy_names(repository: Repository, data: Path) -> None:
    for number in range(3):
        (data / "note").write_text(str(number))
        repository.backup([data], ["complete"])
    groups = repository.forget(["--keep-last", "1"], preview=True)
    assert [len(groups[0][name]) for name in ("keep", "remove")] == [1, 2]
    assert len(repository.snapshots()) == 3
    repository.forget(["--keep-last", "1"], preview=False)
    assert len(repository.snapshots()) == 1


def test_a_name_with_glob_letters_is_restored_alone(
    repository: Repository, data: Path, tmp_path: Path
) -> None:
    odd, like = data / "a[b]*", data / "ab"
    odd.write_text("odd")
    like.write_text("like")
    repository.backup([data], ["complete"])
    repository.restore(repository.snapshots()[0].id, tmp_path / "out", include=[str(odd)])
    assert (tmp_path / f"out{odd}").read_text() == "odd"
    assert not (tmp_path / f"out{like}").exists()
    assert escape("a[b]*") == r"a\[b\]\*"


def test_the_password_is_in_no_argument_and_no_repr(repository: Repository) -> None:
    assert KEY not in repr(repository)
    assert KEY not in " ".join(repository.program.environment.values())


def test_a_silent_program_is_ended(tmp_path: Path) -> None:
    with pytest.raises(Hung):
        Program(os.environ, hung_after=1).run(["sleep", "60"])


def test_the_whole_group_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patience = ((signal.SIGINT, 1), (signal.SIGTERM, 1), (signal.SIGKILL, 5))
    monkeypatch.setattr("mailadmin.backup.process.GRACE", patience)
    note = tmp_path / "child"
    script = f"sleep 300 & echo $! > {note}; wait"
    with pytest.raises(Hung):
        Program(os.environ, hung_after=1).run(["sh", "-c", script])
    child = int(note.read_text())
    state = Path(f"/proc/{child}/status")
    assert not state.exists() or "State:\tZ" in state.read_text()


def test_nobody_waits_for_who_has_ended_and_is_not_buried(monkeypatch: pytest.MonkeyPatch) -> None:
    """ssh outlives restic for a moment; its new parent, a container's first process, may never bury it."""
    naps = iter(range(200))
    nap = time.sleep

    def short(seconds: float) -> None:
        assert next(naps, None) is not None, "it waits"
        nap(seconds)

    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)  # orphans become ours, and we leave them as they are
    try:
        monkeypatch.setattr(time, "sleep", short)
        assert Program(os.environ).run(["sh", "-c", "sleep 0.1 & exit 0"]).code == 0
        assert os.waitpid(-1, os.WNOHANG)[0], "there was no orphan"
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


def test_secrets_are_cut_out_of_what_is_kept() -> None:
    done = Program(os.environ, secrets=["hush"]).run(["sh", "-c", "echo my hush word >&2"])
    assert done.stderr == ["my ••• word"]


def test_the_version_is_read(tmp_path: Path, password_file: Path) -> None:
    assert Repository.at(str(tmp_path / "r"), password_file, tmp_path / "cache").version() >= (0, 14)


def test_a_database_is_copied_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "mail.sqlite3"
    writer = sqlite3.connect(path, check_same_thread=False)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE boxes(address TEXT, twin TEXT)")
    writer.commit()
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            writer.execute("INSERT INTO boxes VALUES (?, ?)", (str(number), str(number)))
            writer.commit()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        copies = [copy_sqlite(path, tmp_path / f"copy{number}.sqlite3") for number in range(5)]
    finally:
        done.set()
        thread.join()
        writer.close()
    rows = [copy.rows["boxes"] for copy in copies]
    assert rows == sorted(rows)
    assert check_sqlite(tmp_path / "copy4.sqlite3") == {"boxes": rows[-1]}
    assert not (tmp_path / "copy4.sqlite3-wal").exists()


def test_a_torn_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "torn.sqlite3"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t(a)")
    database.executemany("INSERT INTO t VALUES (?)", [("x" * 500,) for _ in range(500)])
    database.commit()
    database.close()
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2] + bytes(len(raw) // 4))
    with pytest.raises(DatabaseError):
        check_sqlite(path)


def test_databases_are_known_by_their_first_bytes(tmp_path: Path) -> None:
    real = tmp_path / "users.db"
    database = sqlite3.connect(real)
    database.execute("CREATE TABLE t(a)")
    database.commit()
    database.close()
    (tmp_path / "letter.db").write_text("From: somebody")
    maildir = tmp_path / "mail/cur"
    maildir.mkdir(parents=True)
    shutil.copy(real, maildir / "attachment.db")
    assert find_sqlite(tmp_path) == [real]
