"""What becomes of files and of the database while everybody reads."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import bcrypt
import httpx

from mailserver.api import homes
from mailserver.api.setup import setup
from tests.in_process import ADMIN, InProcess

PASSWORD = "Contract-tests-7-write"


def create(http: httpx.Client, address: str) -> Path:
    answer = http.post("boxes", json={"email": address, "passwordPlaintext": PASSWORD})
    assert answer.status_code == 201
    home = Path(answer.json()["home"])
    (home / "Maildir/cur").mkdir(parents=True)
    (home / "Maildir/cur/1.letter:2,S").write_text("private")
    return home


def test_a_new_owner_of_an_address_finds_no_old_mail(api: InProcess, http: httpx.Client) -> None:
    home = create(http, "ann@kronos.test")
    assert http.delete("boxes/ann@kronos.test").status_code == 204
    assert not home.exists()
    answer = http.post("boxes", json={"email": "ann@kronos.test", "passwordPlaintext": PASSWORD})
    assert not Path(answer.json()["home"]).exists()


def test_what_is_deleted_waits_a_week_and_then_goes(api: InProcess, http: httpx.Client) -> None:
    create(http, "ann@kronos.test")
    http.delete("boxes/ann@kronos.test")
    root = api.database.mail_root
    homes.sweep(root)
    (kept,) = (root / homes.ASIDE).iterdir()
    assert (kept / "Maildir/cur/1.letter:2,S").read_text() == "private"
    long_ago = time.time_ns() - (homes.KEPT_SECONDS + 60) * 10**9
    kept.rename(kept.with_name(f"{long_ago}-kronos.test-ann"))
    homes.sweep(root)
    assert not list((root / homes.ASIDE).iterdir())


def test_a_domain_takes_its_directory_and_its_keys_along_and_nobody_elses(
    api: InProcess, http: httpx.Client
) -> None:
    for name in ("short.test", "sub.short.test"):
        http.post("domains", json={"name": name})
        http.put(f"domains/{name}/dkim")
        create(http, f"ann@{name}")
    assert http.delete("domains/short.test").status_code == 204
    assert not (api.database.mail_root / "short.test").exists()
    assert (api.database.mail_root / "sub.short.test/ann").exists()
    keys = [path.name for path in (api.database.root / "data/dkim").glob("*.key")]
    assert [name for name in keys if name.startswith("short.test.")] == []
    assert len([name for name in keys if name.startswith("sub.short.test.")]) == 1
    selectors = (api.database.root / "data/dkim/selectors.map").read_text()
    assert "sub.short.test " in selectors
    assert "\nshort.test " not in f"\n{selectors}"


def test_the_key_before_stays_until_everybody_has_seen_the_new_one(
    api: InProcess, http: httpx.Client
) -> None:
    for _key in range(3):
        assert http.put("domains/kronos.test/dkim", json={"selector": f"s{_key}"}).status_code == 204
    keys = sorted(path.name for path in (api.database.root / "data/dkim").glob("kronos.test.*.key"))
    assert keys == ["kronos.test.s1.key", "kronos.test.s2.key"]
    assert "kronos.test s2\n" in (api.database.root / "data/dkim/selectors.map").read_text()
    mode = (api.database.root / "data/dkim/kronos.test.s2.key").stat().st_mode & 0o777
    assert mode == 0o640, "Rspamd reads it by its group; nobody else"


def test_a_selector_is_never_given_to_two_keys(http: httpx.Client) -> None:
    """Rspamd keeps a key it has read until that file is a second newer (seen: a wrong signature)."""
    selectors = []
    for _key in range(5):
        http.post("domains", json={"name": "again.test"})
        for _ in range(2):
            assert http.put("domains/again.test/dkim").status_code == 204
            selectors.append(http.get("domains/again.test/dkim").json()["selector"])
        assert http.delete("domains/again.test").status_code == 204
    assert len(set(selectors)) == len(selectors)


def test_another_key_under_the_same_selector_is_a_newer_file(api: InProcess, http: httpx.Client) -> None:
    path, times = api.database.root / "data/dkim/kronos.test.same.key", []
    for _key in range(3):
        assert http.put("domains/kronos.test/dkim", json={"selector": "same"}).status_code == 204
        times.append(int(path.stat().st_mtime))
    assert times == sorted(set(times))


def test_passwords_are_kept_as_dovecot_reads_them(api: InProcess, http: httpx.Client) -> None:
    create(http, "ann@kronos.test")
    row = api.database.row("SELECT password_hash FROM dovecot_users WHERE address = 'ann@kronos.test'")
    assert row is not None
    scheme, _, digest = row["password_hash"].partition("}")
    assert scheme == "{BLF-CRYPT"
    assert bcrypt.checkpw(PASSWORD.encode(), digest.encode())


def test_a_change_of_password_is_told_to_dovecot(api: InProcess, http: httpx.Client) -> None:
    create(http, "ann@kronos.test")
    http.patch("boxes/ann@kronos.test", json={"passwordPlaintext": "Another-one-8-please"})
    assert "ann@kronos.test" in api.dovecot.forgotten  # type: ignore[attr-defined]
    http.post("domains", json={"name": "short.test"})
    http.delete("domains/short.test")
    assert "*@short.test" in api.dovecot.forgotten  # type: ignore[attr-defined]


def test_the_first_setup_can_be_run_again(api: InProcess, http: httpx.Client) -> None:
    http.put("domains/kronos.test/dkim", json={"selector": "kept"})
    setup(api.database.root, ADMIN[0], "Not-the-first-password-1")
    assert http.get("domains/kronos.test/dkim").json()["selector"] == "kept"
    assert http.get("boxes").status_code == 200, "the password of the first time is still the one"


def test_readers_never_wait_for_the_writer(api: InProcess, http: httpx.Client) -> None:
    """MAILSERVER: in rollback mode one `database is locked` takes Postfix down for a minute."""
    path = api.database.root / "data/db/mail.sqlite3"
    stop, troubles, reads = threading.Event(), [], [0]
    opened = threading.Barrier(4, timeout=60)

    def read() -> None:
        reader = sqlite3.connect(path, timeout=0)
        # As proxymap and auth-worker, a reader has opened the file long before. (Who opens it in the
        # very millisecond in which another connection closes is told to wait: SQLite tidies up then.)
        reader.execute("SELECT count(*) FROM domains").fetchall()
        opened.wait()
        while not stop.is_set():
            try:
                reader.execute("SELECT target FROM postfix_aliases WHERE address = '@kronos.test'").fetchall()
                reader.execute("SELECT * FROM dovecot_users WHERE address = 'admin@kronos.test'").fetchall()
                reads[0] += 1
            except sqlite3.Error as error:
                troubles.append(error)
        reader.close()

    readers = [threading.Thread(target=read) for _reader in range(3)]
    for thread in readers:
        thread.start()
    opened.wait()
    for number in range(60):
        body = {"email": f"sales{number}@kronos.test", "redirectTo": ["out@example.org"]}
        assert http.post("boxes", json=body).status_code == 201
    InProcess(api.database.root).end()  # a second start rebuilds the views meanwhile
    stop.set()
    for thread in readers:
        thread.join()
    assert troubles == []
    assert reads[0] > 0


WRITER = """
import sys
from pathlib import Path
from mailserver.api.database import Database
database, number = Database(Path(sys.argv[1])), 0
print("ready", flush=True)
while True:
    name = f"d{(number := number + 1)}.test"
    with database.change() as connection:
        connection.execute("INSERT INTO domains (name, created, updated) VALUES (?, 0, 0)", (name,))
        columns = "address, domain, user, home, created, updated"
        values = (f"a@{name}", name, "a", f"{name}/a")
        connection.execute(f"INSERT INTO boxes ({columns}) VALUES (?, ?, ?, ?, 0, 0)", values)
"""


def test_a_writer_that_is_killed_leaves_a_whole_database(tmp_path: Path) -> None:
    (tmp_path / "data/db").mkdir(parents=True)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, cwd=os.getcwd()
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    reader = sqlite3.connect(tmp_path / "data/db/mail.sqlite3")
    while reader.execute("SELECT count(*) FROM domains").fetchone()[0] < 50:
        time.sleep(0.01)
    writer.kill()
    writer.wait()
    writer.stdout.close()
    assert reader.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    domains, boxes = (reader.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("domains", "boxes"))
    assert domains == boxes, "a domain without its box: half a change was kept"
    reader.close()
