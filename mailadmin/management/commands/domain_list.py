"""manage.py domain_list: list the domains."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client


class Command(base.PostieCommand):
    help = "List the domains."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--query", default="")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        return [base.of_domain(domain) for domain in poste.domains.all(query=options["query"])]
