"""manage.py mailbox_update: change the name, the powers or the forwarding of a mailbox."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import MailboxChange
from mailadmin.services import mailboxes


class Command(base.PostieCommand):
    help = "Change the name, the powers or the forwarding of a mailbox."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--name")
        parser.add_argument("--system-admin", choices=["yes", "no"])
        parser.add_argument("--domain-admin", choices=["yes", "no"])
        parser.add_argument("--copy-to", nargs="*", metavar="ADDRESS", help="nobody: no copy any more")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        flags = {"yes": True, "no": False, None: None}
        copies = options["copy_to"]
        change = MailboxChange(
            name=options["name"],
            super_admin=flags[options["system_admin"]],
            domain_admin=flags[options["domain_admin"]],
            redirect_to=None if copies is None else tuple(base.targets(copies)),
        )
        return base.of_mailbox(mailboxes.update(poste, base.ACTOR, base.address(options["address"]), change))
