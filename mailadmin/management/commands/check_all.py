"""manage.py check_all --json --fail-on warn: every domain of the server, one line each."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mailadmin import connections
from mailadmin.dns.finding import ORDER
from mailadmin.services import dns_reports


class Command(BaseCommand):
    help = "Verify the DNS of every domain."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--fail-on", choices=("warn", "fail"), default="fail")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with 1 when a finding that nobody accepted is as bad as --fail-on says."""
        network, failed, found = connections.network(), False, []
        for domain in connections.poste().domains.all():
            report = dns_reports.verify(connections.poste(), network, domain.name)
            counts = dns_reports.counts(dns_reports.lines(report))
            bad = [s for s in ("warn", "fail") if ORDER[s] >= ORDER[options["fail_on"]] and counts[s]]
            failed = failed or bool(bad)
            found.append(
                {"domain": domain.name, "status": report.status, "score": report.score, "counts": counts}
            )
            if not options["json"]:
                self.stdout.write(f"{report.status:8} {report.score:3} {domain.name}")
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2))
        if failed:
            raise SystemExit(1)
