"""The scripts on a real system: an emptied data directory comes back, and an update that fails goes back.

In a checkout of its own, so that versions can be changed; on the first thousand of ports that is free.
"""

import contextlib
import imaplib
import json
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mailserver.ports import ports
from mailserver.site import place
from tests.stack import BASE, CHECKOUT, PROGRAMS, Stack, keep_compiled_patterns

FILTER = 'require "fileinto";\nif header :contains "subject" "feria" { fileinto "Feria"; }\n'
LONGEST = 900
RENAMES = """from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("mailadmin", "%s")]
    operations = [migrations.RunSQL("ALTER TABLE mailadmin_auditentry RENAME TO renamed_by_a_bad_version")]
"""


def free_base() -> int:
    for base in (BASE + thousand * 1000 for thousand in (1, 2, 3, 5, 7)):
        with contextlib.ExitStack() as stack:
            try:
                for number in ports(base).values():
                    stack.enter_context(socket.create_server(("127.0.0.1", number)))
            except OSError:
                continue
            return base
    raise AssertionError("no thousand of ports is free")


class System:
    """Postie as somebody runs it who followed docs/install.md."""

    def __init__(self, root: Path) -> None:
        self.root, self.var = root / "postie", root / "var"
        self.base = free_base()
        git(root, "clone", "--quiet", "--shared", str(CHECKOUT), str(self.root))
        (self.root / ".venv").symlink_to(CHECKOUT / ".venv")
        names = (
            "SECRET_KEY",
            "POSTEIO_API_URL",
            "POSTEIO_API_PASSWORD",
            "RESTIC_REPOSITORY",
            "RESTIC_PASSWORD",
        )
        kept = {name: value for name, value in os.environ.items() if name not in names}
        self.environment = {
            **kept,
            "POSTIE_VAR": str(self.var),
            "POSTIE_PORT_BASE": str(self.base),
            "LANG": "C.UTF-8",
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": "user.name",
            "GIT_CONFIG_VALUE_0": "Test",
            "GIT_CONFIG_KEY_1": "user.email",
            "GIT_CONFIG_VALUE_1": "test@kronos.test",
        }

    @property
    def server(self) -> Path:
        return (self.var / "mailserver").resolve()

    @property
    def data(self) -> Path:
        return self.server / "data"

    def run(self, name: str, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [f"scripts/{name}.sh", *words], cwd=self.root, env=self.environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST, check=False,
        )  # fmt: skip

    def git(self, *words: str) -> str:
        return git(self.root, *words, environment=self.environment)

    @property
    def demo(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.var / "demo.json").read_text())
        return found

    def api(self, path: str) -> Any:
        admin = next(a for a in self.demo["accounts"] if a["role"] == "admin")
        auth = (admin["address"], admin["password"])
        return httpx.get(f"{self.demo['api_url']}/admin/api/v1/{path}", auth=auth, timeout=30).json()

    def count(self, address: str, password: str) -> dict[str, int]:
        """Messages by folder, with the person's own password."""
        context = ssl.create_default_context(cafile=str(self.server / "tls/mail.crt"))
        with imaplib.IMAP4_SSL("localhost", ports(self.base)["imaps"], ssl_context=context) as imap:
            imap.login(address, password)
            names = [line.decode().rpartition('"/" ')[2].strip('"') for line in imap.list()[1]]  # type: ignore[union-attr]
            found = {}
            for name in names:
                kind, answer = imap.select(f'"{name}"', readonly=True)
                if kind == "OK":
                    found[name] = int(answer[0] or 0)
            return found

    def facts(self) -> dict[str, Any]:
        """What a person would miss."""
        people = [a for a in self.demo["accounts"] if a["role"] != "admin"]
        domains = sorted(one["name"] for one in self.api("domains")["results"])
        return {
            "domains": domains,
            "dkim": {name: self.api(f"domains/{name}/dkim").get("public") for name in domains},
            "mail": {a["address"]: self.count(a["address"], a["password"]) for a in people},
            "sieve": self.api(f"boxes/{people[0]['address']}/sieve")["script"],
        }


def git(where: Path, *words: str, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        ["git", *words], cwd=where, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def system(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    if missing := [
        name for name in (*PROGRAMS, "restic") if not shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    ]:
        pytest.fail(f"not installed: {', '.join(missing)}")
    made = System(tmp_path_factory.mktemp("whole"))
    # Rspamd compiles patterns for many seconds when a server starts that has none: they are the same ones.
    patterns = place(made.var / "mailserver") / "data/rspamd"
    patterns.mkdir(parents=True)
    for file in (stack.root / "data/rspamd").glob("*.hs*"):
        shutil.copy(file, patterns)
    started = made.run("start", "--detach")
    assert started.returncode == 0, started.stdout + started.stderr
    try:
        yield made
    finally:
        made.run("stop")
        shutil.rmtree(made.server, ignore_errors=True)


def test_an_emptied_data_directory_comes_back(system: System) -> None:
    person = next(a for a in system.demo["accounts"] if a["role"] != "admin")
    admin = next(a for a in system.demo["accounts"] if a["role"] == "admin")
    answer = httpx.patch(
        f"{system.demo['api_url']}/admin/api/v1/boxes/{person['address']}/sieve",
        auth=(admin["address"], admin["password"]), json={"script": FILTER}, timeout=30,
    )  # fmt: skip
    assert answer.status_code == 204
    before = system.facts()
    assert before["sieve"].strip() == FILTER.strip()
    backup = system.run("backup_posteio")
    assert backup.returncode == 0, backup.stdout + backup.stderr
    dry = system.run("restaurar_posteio", "--dry-run")
    assert dry.returncode == 0, dry.stdout + dry.stderr
    assert system.facts() == before

    owner = (system.data / "mail").stat().st_uid
    system.run("stop")
    keep_compiled_patterns(system.server)
    for entry in system.data.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    done = system.run("restaurar_posteio", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split()[:2] for line in done.stdout.splitlines() if line.startswith(("ok ", "FAIL"))] == [
        ["ok", "send"],
        ["ok", "receive"],
        ["ok", "webmail"],
        ["ok", "panel"],
    ]
    assert system.facts() == before
    owners = {path.stat().st_uid for path in (system.data / "mail").rglob("*")}
    assert owners == {owner}


def test_an_update_is_proven_and_a_bad_one_is_taken_back(system: System) -> None:
    old = system.git("rev-parse", "HEAD")
    branch = system.git("symbolic-ref", "--short", "HEAD")
    system.git("checkout", "--quiet", "-b", "good")
    system.git("commit", "--quiet", "--allow-empty", "-m", "A good version")
    system.git("tag", "v-good")
    (system.root / "postie_web/wsgi.py").write_text("raise SystemExit('this version is broken')\n")
    migrations = system.root / "mailadmin/migrations"
    newest = max(path.stem for path in migrations.glob("0*.py"))
    (migrations / "9999_renamed.py").write_text(RENAMES % newest)
    system.git("add", "--all", "mailadmin/migrations")
    system.git("commit", "--quiet", "-am", "A bad version")
    system.git("tag", "v-bad")
    system.git("checkout", "--quiet", branch)
    assert system.git("rev-parse", "HEAD") == old

    done = system.run("actualizar", "--yes", "--to", "v-good")
    assert done.returncode == 0, done.stdout + done.stderr
    good = system.git("rev-parse", "HEAD")
    assert good == system.git("rev-parse", "v-good")
    done = system.run("actualizar", "--yes", "--to", "v-bad")
    assert done.returncode == 1, done.stdout + done.stderr
    assert system.git("rev-parse", "HEAD") == good
    # It had changed our tables: they are what they were, with their rows.
    with contextlib.closing(sqlite3.connect(system.var / "postie.sqlite3")) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        applied = {name for (name,) in database.execute("SELECT name FROM django_migrations")}
        entries = database.execute("SELECT count(*) FROM mailadmin_auditentry").fetchone()[0]
    assert "renamed_by_a_bad_version" not in tables
    assert "9999_renamed" not in applied
    assert entries > 0
    assert httpx.get(f"{system.demo['url']}/healthz", timeout=30).status_code == 200
