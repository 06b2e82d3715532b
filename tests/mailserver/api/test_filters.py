"""Filters and orders say what reading everything would say."""

import itertools
import random

import pytest

from mailserver.api import filters, searches
from mailserver.api.database import Database
from mailserver.api.errors import Invalid
from tests.in_process import InProcess

COLUMNS = (
    "address, domain, user, home, name, redirect_only, disabled, super_admin, domain_admin, created, updated"
)


def fill(database: Database) -> None:
    chance = random.Random(11)
    with database.change() as connection:
        for domain in ("d0.test", "d1.test"):
            connection.execute("INSERT INTO domains (name, created, updated) VALUES (?, 0, 0)", (domain,))
        for number in range(400):
            user, domain = f"p{number}", f"d{number % 2}.test"
            flags = [chance.random() < share for share in (0.3, 0.2, 0.1, 0.1)]
            values = (f"{user}@{domain}", domain, user, user, chance.choice(["Ana", "ana", "Beto", "Zoë"]))
            connection.execute(
                f"INSERT INTO boxes ({COLUMNS}) VALUES ({', '.join('?' * 11)})",
                (*values, *flags, chance.randrange(5), 0),
            )


def naive(database: Database, asked: dict[str, str]) -> list[str]:
    def fits(row: dict[str, object]) -> bool:
        truths = row | {"administrator": row["super_admin"] or row["domain_admin"]}
        names = {"redirectOnly": "redirect_only", "superAdmin": "super_admin"}
        return all(
            row["domain"] == value
            if name == "domain"
            else bool(truths[names.get(name, name)]) == (value == "true")
            for name, value in asked.items()
            if name != "sort"
        )

    def key(row: dict[str, object]) -> tuple[object, ...]:
        first = {"name": str(row["name"]).lower(), "created": row["created"]}.get(
            asked.get("sort", "").lstrip("-"), ""
        )
        return first, row["address"]

    rows = [dict(row) for row in database.rows("SELECT * FROM boxes") if fits(dict(row))]
    rows.sort(key=key, reverse=asked.get("sort", "").startswith("-"))
    return [str(row["address"]) for row in rows]


def test_every_combination_and_order_and_page(api: InProcess) -> None:
    fill(api.database)
    choices = {
        "redirectOnly": ("", "true", "false"),
        "disabled": ("", "true", "false"),
        "superAdmin": ("", "true"),
        "administrator": ("", "true", "false"),
        "domain": ("", "d0.test"),
        "sort": ("", *filters.ORDERS),
    }
    for values in itertools.product(*choices.values()):
        asked = {name: value for name, value in zip(choices, values, strict=True) if value}
        wanted = naive(api.database, asked)
        only = filters.wanted(asked)
        assert set(only.heeded) == set(asked)
        total, rows = searches.find(api.database, "", 50, 10, only)
        assert (total, [row["address"] for row in rows]) == (len(wanted), wanted[10:60]), asked


def test_words_and_filters_together(api: InProcess) -> None:
    fill(api.database)
    only = filters.wanted({"redirectOnly": "0", "sort": "-address"})
    total, rows = searches.find(api.database, "beto", 1000, 0, only)
    assert total == len(rows) > 0
    assert {(row["name"], row["redirect_only"]) for row in rows} == {("Beto", 0)}
    assert [row["address"] for row in rows] == sorted((row["address"] for row in rows), reverse=True)


@pytest.mark.parametrize("asked", [{"disabled": "maybe"}, {"sort": "password_hash"}, {"sort": "1"}])
def test_what_is_no_filter_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        filters.wanted(asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"redirectOnly": "0"},
        {"redirectOnly": "1"},
        {"redirectOnly": "0", "disabled": "1"},
        {"redirectOnly": "0", "administrator": "1"},
        {"redirectOnly": "0", "domain": "d0.test"},
        {"redirectOnly": "0", "disabled": "0", "sort": "name"},
    ],
)
def test_no_page_of_the_panel_walks_over_whole_rows(api: InProcess, asked: dict[str, str]) -> None:
    only = filters.wanted(asked)
    where = " AND ".join(only.where)
    query = f"EXPLAIN QUERY PLAN SELECT address FROM boxes WHERE {where} ORDER BY {only.order} LIMIT 50"
    plan = " ".join(row["detail"] for row in api.database.rows(query, *only.values))
    assert "USING COVERING INDEX" in plan
    assert "TEMP B-TREE" not in plan
