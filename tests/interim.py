"""The truth until the API is there: the agreed views over plain tables, filled by hand."""

import sqlite3
from typing import Any

import bcrypt

SCHEMA = """
CREATE TABLE IF NOT EXISTS domain(name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS mailbox(address TEXT PRIMARY KEY, hash TEXT, home TEXT);
CREATE TABLE IF NOT EXISTS alias(address TEXT, target TEXT);
CREATE VIEW IF NOT EXISTS postfix_domains AS SELECT name FROM domain;
CREATE VIEW IF NOT EXISTS postfix_mailboxes AS SELECT address FROM mailbox;
CREATE VIEW IF NOT EXISTS postfix_aliases AS SELECT address, target FROM alias;
CREATE VIEW IF NOT EXISTS postfix_senders AS SELECT address AS sender, address AS login FROM mailbox;
CREATE VIEW IF NOT EXISTS dovecot_users AS SELECT address, hash AS password_hash, home,
  1000000000 AS quota_storage_bytes, 10000 AS quota_messages, 1 AS allowed FROM mailbox;
"""


def database(stack: Any) -> sqlite3.Connection:
    return sqlite3.connect(stack.root / "data/db/mail.sqlite3", timeout=10)


def create_schema(stack: Any) -> None:
    with database(stack) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(SCHEMA)
        connection.execute("INSERT INTO domain VALUES (?)", (stack.domain,))


def create_mailbox(stack: Any, address: str, password: str) -> None:
    local_part, domain = address.split("@")
    hashed = "{BLF-CRYPT}" + bcrypt.hashpw(password.encode(), bcrypt.gensalt(5)).decode()
    home = str(stack.root / "data/mail" / domain / local_part)
    with database(stack) as connection:
        connection.execute("INSERT INTO mailbox VALUES (?, ?, ?)", (address, hashed, home))
