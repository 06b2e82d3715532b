"""manage.py dns_undo: take back what dns_plan --write or the panel wrote."""

from argparse import ArgumentParser
from typing import Any

from mailadmin import connections
from mailadmin.dns.update import UpdateRefused
from mailadmin.management.commands import _postie as base
from mailadmin.models import DnsChange
from mailadmin.posteio.client import Client
from mailadmin.services import dns_plans, dns_writing


class Command(base.PostieCommand):
    help = "Take back a change that was written to a domain's DNS."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("change", type=int, help="its number, as dns_plan --write printed it")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        done = DnsChange.objects.filter(pk=options["change"], undone=False).first()
        found = dns_plans.writer(done.domain) if done else None
        if done is None or found is None:
            raise ValueError("There is no such change, or no key for its zone any more.")
        try:
            dns_writing.take_back(found, connections.network(), done)
        except UpdateRefused as refused:
            raise ValueError(dns_plans.sentence(refused)) from None
        return {"change": done.pk, "domain": done.domain, "undone": True}
