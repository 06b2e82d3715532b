"""Our own database as a file, and back: for every backup, and for an update that has to be undone."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from mailadmin.backup import databases, layout, postgresql
from mailadmin.backup.databases import DatabaseCopy, DatabaseError


def save(folder: Path) -> DatabaseCopy:
    """Consistent while it is written to, and checked; `folder`/postie.sqlite3 or postie.dump.

    Raises DatabaseError.
    """
    ours = _ours()
    if is_sqlite():
        return databases.copy_sqlite(Path(ours["NAME"]), folder / layout.OURS_SQLITE)
    return postgresql.copy(ours, folder / layout.OURS_POSTGRESQL)


def put_back(folder: Path) -> dict[str, int]:
    """Instead of what is there; rows per table. Web and workers must have stopped. Raises DatabaseError."""
    copy = folder / (layout.OURS_SQLITE if is_sqlite() else layout.OURS_POSTGRESQL)
    if not copy.is_file():
        raise DatabaseError(f"{copy} is not there")
    connections.close_all()
    if is_sqlite():
        databases.put_back_sqlite(copy, Path(_ours()["NAME"]))
        return databases.check_sqlite(copy)
    postgresql.put_back(_ours(), copy)
    return postgresql.check(copy)


def is_sqlite() -> bool:
    return str(_ours()["ENGINE"]).endswith("sqlite3")


def _ours() -> dict[str, Any]:
    found: dict[str, Any] = settings.DATABASES["default"]
    return found
