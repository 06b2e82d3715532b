"""manage.py check_domain NAME --json --fail-on warn: for people and for CI."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailadmin import connections
from mailadmin.dns import names
from mailadmin.dns.finding import ORDER
from mailadmin.dns.subject import Subject
from mailadmin.posteio.errors import PosteError
from mailadmin.services import dns_probes, dns_reports


class Command(BaseCommand):
    help = "Verify the DNS of a domain."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--fail-on", choices=("warn", "fail"), default="fail")
        parser.add_argument("--parked", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            name = names.normal(options["name"])
        except ValueError as error:
            raise CommandError(str(error)) from None
        if not names.is_domain(name):
            raise CommandError(f"{options['name']!r} is not a domain name")
        report = dns_reports.keep(self._subject(name, options["parked"]), connections.network())
        said = dns_reports.lines(report)
        if options["json"]:
            findings = [line.finding.to_json() | {"says": line.says, "check": line.check} for line in said]
            document = {"domain": name, "status": report.status, "score": report.score, "findings": findings}
            self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))
        else:
            for line in said:
                self.stdout.write(f"{line.finding.status:8} {line.check:4} {line.says}")
            self.stdout.write(f"{name}: {report.status}, {report.score}/100")
        worst = [x for x in said if x.acceptance is None and x.finding.status in ("warn", "fail")]
        if any(ORDER[line.finding.status] >= ORDER[options["fail_on"]] for line in worst):
            raise SystemExit(1)

    def _subject(self, name: str, parked: bool) -> Subject:
        """A domain the server does not know is judged all the same, without its DKIM key."""
        try:
            found = dns_reports.subject(connections.poste(), name)
        except PosteError:
            found = Subject(name=name, server=dns_probes.server(), signs=False)
        return Subject(**{**{f: getattr(found, f) for f in found.__dataclass_fields__}, "parked": parked})
