"""manage.py restore: bring mail back from a backup; here and now, without the queue."""

from argparse import ArgumentParser
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from mailadmin import connections
from mailadmin.backup.archive import NothingThere
from mailadmin.backup.catalogue import Wanted
from mailadmin.backup.past import Past
from mailadmin.backup.results import ResticError, Snapshot
from mailadmin.management.commands import _postie as base
from mailadmin.models import Restore
from mailadmin.posteio.client import Client
from mailadmin.services import restores, restoring
from mailadmin.services.restores import Wish


class Command(base.PostieCommand):
    help = (
        "Bring mail back from a backup, beside the living mail, never twice. An address restores a mailbox, "
        "a domain restores all of it, --everything every mailbox. --preview changes nothing."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", nargs="?", default="", help="an address or a domain")
        parser.add_argument("--everything", action="store_true", help="every mailbox of the server")
        parser.add_argument("--moment", default="latest", help="a snapshot, a day (2026-05-03), or latest")
        parser.add_argument("--folder", help='only this folder, as people call it: "Proyectos/Feria"')
        parser.add_argument("--words", default="", help="only messages with these words in subject or sender")
        parser.add_argument("--recreate", action="store_true", help="make mailboxes that are gone again")
        parser.add_argument(
            "--into-maildir", action="store_true",
            help="as files, without the mail server: it may be down. As root or as the owner of the mail",
        )  # fmt: skip
        parser.add_argument("--preview", action="store_true", help="only say what would come back")
        parser.add_argument("--go-on", metavar="ID", help="go on with a restore that ended early")

    def act(self, poste: Client, options: dict[str, Any]) -> object:
        try:
            if options["go_on"]:
                return self._go_on(poste, UUID(options["go_on"]))
            with connections.past(restoring.LONGEST).open() as past:
                moment = _moment(past, options["moment"])
                wish = replace(_wish(past, moment, options), into_maildir=options["into_maildir"])
                expected = restores.preview(poste, past, moment, wish)
                if options["preview"]:
                    return [_line(one) for one in expected.lines]
                job = restores.create(base.ACTOR, moment, wish, expected)
        except NothingThere as error:
            raise ValueError(f"The backups hold no {error}.") from None
        except ResticError as error:
            raise ValueError(f"The backups cannot be read: {error.last_words}") from None
        restoring.run(poste, job.pk)
        return _facts(job.pk)

    def _go_on(self, poste: Client, number: UUID) -> object:
        job = Restore.objects.filter(pk=number).first()
        if job is None:
            raise ValueError("There is no such restore.")
        restores.go_on(job)
        restoring.run(poste, number)
        return _facts(number)


def _line(one: restores.Line) -> dict[str, object]:
    return {"what": one.what, "messages": one.messages, "bytes": one.bytes, "gone": one.is_gone}


def _moment(past: Past, name: str) -> Snapshot:
    if name == "latest":
        found = next(iter(past.moments()), None)
    elif len(name) == 10 and name.count("-") == 2:
        day = date.fromisoformat(name)
        found = past.at(day, timezone.get_current_timezone())
    else:
        return past.moment(name)
    if found is None:
        raise NothingThere(f"moment {name}")
    return found


def _wish(past: Past, moment: Snapshot, options: dict[str, Any]) -> Wish:
    target, recreate = options["target"], options["recreate"]
    if options["everything"] or not target:
        if not options["everything"] or target:
            raise ValueError("Name an address or a domain, or say --everything.")
        return Wish(scope=Restore.Scope.EVERYTHING, recreate=recreate)
    if "@" not in target:
        return Wish(scope=Restore.Scope.DOMAIN, target=base.domain_name(target), recreate=recreate)
    address = base.address(target)
    if options["folder"] is None and not options["words"]:
        return Wish(scope=Restore.Scope.MAILBOX, target=address, recreate=recreate)
    look = past.look(moment, address)
    folder = None
    if options["folder"] is not None:
        known = {name: count.folder for name, count in look.folders()}
        if options["folder"] not in known:
            raise ValueError(f"There is no such folder then. There were: {', '.join(known)}.")
        folder = known[options["folder"]]
    if not options["words"]:
        return Wish(scope=Restore.Scope.FOLDER, target=address, folder=folder or "")
    rows, _total = look.page(Wanted(folder=folder, words=options["words"], limit=restores.MOST_CHOSEN))
    return Wish(scope=Restore.Scope.MESSAGES, target=address, keys=tuple(row.key for row in rows))


def _facts(number: UUID) -> dict[str, object]:
    job = Restore.objects.get(pk=number)
    found: dict[str, object] = {
        "id": str(job.pk),
        "state": job.state,
        "reason": job.reason,
        "restored": job.restored,
        "already": job.already,
        "failed": job.failed,
        "problems": job.problems,
    }
    made = restores.take_passwords(job)
    return found | ({"passwords": made} if made else {})
