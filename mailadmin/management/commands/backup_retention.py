"""manage.py backup_retention: what would be forgotten, and with --apply forget it."""

from argparse import ArgumentParser
from typing import Any

from mailadmin import connections
from mailadmin.backup.results import ResticError
from mailadmin.management.commands import _postie as base
from mailadmin.management.commands.backup_run import report
from mailadmin.posteio.client import Client
from mailadmin.services import backup_retention, backups


class Command(base.PostieCommand):
    help = "Show which snapshots stay and which would go; with --apply let them go."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true")
        parser.add_argument("--all", action="store_true", help="also when more than half go")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        if options["apply"]:
            done = backup_retention.run(backup_retention.wish(base.ACTOR.address, many=options["all"]))
            self.exit_code = 0 if done.is_good else 1
            return backups.as_json(done)
        try:
            with connections.repository() as repository:
                lines, found = backup_retention.lines(repository)
        except ResticError as error:
            raise ValueError(f"{error.outcome}: {error.last_words}") from None
        self.exit_code = 1 if found.refusal and found.remove else 0
        return [
            {
                "snapshot": line.snapshot.short_id,
                "time": line.snapshot.time.isoformat(timespec="seconds"),
                "stays": line.stays,
                "reasons": list(line.reasons),
                "refusal": found.refusal,
            }
            for line in lines
        ]

    def line(self, found: Any) -> str:
        return report(found) if "steps" in found else super().line(found)
