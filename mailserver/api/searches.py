"""One page out of a hundred thousand boxes, by position or by words, without walking over the others."""

import sqlite3
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

from . import paging
from .database import Database
from .filters import Filters

SHORTEST = 3  # letters the index works with
NONE = Filters()
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


def find(database: Database, query: str, size: int, offset: int, filters: Filters = NONE) -> Found:
    """Boxes with `query` in the address or the name. Blocking and slow where half of the server is meant."""
    meant = _meant(database, query) if query else EVERYBODY
    where = " AND ".join(f"({part})" for part in (*filters.where, meant.where))
    values = [*filters.values, *meant.values]
    count = f"SELECT count(*) AS n FROM boxes WHERE {where}" if filters.where else meant.counting  # noqa: S608
    total = int(database.found(count, *values)[0]["n"])
    return total, _page(database, where, values, filters.order, size, offset)


class Meant(NamedTuple):
    """A condition, its values, and the shortest way to count what fits it."""

    where: str
    values: list[str]
    counting: str


EVERYBODY = Meant("TRUE", [], "SELECT value AS n FROM counters WHERE name = 'boxes'")


def _meant(database: Database, query: str) -> Meant:
    """The boxes somebody means by these words."""
    domain = query[1:].lower()
    if query.startswith("@") and database.found("SELECT 1 FROM domains WHERE name = ?", domain):
        counted = "SELECT total(value) AS n FROM counters WHERE name = 'boxes@' || ?"
        return Meant("domain = ?", [domain], counted)
    if len(query) < SHORTEST:
        texts = [paging.like(text) for text in _cases(query)]
        where = " OR ".join(["address LIKE ? ESCAPE '\\' OR name LIKE ? ESCAPE '\\'"] * len(texts))
        values = [text for text in texts for _column in range(2)]
        return Meant(where, values, f"SELECT count(*) AS n FROM boxes WHERE {where}")  # noqa: S608
    # Only the numbers come from the index of words: its copies of the texts are never read.
    numbers = "SELECT rowid FROM box_search WHERE box_search MATCH ?"
    return Meant(
        f"address IN (SELECT address FROM box_numbers WHERE number IN ({numbers}))",  # noqa: S608
        [f'"{query.replace(chr(34), chr(34) * 2)}"'],
        "SELECT count(*) AS n FROM box_search WHERE box_search MATCH ?",
    )


def _cases(query: str) -> list[str]:
    """LIKE knows small from large in ASCII only: Ñ and ñ are asked for both."""
    letters = [[one] if one.isascii() else sorted({one.lower(), one.upper()}) for one in query]
    return ["".join(chosen) for chosen in product(*letters)]


def _page(
    database: Database, where: str, values: Sequence[object], order: str, size: int, offset: int
) -> list[sqlite3.Row]:
    # The inner select walks only a narrow index; the wide rows are read for one page.
    narrow = f"SELECT address FROM boxes WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 fixed texts
    query = f"SELECT * FROM boxes WHERE address IN ({narrow}) ORDER BY {order}"  # noqa: S608
    return database.found(query, *values, size, offset)


def _counted(database: Database, name: str) -> int:
    row = database.row("SELECT value FROM counters WHERE name = ?", name)
    return row["value"] if row else 0
