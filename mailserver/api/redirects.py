"""Where a box sends its mail on, and where a letter ends up at last."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from . import names
from .database import Database
from .errors import Invalid

DEEPEST = 20
MOST = 10_000


def of(database: Database, address: str) -> list[str]:
    return of_many(database, [address]).get(address, [])


def of_many(database: Database, addresses: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for start in range(0, len(addresses), 500):
        some = addresses[start : start + 500]
        marks = ",".join("?" * len(some))
        query = f"SELECT address, target FROM redirects WHERE address IN ({marks}) ORDER BY address, position"  # noqa: S608
        for row in database.rows(query, *some):
            found.setdefault(row["address"], []).append(row["target"])
    return found


def checked(database: Database, address: str, targets: Sequence[str]) -> list[str]:
    """Clean, once each, in order. Raises Invalid for a wrong address, a foreign `*@` or a circle."""
    clean = list(dict.fromkeys(names.target(target) for target in targets))
    for target in clean:
        domain = target.rpartition("@")[2]
        if target.startswith("*@") and not database.row("SELECT 1 FROM domains WHERE name = ?", domain):
            raise Invalid({"redirectTo": f"{target}: this domain does not exist here."})
        if target == address or address in destinations(database, target).passed:
            raise Invalid(
                {"redirectTo": f"{target} sends back to {address}: mail would go round in circles."}
            )
    return clean


def write(connection: sqlite3.Connection, address: str, targets: Sequence[str]) -> None:
    connection.execute("DELETE FROM redirects WHERE address = ?", (address,))
    rows = [(address, target, position) for position, target in enumerate(targets)]
    connection.executemany("INSERT INTO redirects (address, target, position) VALUES (?, ?, ?)", rows)


@dataclass
class Destinations:
    """Where mail for an address ends: `boxes` here, `elsewhere` abroad, `missing` nowhere, `disabled`."""

    boxes: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    disabled: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)


def destinations(database: Database, address: str) -> Destinations:
    """Follow redirects, catch-alls and alias domains the way Postfix does. Bounded; circles end."""
    found = Destinations()
    waiting = [(address.lower(), 0)]
    while waiting and len(found.passed) < MOST:
        current, depth = waiting.pop()
        if current in found.passed or depth > DEEPEST:
            continue
        found.passed.add(current)
        waiting += [(following, depth + 1) for following in _step(database, current, found)]
    return found


def _step(database: Database, address: str, found: Destinations) -> list[str]:
    local, _, domain = address.rpartition("@")
    row = database.row("SELECT * FROM domains WHERE name = ?", domain)
    if row is None:
        found.elsewhere.add(address)
        return []
    if local == "*":
        query = "SELECT address FROM boxes WHERE domain = ? AND NOT redirect_only AND NOT disabled LIMIT ?"
        return [box["address"] for box in database.rows(query, domain, MOST)]
    plain = f"{local.partition('+')[0]}@{domain}"  # recipient_delimiter = +
    box = database.row("SELECT * FROM boxes WHERE address IN (?, ?)", address, plain)
    if box is None:
        return _whole_domain(local, row, address, found)
    if box["disabled"]:
        found.disabled.add(box["address"])
        return []
    if not box["redirect_only"]:
        found.boxes.add(box["address"])
    return of(database, box["address"])


def _whole_domain(local: str, domain: sqlite3.Row, address: str, found: Destinations) -> list[str]:
    if domain["forward"] and domain["forward_domain"]:
        return [f"{local}@{domain['forward_domain']}"]
    if domain["domain_bin"] and domain["domain_bin_address"]:
        return [domain["domain_bin_address"]]
    found.missing.add(address)
    return []
