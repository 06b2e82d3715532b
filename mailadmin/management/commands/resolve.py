"""manage.py resolve: say who gets mail for an address."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import routing


class Command(base.PostieCommand):
    help = "Say who gets mail for an address."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        return [
            {"depth": hop.depth, "address": hop.address, "kind": hop.kind.value}
            for hop in routing.trace(poste, options["address"])
        ]
