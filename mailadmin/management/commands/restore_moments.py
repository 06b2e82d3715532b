"""manage.py restore_moments: which backups there are to restore from, newest first."""

from typing import Any

from mailadmin import connections
from mailadmin.backup.results import ResticError
from mailadmin.management.commands import _postie as base
from mailadmin.posteio.client import Client


class Command(base.PostieCommand):
    help = "Which backups there are to restore from, newest first."

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        try:
            with connections.past().open() as past:
                return [
                    {"id": one.short_id, "at": one.time.isoformat(timespec="seconds")}
                    for one in past.moments()
                ]
        except ResticError as error:
            raise ValueError(f"The backups cannot be read: {error.last_words}") from None
