"""manage.py mailbox_suspend: suspend a mailbox: mail is refused, nobody can sign in, nothing is deleted."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import mailboxes


class Command(base.PostieCommand):
    help = "Suspend a mailbox: mail is refused, nobody can sign in, nothing is deleted."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        address = base.address(options["address"])
        mailboxes.suspend(poste, base.ACTOR, address)
        return base.of_mailbox(poste.mailboxes.get(address))
