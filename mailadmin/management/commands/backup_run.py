"""manage.py backup_run: take a backup now, here, without the queue."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import backups


class Command(base.PostieCommand):
    help = (
        "Back up the mail server now. Ends with 0 when the backup is good, 1 when it is not, 3 when locked."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shrunk", action="store_true", help="so much was really deleted: go on")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        facts = {"may_shrink": True} if options["shrunk"] else {}
        done = backups.run(backups.wish(base.ACTOR.address, **facts), poste)
        self.exit_code = 0 if done.is_good else 3 if done.state == "locked" else 1
        return backups.as_json(done)

    def line(self, found: Any) -> str:
        return report(found)


def report(found: Any) -> str:
    steps = [f"  {s['name']:12} {s['state']:12} {s['seconds']:8.2f} s  {s['code']}" for s in found["steps"]]
    return "\n".join([f"{found['state']}  {found['snapshot'][:8]}  {found['code']}", *steps])
