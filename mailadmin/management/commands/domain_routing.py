"""manage.py domain_routing: say where mail for unknown names of a domain goes."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import DomainChange
from mailadmin.services import domains


class Command(base.PostieCommand):
    help = "Say where mail for unknown names of a domain goes."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--catch-all", metavar="ADDRESS")
        way.add_argument("--forward-domain", metavar="DOMAIN")
        way.add_argument("--refuse", action="store_true")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        name = base.domain_name(options["domain"])
        catch_all = base.address(options["catch_all"]) if options["catch_all"] else ""
        other = base.domain_name(options["forward_domain"]) if options["forward_domain"] else ""
        change = DomainChange(catch_all=catch_all, forward_domain=other)
        return base.of_domain(domains.update(poste, base.ACTOR, name, change))
