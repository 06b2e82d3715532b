"""A restore that is killed halfway, and goes on: everything is there, nothing twice."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.repositories import KEY
from tests.stack import CHECKOUT, Stack, eventually

from .conftest import History, letter

MESSAGES = 250


@pytest.fixture
def environment(stack: Stack, postie_settings: Any, history: History, tmp_path: Path) -> dict[str, str]:
    """A Postie of its own, as the worker sees it."""
    return {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path}/postie.sqlite3",
        "POSTIE_VAR": str(tmp_path / "var"),
        "REDIS_URL": stack.redis_url,
        "POSTEIO_HOSTNAME": stack.hostname,
        "POSTEIO_API_URL": stack.api_url,
        "POSTEIO_API_USER": stack.admin[0],
        "POSTEIO_API_PASSWORD": stack.admin[1],
        "IMAP_HOST": stack.host,
        "IMAP_PORT": str(stack.ports["imap"]),
        "IMAP_SECURITY": "starttls",
        "IMAP_CA_FILE": str(stack.root / "tls/mail.crt"),
        "IMAP_MASTER_USER": "restore",
        "IMAP_MASTER_PASSWORD": postie_settings.IMAP_MASTER_PASSWORD,
        "RESTIC_REPOSITORY": str(tmp_path / "repository"),
        "RESTIC_PASSWORD": KEY,
    }


def manage(environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=CHECKOUT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@pytest.mark.parametrize("kill", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_restore_goes_on_where_it_ended(
    stack: Stack,
    history: History,
    domain: str,
    environment: dict[str, str],
    tmp_path: Path,
    kill: signal.Signals,
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    with stack.imap(ana) as imap:
        for number in range(MESSAGES):
            imap.append("INBOX", "\\Seen", None, letter(number))
    history.backup(domain)
    output, _ = manage(environment, "migrate", "--no-input").communicate(timeout=120)
    assert "OK" in output

    def back() -> int:
        with stack.imap(ana) as imap:
            [folder] = [
                line.decode().rpartition('"/" ')[2].strip('"')  # type: ignore[union-attr]
                for line in imap.list('""', '"Restored*/INBOX"')[1]
                if line
            ] or [""]
            return int(imap.select(f'"{folder}"', readonly=True)[1][0] or 0) if folder else 0

    running = manage(environment, "restore", ana, "--json")
    eventually(lambda: back() >= 3, 60)
    os.killpg(running.pid, kill)
    running.communicate(timeout=60)
    assert back() < MESSAGES, "it was done before it was killed"
    with closing(sqlite3.connect(tmp_path / "postie.sqlite3")) as database:
        [(number, state)] = database.execute("SELECT id, state FROM mailadmin_restore").fetchall()
        assert state == "running"
        # As if two minutes had passed: until then another worker must believe that it is at work.
        database.execute("UPDATE mailadmin_restore SET heartbeat = '2026-01-01 00:00:00'")
        database.commit()
    output, _ = manage(environment, "restore", "--go-on", number, "--json").communicate(timeout=120)
    done = json.loads(output)
    assert done["state"] == "done", output
    assert done["already"] >= 3
    assert done["restored"] + done["already"] == MESSAGES
    assert back() == MESSAGES
    assert len(stack.messages(ana)) == MESSAGES
