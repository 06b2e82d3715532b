"""manage.py own_database: Postie's own rows into a file and back, for scripts/actualizar.sh."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from mailadmin import connections
from mailadmin.backup import layout
from mailadmin.backup.archive import NothingThere
from mailadmin.backup.databases import DatabaseError
from mailadmin.backup.results import ResticError
from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client
from mailadmin.services import own_database, restoring


class Command(base.PostieCommand):
    help = (
        "Save Postie's own database (settings, activity log), or put it back instead of what is there: "
        "from a folder, or with --snapshot from a backup. Stop web and workers before a put-back."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["save", "put-back"])
        parser.add_argument("--folder", type=Path, help="default: backup/before-update below POSTIE_VAR")
        parser.add_argument("--snapshot", help="a backup (manage.py restore_moments) instead of the folder")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        folder = options["folder"] or connections.backup_directory() / "before-update"
        try:
            if options["act"] == "save":
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                saved = own_database.save(folder)
                Path(saved.copy).chmod(0o600)
                return {"copy": saved.copy, "rows": sum(saved.rows.values())}
            if options["snapshot"]:
                return {"rows": sum(_from_backup(options["snapshot"]).values())}
            return {"rows": sum(own_database.put_back(folder).values())}
        except DatabaseError as error:
            raise ValueError(f"The database was left as it is: {error}") from None
        except NothingThere as error:
            raise ValueError(f"There is no such backup: {error}") from None
        except ResticError as error:
            raise ValueError(f"The backups cannot be read: {error.outcome} {error.last_words}") from None


def _from_backup(name: str) -> dict[str, int]:
    with connections.past(restoring.LONGEST).open() as past:
        archive = past.archive(past.moment(name))
        staging = layout.staging_of(archive.snapshot.paths)
        wanted = layout.OURS_SQLITE if own_database.is_sqlite() else layout.OURS_POSTGRESQL
        with archive.files([f"{staging}/{layout.DATABASES}/{wanted}"]) as found:
            for _shown, file in found:
                return own_database.put_back(file.parent)
    raise NothingThere(f"{name} holds no {wanted}")
