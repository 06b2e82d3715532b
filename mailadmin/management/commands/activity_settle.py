"""manage.py activity_settle: find out what became of changes that were never confirmed."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.services import activity, settle


class Command(base.PostieCommand):
    help = "Find out what became of changes that were never confirmed."

    def arguments(self, parser: ArgumentParser) -> None:
        return

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        return [
            {"id": entry.pk, "target": entry.target, "outcome": settle.settle(poste, entry).outcome}
            for entry in AuditEntry.objects.filter(outcome__in=activity.UNSETTLED)[:1000]
        ]
