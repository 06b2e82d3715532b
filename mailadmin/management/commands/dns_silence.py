"""manage.py dns_silence: no alarms about a domain for some hours."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import dns_silence

MOST_HOURS = 24 * 30


class Command(base.PostieCommand):
    help = "Hold back the DNS alarms of a domain while you work on it."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")
        parser.add_argument("--hours", type=int, default=8)
        parser.add_argument("--end", action="store_true", help="say alarms again")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        name = base.domain_name(options["domain"])
        if options["end"]:
            dns_silence.end(name)
            return {"domain": name, "until": None}
        if not 1 <= options["hours"] <= MOST_HOURS:
            raise ValueError("Between one hour and thirty days.")
        begun = dns_silence.begin(name, options["hours"], base.ACTOR.address)
        return {"domain": name, "until": begun.until.isoformat()}
