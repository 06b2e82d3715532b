"""What a mailbox was besides its mail: name, password hash, limits, aliases, filter.

From the copy of the bundled server's database where the snapshot has one, which knows the password's
hash, too; else from what the API said when the backup was taken (manifest.json, "export").
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .archive import Archive

DATABASE = "db/mail.sqlite3"  # below the bundled server's data directory
_QUERY = """
SELECT b.address, b.name, b.password_hash, b.disabled, b.domain_admin, b.super_admin, b.redirect_only,
  b.storage_limit, b.count_limit,
  (SELECT json_group_array(target) FROM (SELECT target FROM redirects r WHERE r.address = b.address
   ORDER BY position)) AS targets
FROM boxes b WHERE b.address = ? OR b.domain = ? ORDER BY b.address LIMIT 100000
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`storage_limit` in MB; 0 is without limit."""

    address: str
    name: str = ""
    password_hash: str = field(default="", repr=False)
    suspended: bool = False
    domain_admin: bool = False
    super_admin: bool = False
    redirect_only: bool = False
    redirect_to: tuple[str, ...] = ()
    storage_limit: int = 0
    count_limit: int = 0
    sieve: str = ""


def staging(archive: Archive) -> str:
    return next((path for path in archive.snapshot.paths if path.rstrip("/").endswith("/staging")), "")


def manifest(archive: Archive) -> dict[str, Any]:
    """As mailadmin/backup/manifest.py writes it; empty when the snapshot has none."""
    where = staging(archive)
    try:
        found = json.loads(archive.small(f"{where}/manifest.json") or b"{}") if where else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def account(archive: Archive, address: str) -> Account | None:
    return next((one for one in accounts(archive, address=address) if one.address == address), None)


def accounts(archive: Archive, *, address: str = "", domain: str = "") -> list[Account]:
    """One, or all of a domain, aliases too."""
    where = staging(archive)
    candidates = [f"{where}/db/data/{DATABASE}"] if where else []
    candidates += [f"{path}/{DATABASE}" for path in archive.snapshot.paths if path != where]
    with archive.files(candidates) as found:
        for _path, file in found:
            if file.is_file():
                return _from_database(file, address, domain)
    return _from_export(manifest(archive), address, domain)


def _from_database(file: Path, address: str, domain: str) -> list[Account]:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            rows = database.execute(_QUERY, (address, domain)).fetchall()
    except sqlite3.Error:
        return []
    return [
        Account(
            address=row["address"],
            name=row["name"],
            password_hash=row["password_hash"],
            suspended=bool(row["disabled"]),
            domain_admin=bool(row["domain_admin"]),
            super_admin=bool(row["super_admin"]),
            redirect_only=bool(row["redirect_only"]),
            redirect_to=tuple(json.loads(row["targets"])),
            storage_limit=row["storage_limit"],
            count_limit=row["count_limit"],
        )
        for row in rows
    ]


def _from_export(found: Mapping[str, Any], address: str, domain: str) -> list[Account]:
    export = found.get("export")
    rows = export.get("mailboxes") if isinstance(export, dict) else None
    chosen = [
        row
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
        and (row.get("address") == address or str(row.get("address")).endswith(f"@{domain or '-'}"))
    ]
    return [
        Account(
            address=str(row["address"]),
            name=str(row.get("name") or ""),
            suspended=bool(row.get("suspended")),
            domain_admin=bool(row.get("domain_admin")),
            super_admin=bool(row.get("super_admin")),
            redirect_only=bool(row.get("redirect_only")),
            redirect_to=tuple(row.get("redirect_to") or ()),
            storage_limit=int(row.get("storage_limit") or 0),
            count_limit=int(row.get("count_limit") or 0),
            sieve=str(row.get("sieve") or ""),
        )
        for row in chosen
    ]
