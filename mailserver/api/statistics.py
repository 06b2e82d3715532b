"""Mail in and out, counted from Postfix's own log."""

import asyncio
import contextlib
import logging
import re
import sqlite3
import time
from collections import Counter
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import boxes, domains
from .database import Database
from .errors import Invalid
from .service import service

# … postfix/lmtp[12]: 4Xy…: to=<ana@kronos.test>, orig_to=…, relay=…, status=sent (250 …)
DELIVERED = re.compile(r"postfix(?:/[\w-]+)*/lmtp\[\d+\]: \w+: to=<([^>]+)>.* status=sent ")
# … postfix/submission/smtpd[12]: 4Xy…: client=…, sasl_method=PLAIN, sasl_username=ana@kronos.test
SUBMITTED = re.compile(r"postfix(?:/[\w-]+)*/smtpd\[\d+\]: \w+: client=.* sasl_username=(\S+)")
AT_ONCE = 256 * 1024  # some milliseconds: Postfix' questions wait meanwhile
PAUSE = 1.0
PERIODS = {"month": (len("2024-01"), 24), "day": (len("2024-01-31"), 62)}  # letters of a label, how many


async def of_box(request: Request) -> Response:
    return JSONResponse(_periods(request, "address = ?", boxes.known(request)["address"]))


async def of_domain(request: Request) -> Response:
    name = domains.known(request)["name"]
    return JSONResponse(_periods(request, "substr(address, instr(address, '@') + 1) = ?", name))


def _periods(request: Request, where: str, value: str) -> dict[str, dict[str, int]]:
    """Months as poste.io has them; with `?period=day` the last days. Oldest first."""
    period = request.query_params.get("period", "month")
    if period not in PERIODS:
        raise Invalid({"period": "This value should be day or month."})
    letters, most = PERIODS[period]
    sums = "SELECT substr(day, 1, ?) AS period, sum(incoming) AS i, sum(outgoing) AS o FROM traffic"
    query = f"{sums} WHERE {where} GROUP BY 1 ORDER BY 1 DESC LIMIT ?"
    rows = service(request).database.rows(query, letters, value, most)
    return {row["period"]: {"in": row["i"], "out": row["o"]} for row in reversed(rows)}


class LogReader:
    """Follows the log over restarts (place kept in the database) and rotations (the inode changes)."""

    def __init__(self, database: Database, log: Path):
        self.database, self.log = database, log
        place = database.row("SELECT value FROM settings WHERE name = 'maillog'")
        self.inode, self.offset = map(int, place["value"].split(":")) if place else (0, 0)

    async def run(self) -> None:
        while True:
            try:
                while self.read():
                    await asyncio.sleep(0)
            except (OSError, sqlite3.Error):
                logging.getLogger(__name__).exception("mail log not counted")
            await asyncio.sleep(PAUSE)

    def read(self) -> bool:
        """Some lines; False when there were none."""
        if not self.log.exists():
            return False
        status = self.log.stat()
        if status.st_ino != self.inode:
            self._rest_of_the_old_one()
            self.inode, self.offset = status.st_ino, 0
        if status.st_size < self.offset:
            self.offset = 0  # emptied in place
        return self._count(self.log)

    def _rest_of_the_old_one(self) -> None:
        for old in self.log.parent.glob(f"{self.log.name}.*"):
            with contextlib.suppress(FileNotFoundError):
                while old.stat().st_ino == self.inode and self._count(old):
                    pass

    def _count(self, path: Path) -> bool:
        """Some whole lines; False: none were left. Counts and place are written together or not at all."""
        with path.open("rb") as file:
            file.seek(self.offset)
            block = file.read(AT_ONCE)
        whole = block[: block.rfind(b"\n") + 1]
        if not whole:
            return False
        incoming, outgoing = count(whole.decode("utf-8", "replace"))
        offset = self.offset + len(whole)
        day = time.strftime("%Y-%m-%d")
        with self.database.change() as connection:
            for column, counted in (("incoming", incoming), ("outgoing", outgoing)):
                connection.executemany(
                    f"INSERT INTO traffic (address, day, {column}) VALUES (?, ?, ?)"  # noqa: S608 one of two words
                    f" ON CONFLICT DO UPDATE SET {column} = {column} + excluded.{column}",
                    [(address, day, n) for address, n in counted.items()],
                )
            connection.execute(
                "INSERT INTO settings VALUES ('maillog', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (f"{self.inode}:{offset}",),
            )
        self.offset = offset
        return True


def count(text: str) -> tuple[Counter[str], Counter[str]]:
    """(deliveries, submissions) per address in some lines of the log."""
    incoming, outgoing = Counter[str](), Counter[str]()
    for line in text.splitlines():
        if found := DELIVERED.search(line):
            incoming[found[1].lower()] += 1
        elif found := SUBMITTED.search(line):
            outgoing[found[1].lower()] += 1
    return incoming, outgoing
