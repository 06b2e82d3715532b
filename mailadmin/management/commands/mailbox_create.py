"""manage.py mailbox_create: create a mailbox."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewMailbox
from mailadmin.services import mailboxes


class Command(base.PostieCommand):
    help = "Create a mailbox."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--name", default="")
        parser.add_argument("--storage-mb", type=int, help="0 is without limit")
        parser.add_argument("--messages", type=int, help="0 is without limit")
        parser.add_argument("--system-admin", action="store_true")
        base.add_password_arguments(parser)

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        address = base.address(options["address"])
        password, made = base.password(options, address, options["name"])
        new = NewMailbox(
            address=address, name=options["name"], password=password, super_admin=options["system_admin"]
        )
        limits = mailboxes.Limits(storage=options["storage_mb"], count=options["messages"])
        created = mailboxes.create(poste, base.ACTOR, new, limits)
        found = base.of_mailbox(created.mailbox) | {"limits_set": created.limits_error is None}
        return found | ({"password": password} if made else {})
