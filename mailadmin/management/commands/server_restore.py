"""manage.py server_restore: the two halves of restoring the whole server, for scripts/restaurar_posteio.sh.

`fetch` works beside the running server; `place` wants it stopped, and root.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from mailadmin import connections
from mailadmin.backup import whole
from mailadmin.backup.archive import NothingThere
from mailadmin.backup.past import Past
from mailadmin.backup.results import ResticError, Snapshot
from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client

LONGEST = 24 * 3600.0


class Command(base.PostieCommand):
    help = "Fetch a snapshot of the whole server and look through it, or put a fetched one in its place."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["plan", "fetch", "place"])
        parser.add_argument("--snapshot", default="latest")
        parser.add_argument("--into", type=Path, help="an empty directory on the disk of the data")
        parser.add_argument("--data", type=Path, default=None, help="default: POSTEIO_BASE_DADOS")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        try:
            with connections.past(LONGEST).open() as past:
                snapshot = _snapshot(past, options["snapshot"])
                facts = {"snapshot": snapshot.short_id, "at": snapshot.time.isoformat(timespec="seconds")}
                if options["act"] == "plan":
                    return facts | {"paths": list(snapshot.paths)}
                if options["into"] is None:
                    raise ValueError("--into names the directory.")
                if options["act"] == "fetch":
                    return facts | self._fetch(past, snapshot, options["into"].absolute())
                return facts | self._place(snapshot, options)
        except NothingThere as error:
            raise ValueError(f"There is no such backup: {error}") from None
        except whole.NotWhole as error:
            raise ValueError(str(error)) from None
        except ResticError as error:
            raise ValueError(f"The backups cannot be read: {error.outcome} {error.last_words}") from None

    def _fetch(self, past: Past, snapshot: Snapshot, into: Path) -> dict[str, object]:
        found = whole.fetch(past.repository, snapshot, into)
        self.exit_code = 1 if found.problems else 0
        return {"messages": found.messages, "mailboxes": found.mailboxes, "problems": list(found.problems)}

    def _place(self, snapshot: Snapshot, options: dict[str, Any]) -> dict[str, object]:
        data = options["data"] or Path(settings.POSTEIO_BASE_DADOS)
        if not str(data).strip("."):
            raise ValueError("POSTEIO_BASE_DADOS is not set, and no --data was given.")
        found = whole.look_through(options["into"].absolute(), snapshot)
        aside = whole.place(found, data)
        name = settings.DATABASES["default"]["NAME"]
        ours = whole.place_panel(found, Path(str(name))) if _is_sqlite() else False
        return {"data": str(data), "aside": str(aside or ""), "panel": ours}


def _is_sqlite() -> bool:
    return str(settings.DATABASES["default"]["ENGINE"]).endswith("sqlite3")


def _snapshot(past: Past, name: str) -> Snapshot:
    if name != "latest":
        return past.moment(name)
    found = next(iter(past.moments()), None)
    if found is None:
        raise NothingThere("none is complete")
    return found
