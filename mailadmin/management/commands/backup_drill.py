"""manage.py backup_drill: restore into a scratch folder and prove it."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.management.commands.backup_run import report
from mailadmin.posteio.client import Client
from mailadmin.services import backup_drills, backups


class Command(base.PostieCommand):
    help = "Prove that the newest backup comes back. Ends with 0 when it does, 1 when not, 3 when locked."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--domain", default="", help="its mailboxes; '*': all. Without: three by chance")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        done = backup_drills.run(backup_drills.wish(base.ACTOR.address, options["domain"]))
        self.exit_code = 0 if done.is_good else 3 if done.state == "locked" else 1
        return backups.as_json(done) | {"certificate": done.result}

    def line(self, found: Any) -> str:
        return report(found)
