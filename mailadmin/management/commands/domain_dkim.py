"""manage.py domain_dkim: show the public DKIM key of a domain, or make a new one."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import domains


class Command(base.PostieCommand):
    help = "Show the public DKIM key of a domain, or make a new one."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")
        parser.add_argument("--create", action="store_true", help="the old one stops signing at once")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        name = poste.domains.get(base.domain_name(options["domain"])).name
        key = domains.create_dkim(poste, base.ACTOR, name) if options["create"] else domains.dkim(poste, name)
        if key is None:
            raise ValueError(f"{name} has no key: its mail is not signed. Add --create.")
        return {"name": f"{key.selector}._domainkey.{name}", "value": f"v=DKIM1; k=rsa; p={key.public}"}
