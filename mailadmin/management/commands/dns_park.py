"""manage.py dns_park: this domain carries no mail, and its DNS should say so."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import dns_reports


class Command(base.PostieCommand):
    help = "Treat a domain as parked: no mail, and nobody may send in its name."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")
        parser.add_argument("--end", action="store_true", help="it carries mail again")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        name = base.domain_name(options["domain"])
        dns_reports.park(name, not options["end"])
        return {"domain": name, "parked": not options["end"]}
