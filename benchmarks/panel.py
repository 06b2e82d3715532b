"""The panel's own pages with 100,000 mailboxes: the whole request, from the address to the last byte of HTML.

usage: python -m benchmarks.panel [BOXES]     prints the table of docs/benchmarks.md
"""

import os
import resource
import secrets
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROUNDS = 10
ADMIN = ("admin@kronos.test", "correct-horse-battery-9")


@contextmanager
def api(root: Path, boxes: int) -> Iterator[str]:
    import uvicorn

    from benchmarks.api import fill
    from mailserver.api.app import application
    from mailserver.api.database import Database
    from mailserver.api.dovecot import Dovecot
    from mailserver.api.service import Service

    for part in ("db", "dkim", "mail"):
        (root / "data" / part).mkdir(parents=True)
    print(f"{boxes} boxes written in {fill(root, boxes):.1f} s\n")
    app = application(Service(Database(root), Dovecot(9, 9, "", "")))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def measure(browser: Any, what: str, path: str) -> None:
    seconds, size = [], 0
    for _round in range(ROUNDS):
        started = time.perf_counter()
        answer = browser.get(path, secure=True)
        size = sum(map(len, answer)) if answer.streaming else len(answer.content)
        seconds.append(time.perf_counter() - started)
        if seconds[0] > 5:
            break
    assert answer.status_code == 200, (path, answer.status_code)  # noqa: S101
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    times = f"{statistics.median(seconds) * 1000:.0f} ms | {max(seconds) * 1000:.0f} ms"
    print(f"| {what} | {times} | {size // 1024} kB | {memory} MiB |")


def table(browser: Any) -> None:
    print("| page | median | slowest | size | process so far |\n|---|---|---|---|---|")
    last = 10**6
    measure(browser, "overview", "/admin/")
    measure(browser, "counts of everybody", "/admin/census/?again=1")
    measure(browser, "mailboxes, page 1", "/admin/mailboxes/")
    measure(browser, "mailboxes, the last page", f"/admin/mailboxes/?page={last}")
    measure(browser, "mailboxes by name, page 1000", "/admin/mailboxes/?sort=name&page=1000")
    measure(browser, "mailboxes, newest first", "/admin/mailboxes/?sort=-created")
    measure(browser, "mailboxes of one domain (half of all)", "/admin/mailboxes/?domain=d0.test&page=500")
    measure(browser, "suspended", "/admin/mailboxes/?state=suspended")
    measure(browser, "administrators", "/admin/mailboxes/?state=admin")
    measure(browser, "a rare word", "/admin/mailboxes/?q=quispe+77777")
    measure(browser, "a word in every name", "/admin/mailboxes/?q=Quispe")
    measure(browser, "aliases", "/admin/aliases/")
    measure(browser, "a domain with half of all", "/admin/domains/d0.test/")


def ignorant(client: Any) -> None:
    """From now on as poste.io would see it: without our filters."""
    ask = client._http.request

    def without(verb: str, path: str, **options: Any) -> Any:
        kept = ("page", "paging", "query")
        if options.get("params"):
            options["params"] = {key: value for key, value in options["params"].items() if key in kept}
        return ask(verb, path, **options)

    client._http.request = without


def main(boxes: int) -> None:
    with tempfile.TemporaryDirectory() as name, api(Path(name), boxes) as url:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "postie_web.settings",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATABASE_URL": f"sqlite:///{name}/panel.sqlite3",
            "POSTEIO_API_URL": url,
            "POSTEIO_API_USER": ADMIN[0],
            "POSTEIO_API_PASSWORD": ADMIN[1],
            "LOG_LEVEL": "ERROR",
        }
        import django
        from django.conf import settings

        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
        django.setup()
        from django.core.management import call_command
        from django.test import Client
        from django.utils import timezone

        from mailadmin import connections
        from postie_web.accounts.models import User

        call_command("migrate", verbosity=0)
        chief = User.objects.create(
            address=ADMIN[0], role=User.Role.SYSTEM_ADMIN, role_confirmed_at=timezone.now()
        )
        browser = Client(SERVER_NAME="localhost")
        browser.force_login(chief)
        table(browser)
        print("\nThe same on a server that does not know our filters:\n")
        ignorant(connections.poste())
        table(browser)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
