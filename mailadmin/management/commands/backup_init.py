"""manage.py backup_init: make the repository, or use the one that is there."""

from argparse import ArgumentParser
from typing import Any

from mailadmin.backup.outcome import Outcome
from mailadmin.backup.results import ResticError
from mailadmin.management.commands import _postie as base
from mailadmin.models import BackupRepository
from mailadmin.posteio.client import Client
from mailadmin.services import backups


class Command(base.PostieCommand):
    help = "Choose the repository of RESTIC_REPOSITORY: make it, or with --adopt use what is there."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--adopt", action="store_true", help="use the repository that is there")
        parser.add_argument("--if-missing", action="store_true", help="do nothing when one is chosen")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        known = BackupRepository.objects.first()
        if not (known and options["if_missing"]):
            known = _choose(options)
        return {"id": known.repository_id, "location": known.location}


def _choose(options: dict[str, Any]) -> BackupRepository:
    try:
        if options["adopt"]:
            return backups.adopt_repository(base.ACTOR)
        return backups.create_repository(base.ACTOR)
    except ResticError as error:
        if options["if_missing"] and error.outcome is Outcome.FAILED:
            return backups.adopt_repository(base.ACTOR)  # it exists already
        raise ValueError(f"{error.outcome}: {error.last_words}") from None
