"""manage.py alias_list: list the aliases."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import directory


class Command(base.PostieCommand):
    help = "List the aliases."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--domain")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        domain = base.domain_name(options["domain"]) if options["domain"] else None
        wanted = directory.Wanted(kind=directory.Kind.ALIAS, domain=domain)
        return [
            {"address": box.address, "redirect_to": list(box.redirect_to)}
            for box in directory.everything(poste, wanted)
        ]
