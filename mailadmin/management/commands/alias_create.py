"""manage.py alias_create: create an alias."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import aliases


class Command(base.PostieCommand):
    help = "Create an alias."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        parser.add_argument("target", nargs="+", help="an address, or *@domain for everybody there")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        address, wanted = base.address(options["address"]), base.targets(options["target"])
        alias = aliases.create(poste, base.ACTOR, address, wanted)
        return {"address": alias.address, "redirect_to": list(alias.redirect_to)}
