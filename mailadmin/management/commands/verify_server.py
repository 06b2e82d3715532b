"""manage.py verify_server: send a mail, receive it, open the webmail, open the panel; each really done."""

import dataclasses
from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import verification


class Command(base.PostieCommand):
    help = (
        "Send a mail, receive it, open the webmail, open the panel: each is really done, in a mailbox made "
        "for it. Ends with 0 when all four work, with 1 when not."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=settings.POSTIE_URL, help="where the web answers")
        parser.add_argument("--domain", default="", help="where the mailbox is made")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        found = verification.run(poste, options["url"].rstrip("/"), options["domain"])
        self.exit_code = 0 if all(one.works for one in found) else 1
        return [dataclasses.asdict(one) for one in found]

    def line(self, found: Any) -> str:
        sign = "ok  " if found["works"] else "FAIL"
        return f"{sign}  {found['step']:8} {found['seconds']:6.2f} s  {found['why']}".rstrip()
