"""manage.py mailbox_import: create mailboxes and aliases from a CSV file (see the panel for its columns)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import imports, spreadsheets


class Command(base.PostieCommand):
    help = "Create mailboxes and aliases from a CSV file (see the panel for its columns)."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        table = spreadsheets.rows(options["file"].read_bytes()[: spreadsheets.MOST_BYTES + 1])
        names = [domain.name for domain in poste.domains.all()]
        rows = imports.compare(poste, imports.read(table, names))
        left_out = [
            {"address": row.address, "state": row.state.value, "sentence": " ".join(row.problems)}
            for row in rows
            if row.state is not imports.State.NEW
        ]
        new = [row for row in rows if row.state is imports.State.NEW]
        if options["dry_run"]:
            return left_out + [{"address": row.address, "state": "new", "sentence": ""} for row in new]
        results = imports.create(poste, base.ACTOR, new)
        return left_out + [
            {
                "address": result.target,
                "state": "created" if result.worked else "failed",
                "sentence": result.sentence,
                "password": result.password,
            }
            for result in results
        ]
