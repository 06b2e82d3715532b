"""manage.py domain_create: create a domain."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import domains


class Command(base.PostieCommand):
    help = "Create a domain."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        return base.of_domain(domains.create(poste, base.ACTOR, base.domain_name(options["domain"])))
