"""manage.py dns_plan: what would change in a domain's DNS; with --write it is written."""

from argparse import ArgumentParser
from typing import Any

from mailadmin import connections
from mailadmin.dns.update import UpdateRefused
from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import dns_plans, dns_reports, dns_writing


class Command(base.PostieCommand):
    help = "Check a domain, show what would change in its DNS, and write it if you say so."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")
        parser.add_argument(
            "--write", action="store_true", help="write it (dns_writer says how), CAA left to you"
        )
        parser.add_argument("--step", action="store_true", help="with the next safe step of the DMARC policy")
        parser.add_argument("--gently", action="store_true", help="first let the old records expire sooner")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        name = base.domain_name(options["domain"])
        network = connections.network()
        dns_reports.verify(poste, network, name)
        changes = dns_plans.proposed(name)
        if options["step"] and (step := dns_plans.step(name)):
            changes.append(step)
        if options["write"] and changes:
            found = dns_plans.writer(name)
            if found is None:
                raise ValueError(f"Postie cannot write to {name}: set a key with dns_writer.")
            left = dns_plans.by_hand(found, changes)
            changes = [change for change in changes if change not in left and change.kind != "CAA"]
            if not changes:
                raise ValueError("Nothing of it can be written here; enter it by hand.")
            try:
                done = dns_writing.write(
                    found, network, changes, base.ACTOR.address, gently=options["gently"]
                )
            except UpdateRefused as refused:
                raise ValueError(dns_plans.sentence(refused)) from None
            return [{"change": done.pk, "stage": str(done.stage), **one} for one in done.changes]
        return [change.to_json() for change in changes]
