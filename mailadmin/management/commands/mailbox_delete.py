"""manage.py mailbox_delete: delete a mailbox with all its mail."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import mailboxes


class Command(base.PostieCommand):
    help = "Delete a mailbox with all its mail."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--yes-delete-all-mail", action="store_true", required=True)

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        mailbox = poste.mailboxes.get(base.address(options["address"]))
        if mailbox.redirect_only:
            raise ValueError("This is an alias: see alias_delete.")
        mailboxes.delete(poste, base.ACTOR, mailbox)
        return {"deleted": mailbox.address}
