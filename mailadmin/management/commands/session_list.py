"""manage.py session_list: list where people are signed in."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from postie_web.accounts.services import visits


class Command(base.PostieCommand):
    help = "List where people are signed in."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")

    def act(self, _poste: Client, options: dict[str, Any]) -> object:
        address = base.address(options["address"])
        return [
            {
                "number": place.number,
                "browser": place.browser,
                "system": place.system,
                "client_address": place.client_address,
                "began_at": place.began_at.isoformat(timespec="seconds"),
                "seen_at": place.seen_at.isoformat(timespec="seconds"),
            }
            for place in visits.of(address)
        ]
