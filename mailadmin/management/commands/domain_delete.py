"""manage.py domain_delete: delete a domain with every mailbox and all mail in it."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import directory, domains


class Command(base.PostieCommand):
    help = "Delete a domain with every mailbox and all mail in it."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain")
        parser.add_argument("--yes-delete-all-mail", action="store_true", help="when somebody lives there")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        domain = poste.domains.get(base.domain_name(options["domain"]))
        dies = directory.contents(poste, domain.name)
        if (dies.mailboxes or dies.aliases) and not options["yes_delete_all_mail"]:
            raise ValueError(
                f"{dies.mailboxes} mailboxes and {dies.aliases} aliases would die. Add --yes-delete-all-mail."
            )
        domains.delete(poste, base.ACTOR, domain, dies.facts())
        return {"deleted": domain.name} | dies.facts()
