"""An unknown address costs what a wrong password costs: the steps are counted, ours and Dovecot's."""

import imaplib
import re
import sqlite3
from collections import Counter
from functools import partial
from typing import Any, ClassVar

import bcrypt
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.stack import PASSWORD, Stack, eventually

UNKNOWN = "nobody-at-all@kronos.test"


class Counting(PBKDF2PasswordHasher):
    """Django's own, with a count."""

    calls: ClassVar[Counter[str]] = Counter()

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        Counting.calls["hash"] += 1
        return super().encode(password, salt, iterations)


def shape(sql: str) -> str:
    """A statement without its values."""
    return re.sub(r"'[^']*'|\b\d+\b|0x[0-9a-f]+|s\d+_x\d+", "?", sql)


@pytest.mark.django_db
def test_an_unknown_address_takes_the_same_steps_here(
    client: Client, stack: Stack, postie_settings: Any
) -> None:
    postie_settings.PASSWORD_HASHERS = ["tests.accounts.test_same_steps.Counting"]
    known, _ = stack.create_mailbox()
    taken = []
    for address in (known, UNKNOWN):
        Counting.calls.clear()
        tries = failed_tries(stack)
        with CaptureQueriesContext(connection) as queries:
            answer = client.post("/login", {"address": address, "password": "not the password"})
        assert answer.status_code == 422
        eventually(partial(has_failed, stack, tries + 1))  # asked over IMAP, once
        statements = [shape(one["sql"]) for one in queries.captured_queries]
        taken.append((Counting.calls["hash"], statements, len(answer.content)))
    (hashes, statements, length), other = taken
    assert hashes == 1
    assert other[:2] == (hashes, statements)
    assert other[2] - length == len(UNKNOWN) - len(
        known
    )  # the page repeats the address, and differs in nothing else


def has_failed(stack: Stack, times: int) -> bool:
    return failed_tries(stack) == times


def failed_tries(stack: Stack) -> int:
    return len(re.findall(r"imap-login: Info: .*auth failed, 1 attempts", stack.log("dovecot")))


def test_dovecot_compares_with_a_hash_whoever_asks(stack: Stack) -> None:
    ana, _ = stack.create_mailbox()
    leo, _ = stack.create_mailbox(disabled=True)
    configuration = (stack.root / "etc/dovecot/sql.conf.ext").read_text().replace("\\\n", " ")
    query = re.search(r"^password_query = (.+)$", configuration, re.M)
    assert query is not None
    hashes = []
    with sqlite3.connect(stack.root / "data/db/mail.sqlite3") as database:
        for address in (ana, leo, UNKNOWN):
            ((user, stored),) = database.execute(query[1].replace("%Lu", address)).fetchall()
            assert user == address
            hashes.append(stored)
    database.close()
    right, *others = hashes
    assert bcrypt.checkpw(PASSWORD.encode(), right.removeprefix("{BLF-CRYPT}").encode())
    for stored in others:
        assert (
            stored[: len("{BLF-CRYPT}$2b$08$")] == right[: len("{BLF-CRYPT}$2b$08$")]
        )  # same scheme, same cost
        assert not bcrypt.checkpw(PASSWORD.encode(), stored.removeprefix("{BLF-CRYPT}").encode())


@pytest.mark.parametrize("who", ["unknown", "switched off"])
def test_nobody_gets_in_by_it(stack: Stack, who: str) -> None:
    address = UNKNOWN if who == "unknown" else stack.create_mailbox(disabled=True)[0]
    for password in ("", PASSWORD, "not the password"):
        with pytest.raises(imaplib.IMAP4.error), stack.imap(address, password):
            pass
