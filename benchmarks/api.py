"""100,000 mailboxes behind the bundled API: what does a page cost?

usage: python -m benchmarks.api [BOXES]     prints the table of docs/benchmarks.md; over HTTP, one connection
"""

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
import uvicorn

from mailserver.api.app import application
from mailserver.api.database import Database
from mailserver.api.dovecot import Dovecot
from mailserver.api.service import Service
from mailserver.api.setup import setup

ADMIN = ("admin@kronos.test", "correct-horse-battery-9")
DOMAINS = 20
ROUNDS = 30
NAMES = ("ana", "luis", "rosa", "jorge", "carmen", "pedro", "lucía", "miguel", "elena", "diego")


def fill(root: Path, boxes: int) -> float:
    """Straight into the table: seconds it took. Half of the boxes live in one domain."""
    setup(root, *ADMIN)
    database = Database(root)
    started = time.perf_counter()
    with database.change() as connection:
        for number in range(DOMAINS):
            values = (f"d{number}.test", 0, 0)
            connection.execute("INSERT INTO domains (name, created, updated) VALUES (?, ?, ?)", values)
        connection.executemany(
            "INSERT INTO boxes (address, domain, user, home, name, created, updated)"
            " VALUES (?, ?, ?, ?, ?, 0, 0)",
            (row(number) for number in range(boxes)),
        )
    database.close()
    return time.perf_counter() - started


def row(number: int) -> tuple[str, ...]:
    domain = "d0.test" if number % 2 else f"d{number % DOMAINS}.test"
    user = f"{NAMES[number % 10].encode('ascii', 'ignore').decode()}{number}"
    return (
        f"{user}@{domain}",
        domain,
        user,
        f"{domain}/{user}",
        f"{NAMES[number % 10].title()} Quispe {number}",
    )


def measure(http: httpx.Client, what: str, **query: object) -> None:
    seconds = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        answer = http.get("boxes", params={key: str(value) for key, value in query.items()})
        seconds.append(time.perf_counter() - started)
        answer.raise_for_status()
    data = answer.json()
    worst = sorted(seconds)[int(ROUNDS * 0.95)]
    found = f"{len(data['results'])} of {data['results_count']}"
    print(f"| {what} | {found} | {statistics.median(seconds) * 1000:.1f} ms | {worst * 1000:.1f} ms |")


def main(boxes: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for part in ("db", "dkim", "mail"):
            (root / "data" / part).mkdir(parents=True)
        print(f"{boxes} boxes written in {fill(root, boxes):.1f} s\n")
        app = application(Service(Database(root), Dovecot(9, 9, "", "")))
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/admin/api/v1/", auth=ADMIN, timeout=60) as http:
            table(http, boxes)
        server.should_exit = True
        thread.join()


def table(http: httpx.Client, boxes: int) -> None:
    print("| question | rows | median | 95 % |\n|---|---|---|---|")
    measure(http, "page 1", page=1)
    measure(http, "page 3000", page=3000)
    measure(http, "the last page", page=-(-(boxes + 1) // 15))
    measure(http, "page 3000, 30 a page", page=3000, paging=30)
    measure(http, "`@d0.test` (half of all), page 1", query="@d0.test")
    measure(http, "`@d0.test`, page 3000", query="@d0.test", page=3000)
    measure(http, "a rare word", query="quispe 77777")
    measure(http, "a word in every tenth name", query="carmen")
    measure(http, "a word in every name, page 3000", query="Quispe", page=3000)
    measure(http, "two letters", query="zz")
    measure(http, "500 a page, page 100", page=100, paging=500)
    mailboxes = {"redirectOnly": "false", "paging": 50}
    measure(http, "mailboxes only, page 1", page=1, **mailboxes)
    measure(http, "mailboxes only, the last page", page=boxes // 50 + 1, **mailboxes)
    measure(http, "mailboxes by name, page 1000", page=1000, sort="name", **mailboxes)
    measure(
        http, "mailboxes of d0.test by age", domain="d0.test", query="@d0.test", sort="-created", **mailboxes
    )
    measure(http, "suspended mailboxes", disabled="true", **mailboxes)
    measure(http, "administrators", administrator="true", **mailboxes)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
