"""manage.py activity_list: print the newest lines of the activity log."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import activity


class Command(base.PostieCommand):
    help = "Print the newest lines of the activity log."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--text", default="")
        parser.add_argument("--limit", type=int, default=50)

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        entries = activity.Filter(text=options["text"]).entries()[: max(1, min(options["limit"], 10_000))]
        return [
            {
                "id": entry.pk,
                "at": entry.at.isoformat(timespec="seconds"),
                "actor": entry.actor,
                "action": entry.action,
                "target": entry.target,
                "outcome": entry.outcome,
                "before": entry.before,
                "after": entry.after,
            }
            for entry in entries
        ]
