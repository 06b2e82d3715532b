"""One page out of a hundred thousand boxes, by position or by words, without walking over the others."""

import sqlite3

from . import paging
from .database import Database

SHORTEST = 3  # letters the index works with
Found = tuple[int, list[sqlite3.Row]]  # how many there are, and one page of them


def everything(database: Database, size: int, offset: int) -> Found:
    total = _counted(database, "boxes")
    if offset >= total:
        return total, []
    query = "SELECT * FROM boxes WHERE address >= ? ORDER BY address LIMIT ?"
    return total, database.rows(query, _address_at(database, offset), size)


def _address_at(database: Database, offset: int) -> str:
    """The box that stands at a position: along the stretches first, then inside one of them."""
    for row in database.rows("SELECT first, size FROM stretches ORDER BY first"):
        if offset < row["size"]:
            query = "SELECT address FROM boxes WHERE address >= ? ORDER BY address LIMIT 1 OFFSET ?"
            found = database.row(query, row["first"], offset)
            return str(found["address"]) if found else ""
        offset -= row["size"]
    return ""


def find(database: Database, query: str, size: int, offset: int) -> Found:
    """Boxes with `query` in the address or the name. Blocking and slow where half of the server is meant."""
    domain = query[1:].lower()
    if query.startswith("@") and database.found("SELECT 1 FROM domains WHERE name = ?", domain):
        rows = _page(database, "domain = ?", [domain], size, offset)
        counted = database.found("SELECT value FROM counters WHERE name = ?", f"boxes@{domain}")
        return counted[0]["value"] if counted else 0, rows
    if len(query) < SHORTEST:
        where, values = "address LIKE ? ESCAPE '\\' OR name LIKE ? ESCAPE '\\'", [paging.like(query)] * 2
        return _count(database, "boxes", where, values), _page(database, where, values, size, offset)
    words = [f'"{query.replace(chr(34), chr(34) * 2)}"']
    # Only the numbers come from the index of words: its copies of the texts are never read.
    numbers = "SELECT rowid FROM box_search WHERE box_search MATCH ?"
    where = f"address IN (SELECT address FROM box_numbers WHERE number IN ({numbers}))"  # noqa: S608
    total = _count(database, "box_search", "box_search MATCH ?", words)
    return total, _page(database, where, words, size, offset)


def _page(database: Database, where: str, values: list[str], size: int, offset: int) -> list[sqlite3.Row]:
    # The inner select walks only a narrow index; the wide rows are read for one page.
    narrow = f"SELECT address FROM boxes WHERE {where} ORDER BY address LIMIT ? OFFSET ?"  # noqa: S608 fixed texts
    query = f"SELECT * FROM boxes WHERE address IN ({narrow}) ORDER BY address"  # noqa: S608
    return database.found(query, *values, size, offset)


def _count(database: Database, table: str, where: str, values: list[str]) -> int:
    query = f"SELECT count(*) AS n FROM {table} WHERE {where}"  # noqa: S608 fixed texts
    return int(database.found(query, *values)[0]["n"])


def _counted(database: Database, name: str) -> int:
    row = database.row("SELECT value FROM counters WHERE name = ?", name)
    return row["value"] if row else 0
