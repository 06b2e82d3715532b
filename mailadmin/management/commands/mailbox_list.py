"""manage.py mailbox_list: list the mailboxes."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import directory


class Command(base.PostieCommand):
    help = "List the mailboxes."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--domain")
        parser.add_argument("--query", default="")
        parser.add_argument("--state", choices=["", "active", "suspended", "admin"], default="")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        domain = base.domain_name(options["domain"]) if options["domain"] else None
        wanted = directory.Wanted(
            kind=directory.Kind.MAILBOX, domain=domain, query=options["query"], state=options["state"]
        )
        return [base.of_mailbox(box) for box in directory.everything(poste, wanted)]
