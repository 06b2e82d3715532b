"""manage.py canary --json: sends one canary mail and waits for it. Exit code 1: it did not come home."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailadmin import connections
from mailadmin.services import canary, health


class Command(BaseCommand):
    help = "Send one canary mail through submission and wait until IMAP shows it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--seconds", type=float, default=canary.PATIENCE, help="how long to wait for it")

    def handle(self, *args: Any, **options: Any) -> None:
        trip = canary.fly(connections.poste(), options["seconds"])
        if trip is None:
            raise CommandError("There is no canary: set CANARY_MAILBOX.")
        line = health.line(canary.of(trip))
        if options["json"]:
            document = {
                "at": trip.at.isoformat(),
                "status": trip.status,
                "code": trip.code,
                "milliseconds": trip.milliseconds,
                "facts": trip.facts,
                "says": line.says,
            }
            self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))
        else:
            self.stdout.write(f"{trip.status}  {line.says} {line.fix}".rstrip())
        if trip.status == "fail":
            raise SystemExit(1)
