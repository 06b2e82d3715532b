"""Pages by position and by words: the short ways must say what the long way says."""

import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailserver.api import searches
from mailserver.api.database import Database
from tests.in_process import InProcess

COLUMNS = "address, domain, user, home, name, created, updated"


def add(database: Database, addresses: Sequence[str], name: str = "") -> None:
    with database.change() as connection:
        for domain in {address.partition("@")[2] for address in addresses}:
            values = (domain, 0, 0)
            connection.execute(
                "INSERT OR IGNORE INTO domains (name, created, updated) VALUES (?, ?, ?)", values
            )
        connection.executemany(
            f"INSERT INTO boxes ({COLUMNS}) VALUES (?, ?, ?, ?, ?, 0, 0)",
            [(a, a.partition("@")[2], a.partition("@")[0], a, name) for a in addresses],
        )


def remove(database: Database, addresses: Sequence[str]) -> None:
    with database.change() as connection:
        connection.executemany("DELETE FROM boxes WHERE address = ?", [(address,) for address in addresses])


def all_addresses(database: Database) -> list[str]:
    return [row[0] for row in database.rows("SELECT address FROM boxes ORDER BY address")]


def addresses(found: searches.Found) -> list[str]:
    return [row["address"] for row in found[1]]


def check(database: Database) -> None:
    """Every page, and the size of every stretch, against the whole list."""
    everybody = all_addresses(database)
    for size in (1, 7, 500, 5000):
        for offset in {0, size, len(everybody) // 2, max(0, len(everybody) - 1), len(everybody), 10**9}:
            total, rows = searches.everything(database, size, offset)
            assert total == len(everybody)
            assert [row["address"] for row in rows] == everybody[offset : offset + size]
    sizes = [row["size"] for row in database.rows("SELECT size FROM stretches")]
    assert sum(sizes) == len(everybody)
    assert max(sizes) <= 1000


def test_pages_stay_right_while_boxes_come_and_go(api: InProcess) -> None:
    chance = random.Random(7)
    names = [f"p{number:05}@d{number % 3}.test" for number in range(4000)]
    chance.shuffle(names)
    add(api.database, names[:2500])
    check(api.database)
    remove(api.database, names[200:1900])
    check(api.database)
    add(api.database, names[2500:])
    check(api.database)
    api.database.connection.execute("DELETE FROM domains WHERE name = 'd1.test'")
    check(api.database)
    remove(api.database, all_addresses(api.database))
    check(api.database)


def test_a_domain_is_counted_without_counting(api: InProcess) -> None:
    add(api.database, [f"p{number}@d0.test" for number in range(30)] + ["p@d0.test.pe"])
    total, rows = searches.find(api.database, "@d0.test", 10, 25)
    assert (total, len(rows)) == (30, 5)
    remove(api.database, ["p1@d0.test"])
    assert searches.find(api.database, "@D0.TEST", 1, 0)[0] == 29


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(alphabet="abnñ.@-%_\"'*", min_size=1, max_size=6))
def test_words_find_what_contains_them(api: InProcess, query: str) -> None:
    if not all_addresses(api.database)[1:]:
        add(api.database, ["ana@nab.test", "bana@ban.test", "a.n@ana-b.test"], 'Ban "Ñaña" %_*')
    found = searches.find(api.database, query, 50, 0)
    rows = api.database.rows("SELECT address, name FROM boxes ORDER BY address")
    wanted = [row["address"] for row in rows if query in row["address"] or query in row["name"].lower()]
    assert found[0] == len(found[1])
    assert [address for address in addresses(found) if address in wanted] == wanted


@pytest.mark.parametrize("query", ["ñ", "Ñ", '"ñ', "áñ", "ÁÑ"])
def test_two_letters_are_found_in_either_case(api: InProcess, query: str) -> None:
    add(api.database, ["ana@d0.test"], 'Ban "Ñaña" dÁña')
    assert addresses(searches.find(api.database, query, 9, 0)) == ["ana@d0.test"]


def test_a_new_name_is_found_and_the_old_one_is_not(api: InProcess) -> None:
    add(api.database, ["ana@d0.test"], "Ana Quispe")
    api.database.connection.execute("UPDATE boxes SET name = 'Ana Mamani' WHERE address = 'ana@d0.test'")
    assert addresses(searches.find(api.database, "MAMANI", 9, 0)) == ["ana@d0.test"]
    assert addresses(searches.find(api.database, "quispe", 9, 0)) == []
    remove(api.database, ["ana@d0.test"])
    assert searches.find(api.database, "mamani", 9, 0) == (0, [])


@pytest.mark.parametrize(
    "spoiled", ["DELETE FROM stretches", "DELETE FROM box_numbers", "DELETE FROM counters"]
)
def test_a_database_from_elsewhere_is_counted_anew(tmp_path: Path, spoiled: str) -> None:
    first = InProcess(tmp_path)
    add(first.database, [f"p{number}@d0.test" for number in range(1200)], "Ana Quispe")
    first.end()
    connection = sqlite3.connect(tmp_path / "data/db/mail.sqlite3")
    connection.execute(spoiled)
    connection.commit()
    connection.close()
    second = InProcess(tmp_path)
    check(second.database)
    assert searches.find(second.database, "quispe", 1, 0)[0] == 1200
    assert searches.find(second.database, "@d0.test", 1, 0)[0] == 1200
    second.end()
