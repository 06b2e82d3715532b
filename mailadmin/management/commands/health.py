"""manage.py health --json --fail-on warn: looks at everything now; for people and for CI."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mailadmin import connections
from mailadmin.health.reading import ORDER, Status, worst
from mailadmin.services import health


class Command(BaseCommand):
    help = "Look at every part of the server now. Exit code 1 when something is as bad as --fail-on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--fail-on", choices=("warn", "fail", "never"), default="fail")

    def handle(self, *args: Any, **options: Any) -> None:
        run = health.look(connections.poste())
        found = health.readings(run)
        if options["json"]:
            document = {
                "at": run.at.isoformat(),
                "status": run.status,
                "seconds": run.seconds,
                "readings": [
                    r.to_json() | {"says": health.line(r).says, "fix": health.line(r).fix} for r in found
                ],
            }
            self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))
        else:
            for line in health.lines(found):
                self.stdout.write(f"{line.reading.status:8} {line.says} {line.fix}".rstrip())
            self.stdout.write(f"{run.status}, {run.seconds} s")
        if options["fail_on"] != "never" and ORDER[worst(found)] >= ORDER[Status(options["fail_on"])]:
            raise SystemExit(1)
