"""manage.py mailbox_password: set the password of a mailbox."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import mailboxes


class Command(base.PostieCommand):
    help = "Set the password of a mailbox."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        base.add_password_arguments(parser)

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        mailbox = poste.mailboxes.get(base.address(options["address"]))
        password, made = base.password(options, mailbox.address, mailbox.name)
        mailboxes.set_password(poste, base.ACTOR, mailbox.address, password)
        return {"address": mailbox.address} | ({"password": password} if made else {})
