"""A mail server with a past: real Dovecot, real restic, snapshots as the nightly backup makes them."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mailadmin import connections
from mailadmin.backup.past import Past, forget_moments
from mailadmin.backup.restic import Repository
from mailadmin.posteio.client import Client
from tests.repositories import KEY, Template
from tests.stack import Stack

ARRIVED = datetime(2026, 5, 3, 14, 30, 59, tzinfo=UTC)


class History:
    """Makes snapshots of the running server, in the layout of mailadmin/backup/layout.py."""

    def __init__(self, stack: Stack, folder: Path, template: Template) -> None:
        self.stack, self.folder = stack, folder
        password = folder / "password"
        password.write_text(KEY)
        self.repository = Repository.at(str(folder / "repository"), password, folder / "var/backup/cache")
        template.copy(folder / "repository")

    @property
    def data(self) -> Path:
        return self.stack.root / "data"

    def backup(self, *domains: str) -> str:
        """Only the mail of these domains, so that many tests can share one server."""
        staging = self.folder / "var/backup/staging"
        shutil.rmtree(staging, ignore_errors=True)
        copy = staging / "db/data/db/mail.sqlite3"
        copy.parent.mkdir(parents=True)
        with (
            closing(sqlite3.connect(self.data / "db/mail.sqlite3")) as old,
            closing(sqlite3.connect(copy)) as new,
        ):
            old.backup(new, pages=-1)
            new.execute("PRAGMA journal_mode=DELETE")
        others = [str(path) for path in (self.data / "mail").iterdir() if path.name not in domains]
        others += [str(path) for path in self.data.iterdir() if path.name != "mail"]
        self.repository.backup([self.data, staging], ["poste", "complete"], excludes=others)
        forget_moments()
        return self.repository.snapshots("complete")[-1].id


@pytest.fixture
def history(stack: Stack, postie_settings: Any, tmp_path: Path, template: Template) -> Iterator[History]:
    made = History(stack, tmp_path, template)
    postie_settings.VAR_DIR = tmp_path / "var"
    postie_settings.RESTIC_REPOSITORY = str(tmp_path / "repository")
    postie_settings.RESTIC_PASSWORD = KEY
    yield made
    forget_moments()


@pytest.fixture
def past(history: History) -> Iterator[Past]:
    with connections.past().open() as opened:
        yield opened


@pytest.fixture
def poste(postie_settings: Any) -> Client:
    return connections.poste()


@pytest.fixture
def domain(stack: Stack) -> str:
    """A domain of the test's own."""
    name = f"d{os.urandom(4).hex()}.test"
    stack.create_domain(name)
    return name


def append(stack: Stack, address: str, number: int, folder: str = "INBOX", flags: str = "\\Seen") -> None:
    with stack.imap(address) as imap:
        if folder != "INBOX":
            imap.create(f'"{folder}"')
        when = f'"03-May-2026 14:{number % 60:02d}:59 +0000"'
        assert imap.append(f'"{folder}"', flags, when, letter(number))[0] == "OK"


def letter(number: int, text: str = "Hola") -> bytes:
    return (
        f"From: Ana <ana{number}@outside.test>\r\nTo: luis@kronos.test\r\nSubject: Carta {number}\r\n"
        f"Date: Mon, 23 Nov 2026 10:{number % 60:02d}:00 -0500\r\nMessage-ID: <{number}@outside.test>\r\n\r\n"
        f"{text} {number}\r\n"
    ).encode()


def delete_all(stack: Stack, address: str, folder: str = "INBOX") -> None:
    with stack.imap(address) as imap:
        imap.select(f'"{folder}"')
        imap.store("1:*", "+FLAGS", "\\Deleted")
        imap.expunge()


def listed(stack: Stack, address: str, folder: str, password: str = "") -> list[tuple[str, str]]:
    """(flags, INTERNALDATE) of each message, as the server says them."""
    options = {"password": password} if password else {}
    with stack.imap(address, **options) as imap:
        if imap.select(f'"{folder}"', readonly=True)[0] != "OK" or not imap.search(None, "ALL")[1][0]:
            return []
        answer = imap.fetch("1:*", "(FLAGS INTERNALDATE)")[1]
        return [line.decode() for line in answer if isinstance(line, bytes)]  # type: ignore[misc]
