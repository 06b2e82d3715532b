"""manage.py activity_undo: undo a change of the activity log."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.services import undo


class Command(base.PostieCommand):
    help = "Undo a change of the activity log."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        entry = AuditEntry.objects.filter(pk=options["id"]).first()
        if entry is None or not undo.is_possible(entry):
            raise ValueError("This cannot be undone (any more).")
        undo.undo(poste, base.ACTOR, entry)
        return {"undone": entry.pk, "action": entry.action, "target": entry.target}
