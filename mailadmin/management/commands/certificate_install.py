"""manage.py certificate_install --json: Traefik's certificate into the mail server, proved on every port."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mailadmin.services import certificates, health


class Command(BaseCommand):
    help = "Install Traefik's newest certificate for mail and prove it. Exit code 1 unless it is served."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--seconds", type=float, default=certificates.PROOF_SECONDS)

        parser.add_argument("--every", type=float, default=0, help="seconds; goes on until it is ended")

    def handle(self, *args: Any, **options: Any) -> None:
        while options["every"]:
            self.stdout.write(health.line(certificates.renew(proof_seconds=options["seconds"])).says)
            self.stdout.flush()
            time.sleep(options["every"])
        found = certificates.renew(proof_seconds=options["seconds"])
        line = health.line(found)
        if options["json"]:
            document = found.to_json() | {"says": line.says, "fix": line.fix}
            self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))
        else:
            self.stdout.write(f"{found.status}  {line.says} {line.fix}".rstrip())
        if found.status not in ("pass", "warn"):
            raise SystemExit(1)
