"""manage.py check_all: every domain of the server, one line each."""

from typing import Any

from django.core.management.base import BaseCommand

from mailadmin import connections
from mailadmin.services import dns_reports


class Command(BaseCommand):
    help = "Verify the DNS of every domain."

    def handle(self, *args: Any, **options: Any) -> None:
        network, failed = connections.network(), False
        for found in connections.poste().domains.all():
            report = dns_reports.verify(connections.poste(), network, found.name)
            failed = failed or report.status == "fail"
            self.stdout.write(f"{report.status:8} {report.score:3} {found.name}")
        if failed:
            raise SystemExit(1)
