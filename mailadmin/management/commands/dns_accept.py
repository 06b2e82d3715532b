"""manage.py dns_accept: a finding is right as it is, until a day; or no longer."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.utils import timezone

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import dns_reports

MOST_DAYS = 366


class Command(base.PostieCommand):
    help = "Accept a finding of check_domain as it is, with a reason and an end."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")
        parser.add_argument("key", help="as check_domain --json gives it, e.g. spf.missing")
        parser.add_argument("--reason", default="")
        parser.add_argument("--days", type=int, default=90)
        parser.add_argument("--withdraw", action="store_true")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        name, key = base.domain_name(options["domain"]), options["key"]
        if options["withdraw"]:
            dns_reports.withdraw(name, key)
            return {"domain": name, "key": key, "until": None}
        if not options["reason"] or not 1 <= options["days"] <= MOST_DAYS:
            raise ValueError("Say why (--reason), and for how many days, at most a year.")
        until = timezone.localdate() + timedelta(days=options["days"])
        dns_reports.accept(name, key, options["reason"], until, base.ACTOR.address)
        return {"domain": name, "key": key, "until": until.isoformat()}
