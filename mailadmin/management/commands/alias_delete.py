"""manage.py alias_delete: delete an alias."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import aliases


class Command(base.PostieCommand):
    help = "Delete an alias."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        alias = poste.mailboxes.get(base.address(options["address"]))
        if not alias.redirect_only:
            raise ValueError("This is a mailbox: see mailbox_delete.")
        aliases.delete(poste, base.ACTOR, alias)
        return {"deleted": alias.address}
