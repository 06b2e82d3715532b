"""manage.py session_end: sign somebody out of the webmail, in one place or everywhere."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from postie_web.accounts.services import visits


class Command(base.PostieCommand):
    help = "Sign somebody out of the webmail, in one place or everywhere; their sealed password is destroyed."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        place = parser.add_mutually_exclusive_group(required=True)
        place.add_argument("--number", type=int, help="as session_list shows it")
        place.add_argument("--all", action="store_true")

    def act(self, _poste: Client, options: dict[str, Any]) -> object:
        address = base.address(options["address"])
        number = options["number"]
        if number is not None and not visits.end(address, number):
            raise ValueError(f"{address} has no session {number}.")
        ended = 1 if number is not None else visits.end_others(address)
        return {"address": address, "ended": ended}
