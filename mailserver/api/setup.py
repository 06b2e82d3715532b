"""The first system administrator and domain, as poste.io's first page makes them. Idempotent.

usage: python -m mailserver.api.setup --root ROOT --admin ADDRESS < password
"""

import argparse
import os
import sys
from pathlib import Path

from . import dkim, names, passwords
from .__main__ import become_mail_user
from .database import Database, now


def setup(root: Path, address: str, password: str) -> None:
    """Makes what is missing; a password that is there already stays."""
    user, domain = names.split(address)
    database = Database(root)
    with database.change() as connection:
        connection.execute(
            "INSERT INTO domains (name, created, updated) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (domain, now(), now()),
        )
        connection.execute(
            "INSERT INTO boxes (address, domain, user, home, name, password_hash, super_admin,"
            " created, updated)"
            " VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?) ON CONFLICT DO UPDATE SET super_admin = 1",
            (
                f"{user}@{domain}",
                domain,
                user,
                f"{domain}/{user}",
                "",
                passwords.hashed(password),
                now(),
                now(),
            ),
        )
    row = database.row("SELECT dkim_selector FROM domains WHERE name = ?", domain)
    if row and not row["dkim_selector"]:
        dkim.install(database, domain, "postie", dkim.generate())
    database.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m mailserver.api.setup")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--admin", required=True)
    arguments = parser.parse_args()
    password = sys.stdin.readline().rstrip("\n")
    if len(password) < 8:
        sys.exit("The password needs at least 8 characters.")
    os.chdir(arguments.root)
    become_mail_user()
    setup(arguments.root, arguments.admin, password)


if __name__ == "__main__":
    main()
