"""Our own database when it is PostgreSQL: dumped, the dump read to its end, and put back."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .databases import DatabaseCopy, DatabaseError

LONGEST = 3600
_COPY = re.compile(rb"COPY (?:public\.)?(\S+) \(.*\) FROM stdin;$")
# Everything that is there goes, also tables that a newer version has made: its migrations must run again.
_EMPTY = ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


def environment(database: Mapping[str, Any]) -> dict[str, str]:
    """Django's DATABASES entry as libpq's variables: no secret is ever an argument."""
    options = {str(key).upper(): value for key, value in (database.get("OPTIONS") or {}).items()}
    known = options | {
        key: value
        for key, value in {
            "HOST": database.get("HOST"),
            "PORT": database.get("PORT"),
            "DATABASE": database.get("NAME"),
            "USER": database.get("USER"),
            "PASSWORD": database.get("PASSWORD"),
        }.items()
        if value
    }
    kept = ("HOST", "PORT", "DATABASE", "USER", "PASSWORD", "PASSFILE", "SERVICE", "SSLMODE", "SSLROOTCERT")
    found = {f"PG{key}": str(known[key]) for key in (*kept, "SSLCERT", "SSLKEY") if known.get(key)}
    return {**os.environ, "PGCONNECT_TIMEOUT": "10", **found}


def copy(database: Mapping[str, Any], target: Path) -> DatabaseCopy:
    """`pg_dump -Fc`: consistent while it is written to; then all of it is read. Raises DatabaseError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _run(["pg_dump", "--format=custom", f"--file={target}"], environment(database))
    return DatabaseCopy(
        source="postgresql", copy=str(target), bytes=target.stat().st_size, rows=check(target)
    )


def check(dump: Path) -> dict[str, int]:
    """Rows per table. Raises DatabaseError for a torn dump.

    `pg_restore --list` reads only the table of contents at its beginning: half a file passes that.
    """
    rows: dict[str, int] = {}
    table = ""
    try:
        command = ["pg_restore", "--file=-", "--data-only", str(dump)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            for line in process.stdout or ():
                if table and line == b"\\.\n":
                    table = ""
                elif table:
                    rows[table] += 1
                elif found := _COPY.match(line):
                    table = found[1].decode("utf-8", "replace")
                    rows[table] = 0
            said = process.stderr.read() if process.stderr else b""
    except FileNotFoundError as error:
        raise DatabaseError(f"{error.filename} is not installed") from error
    if process.returncode or table:
        raise DatabaseError(f"{dump.name}: {_words(said) or 'it ends early'}")
    return rows


def put_back(database: Mapping[str, Any], dump: Path) -> None:
    """Instead of what is there, in one transaction. Raises DatabaseError, and then nothing is changed."""
    check(dump)
    script = dump.with_suffix(".sql")
    try:
        _run(["pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dump)], dict(os.environ))
        script.chmod(0o600)
        psql = ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        emptied = [word for line in _EMPTY for word in ("--command", line)]
        _run([*psql, *emptied, f"--file={script}"], environment(database))
    finally:
        script.unlink(missing_ok=True)


def _run(command: Sequence[str], variables: Mapping[str, str]) -> None:
    try:
        subprocess.run(command, env=variables, check=True, capture_output=True, timeout=LONGEST)
    except FileNotFoundError as error:
        raise DatabaseError(f"{error.filename} is not installed") from error
    except subprocess.CalledProcessError as error:
        raise DatabaseError(f"PostgreSQL: {_words(error.stderr) or error.returncode}") from error
    except subprocess.SubprocessError as error:
        raise DatabaseError(f"PostgreSQL: {type(error).__name__}") from error


def _words(said: bytes | None) -> str:
    return (said or b"").decode("utf-8", "replace").strip()[:500]
