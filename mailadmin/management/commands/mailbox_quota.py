"""manage.py mailbox_quota: show or set how much a mailbox may hold."""

import dataclasses
from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import mailboxes


class Command(base.PostieCommand):
    help = "Show or set how much a mailbox may hold."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--storage-mb", type=int, help="0 is without limit")
        parser.add_argument("--messages", type=int, help="0 is without limit")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        address = base.address(options["address"])
        limits = mailboxes.Limits(storage=options["storage_mb"], count=options["messages"])
        if any(limit is not None and limit < 0 for limit in (limits.storage, limits.count)):
            raise ValueError("A limit is 0 or more.")
        quota = mailboxes.set_limits(poste, base.ACTOR, address, limits)
        return {"address": address} | dataclasses.asdict(quota)
