"""A mail server's data on disk, a repository beside it, and the settings that lead there."""

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from mailadmin.models import BackupRepository
from mailadmin.posteio.client import Client
from mailadmin.services import audit, backup_runs, backups
from tests.repositories import KEY, Template

ACTOR = audit.Actor(address="chief@kronos.test")
LETTER = (
    "From: ana@kronos.test\r\nDate: Fri, 1 Aug 2025 10:00:00 +0000\r\n"
    "Subject: n {number}\r\n\r\ntexto {number}\r\n"
)


def write_mail(data: Path, address: str, messages: int, folder: str = "") -> list[Path]:
    user, _, domain = address.partition("@")
    maildir = data / f"mail/{domain}/{user}/Maildir" / folder
    for part in ("cur", "new", "tmp"):
        (maildir / part).mkdir(parents=True, exist_ok=True)
    (maildir / "dovecot-uidlist").write_text(f"3 V1700000001 N{messages + 1} Gabc\n")
    written = []
    for number in range(messages):
        path = maildir / "cur" / f"17000{number:05}.M{number}P1.mail:2,S"
        path.write_bytes(LETTER.format(number=f"{address} {number}").encode())
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
        written.append(path)
    return written


@pytest.fixture
def data(tmp_path: Path) -> Path:
    root = tmp_path / "mailserver/data"
    for address in ("ana@kronos.test", "luis@kronos.test", "eva@other.test"):
        write_mail(root, address, 10)
    write_mail(root, "ana@kronos.test", 5, ".Proyectos.Feria")
    (root / "db").mkdir()
    database = sqlite3.connect(root / "db/mail.sqlite3")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE boxes(address TEXT)")
    database.executemany("INSERT INTO boxes VALUES (?)", [(str(n),) for n in range(30)])
    database.commit()
    database.close()
    (root / "dkim").mkdir()
    (root / "dkim/kronos.test.postie.key").write_text("a private key")
    (root / "secrets.json").write_text("{}")
    return root


@pytest.fixture
def backup_settings(poste: Client, data: Path, tmp_path: Path, settings: Any) -> Any:
    """Without a repository yet."""
    settings.VAR_DIR = tmp_path / "var"
    settings.POSTEIO_BASE_DADOS = str(data)
    settings.RESTIC_REPOSITORY = str(tmp_path / "repository")
    settings.RESTIC_PASSWORD = KEY
    ours = tmp_path / "ours.sqlite3"
    sqlite3.connect(ours).close()
    settings.DATABASES["default"]["NAME"], before = str(ours), settings.DATABASES["default"]["NAME"]
    yield settings
    settings.DATABASES["default"]["NAME"] = before
    backup_runs.stopping.clear()


@pytest.fixture
def repository(db: None, backup_settings: Any, template: Template) -> BackupRepository:
    template.copy(Path(backup_settings.RESTIC_REPOSITORY))
    return backups.adopt_repository(ACTOR)


def steps(run: Any) -> dict[str, tuple[str, str]]:
    return {step.name: (step.state, step.code) for step in run.steps.all()}
