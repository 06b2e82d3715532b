"""What the codes of a run mean, and what to do; looked up when shown, perhaps in another language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


def _(text: str) -> str:
    """Marks a sentence for the catalogue; it is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Words:
    says: str
    fix: str = ""


STEPS = {
    "preflight": _("Before the start"),
    "databases": _("Databases"),
    "manifest": _("Inventory"),
    "pass-1": _("First pass"),
    "pass-2": _("Second pass"),
    "accept": _("Is everything in it?"),
    "spot-check": _("Read back and compared"),
    "integrity": _("Repository read"),
    "retention": _("What may go"),
    "report": _("Report"),
    "choose": _("Which backup"),
    "restore": _("Restored aside"),
    "count": _("Messages counted"),
    "open": _("Messages opened"),
    "sign-in": _("Signed in"),
}
_AGAIN = _("Start it again; what is there already is not sent twice.")
_LOST = _("The snapshot is kept, but it is no longer marked as complete. Start another backup.")
_WORDS_OF_RESTIC = {
    "restic.locked": Words(
        _("Another program uses the repository: %(said)s"),
        _("Wait until it is done. A lock whose program is gone ends by itself after 30 minutes."),
    ),
    "restic.auth": Words(
        _("The repository does not accept the password or the key: %(said)s"),
        _("Compare RESTIC_PASSWORD with the recovery kit; for S3 and REST also the account."),
    ),
    "restic.no-repository": Words(
        _("There is no repository at this place: %(said)s"),
        _("Is the disk or bucket the right one? A new repository is only made when you ask for it."),
    ),
    "restic.unreachable": Words(
        _("The repository does not answer: %(said)s"),
        _("Look at the network and at the repository's host. The next run continues where this one stopped."),
    ),
    "restic.no-space": Words(
        _("The disk is full: %(said)s"), _("Make room, or let retention run, then start the backup again.")
    ),
    "restic.damaged": Words(
        _("The repository is damaged: %(said)s"),
        _(
            "Do not delete anything. Take a backup into another repository now, then repair this one by hand "
            "(docs/backup.md)."
        ),
    ),
    "restic.incomplete": Words(
        _("Some files could not be read: %(said)s"), _("Who owns them? Then start again.")
    ),
    "restic.cancelled": Words(_("It was stopped: %(said)s"), _AGAIN),
    "restic.failed": Words(_("restic gave up: %(said)s"), _AGAIN),
    "restic.old": Words(
        _("restic %(version)s is installed, %(needed)s is needed."), _("Install a newer restic.")
    ),
}
_WORDS_OF_RUNS = {
    "run.cancelled": Words(_("%(by)s stopped it."), _AGAIN),
    "run.worker-stopped": Words(_("Postie was stopped while it ran."), _AGAIN),
    "run.worker-died": Words(
        _("The process that ran it is gone."), _("Is the machine short of memory? Start it again.")
    ),
    "run.overtaken": Words(_("Another run took over, because this one gave no sign of life."), _AGAIN),
    "run.nobody-came": Words(
        _("Nobody picked it up."), _("Does the worker of the queue “backup” run? See the health page.")
    ),
    "run.busy": Words(_("Another run is writing to the repository."), _("Wait until it has ended.")),
    "run.system": Words(_("The operating system refused: %(said)s")),
    "run.unexpected": Words(_("Something nobody foresaw. The log of the worker says more.")),
    "run.no-manifest": Words(_("There is no inventory to compare with.")),
    "source.not-set": Words(
        _("Nobody said where the mail server's data lies."), _("Set POSTEIO_BASE_DADOS.")
    ),
    "source.missing": Words(
        _("%(path)s is not there."), _("Is the disk or the volume mounted? Nothing was written.")
    ),
    "source.not-mail": Words(
        _("%(path)s holds no mail server's data."), _("Is the right folder mounted? Nothing was written.")
    ),
    "source.holds-repository": Words(
        _("The repository %(path)s lies inside the data it should keep."), _("Put it somewhere else.")
    ),
    "source.database-gone": Words(
        _("%(path)s was there last time and is gone."), _("Is everything mounted? Nothing was written.")
    ),
    "source.shrunk": Words(
        _("There are %(now)s mailboxes on the disk, %(before)s were there last time."),
        _("Is everything mounted? If so many were really deleted: manage.py backup_run --shrunk."),
    ),
    "room.little": Words(
        _("Too little room on %(path)s: %(free)s free, %(needed)s needed."), _("Make room, then start again.")
    ),
    "repository.not-chosen": Words(
        _("Nobody has chosen the repository yet."), _("Make it, or use the one that is there, on this page.")
    ),
    "repository.other": Words(
        _("This is another repository (%(found)s) than the one that was chosen (%(known)s)."),
        _("A wrong disk or bucket? If it is right, choose it on this page."),
    ),
    "preflight.ok": Words(
        _("restic %(version)s; the repository, the data and the room are as they should be.")
    ),
    "clock.behind": Words(
        _("The newest snapshot is %(minutes)s minutes in the future: the clock jumped back."),
        _("Set the clock. Nothing is forgotten until then."),
    ),
    "clock.differs": Words(
        _("The repository's clock and ours are %(minutes)s minutes apart."),
        _("Set the clock. Nothing is forgotten until then."),
    ),
    "databases.ok": Words(_("Exact copies, every one checked.")),
    "database.torn": Words(
        _("A database is damaged: %(said)s"),
        _("The newest sound copy is in the last good backup. Look at the disk first."),
    ),
    "manifest.ok": Words(_("%(mailboxes)s mailboxes, %(messages)s messages.")),
    "manifest.differs": Words(
        _("%(mailboxes)s mailboxes on the disk, %(api)s in the mail server's list; %(messages)s messages."),
        _("A mailbox without a letter has no folder; a folder without a mailbox is left over."),
    ),
    "manifest.no-export": Words(
        _("%(mailboxes)s mailboxes, %(messages)s messages. The list of settings has a gap: %(said)s"),
        _("The copy of the mail server's database holds them all the same."),
    ),
    "pass.ok": Words(_("%(added)s new; %(vanished)s files moved meanwhile.")),
    "pass.incomplete": Words(_("Files are missing from it: %(said)s"), _LOST),
    "accept.ok": Words(
        _("All %(messages)s messages are in it; their owners moved or deleted %(left)s meanwhile.")
    ),
    "accept.lost": Words(_("%(lost)s messages are on the server but not in the snapshot: %(named)s"), _LOST),
    "accept.shrunk": Words(
        _("Far less than last time (%(what)s: %(now)s, before %(before)s)."),
        _("Look at the mailboxes. Nothing is forgotten while this is open."),
    ),
    "spot.ok": Words(_("%(same)s messages read back are the same, octet by octet; %(gone)s had left.")),
    "spot.differs": Words(
        _("A message read back is not the one on the server: %(key)s"),
        _("Check disk and memory of both machines, then take a backup into a new repository."),
    ),
    "integrity.ok": Words(_("Sound. Share of the data read: %(share)s.")),
    "report.ok": Words(_("Snapshot %(snapshot)s.")),
}
_WORDS_OF_RETENTION = {
    "retention.done": Words(_("%(keep)s snapshots stay, %(remove)s went.")),
    "retention.not-yet": Words(_("Once a week; it is not the day yet.")),
    "retention.append-only": Words(
        _("The repository takes but never gives up: it forgets by its own rules.")
    ),
    "retention.refused": Words(
        _("The repository gives nothing up: %(said)s"),
        _(
            "If that is what you want, set BACKUP_APPEND_ONLY=on; it then forgets by its own rules. "
            "If not, the account may not delete."
        ),
    ),
    "retention.clock": Words(_("Nothing is forgotten while the clock is in doubt.")),
    "retention.not-after-this": Words(_("Nothing is forgotten after a backup that is not good.")),
    "retention.shrunk": Words(_("Nothing is forgotten: the newest backup is suspiciously small.")),
    "retention.not-proven": Words(
        _("Nothing is forgotten: no backup was verified in the last 7 days."), _("Take a backup.")
    ),
    "retention.too-few-left": Words(_("Nothing is forgotten: fewer than 3 snapshots would stay.")),
    "retention.too-many-at-once": Words(
        _("Nothing is forgotten: more than half of the snapshots would go (%(remove)s of them)."),
        _("Are BACKUP_KEEP_… what you want? Then run manage.py backup_retention --all."),
    ),
}
_WORDS_OF_DRILLS = {
    "drill.no-snapshot": Words(_("There is no complete backup to try."), _("Take a backup.")),
    "drill.no-domain": Words(_("%(domain)s has no mailbox in the newest backup.")),
    "drill.bad-manifest": Words(
        _("The inventory in the backup cannot be read: %(said)s"), _("Take a new backup and try again.")
    ),
    "drill.chosen": Words(_("Snapshot %(snapshot)s, %(mailboxes)s mailboxes.")),
    "drill.restored": Words(_("Restored aside, %(bytes_a_second)s a second.")),
    "drill.nothing-restored": Words(_("Nothing was restored.")),
    "drill.databases": Words(_("Sound, with the %(rows)s rows that were saved.")),
    "drill.database": Words(
        _("A database that came back is damaged: %(said)s"),
        _("Take a new backup, then look at the repository."),
    ),
    "drill.counted": Words(
        _("All %(messages)s messages are there; %(excused)s had been moved away while the backup ran.")
    ),
    "drill.missing": Words(
        _("%(number)s messages of the inventory did not come back: %(missing)s"),
        _("Take a new backup now and try again; keep the old snapshots."),
    ),
    "drill.short": Words(
        _("%(number)s messages came back with another size: %(short)s"),
        _("Take a new backup now and try again; keep the old snapshots."),
    ),
    "drill.owner": Words(_("%(number)s mailboxes came back with another owner or mode, first %(address)s.")),
    "drill.opened": Words(_("Opened and understood; %(hashed)s compared by their SHA-256.")),
    "drill.hash": Words(
        _("%(number)s messages came back changed, the first is %(key)s."),
        _("Take a new backup now and try again; keep the old snapshots."),
    ),
    "drill.unreadable": Words(_("%(number)s messages came back without a header, the first is %(key)s.")),
    "drill.signed-in": Words(
        _(
            "A server started on what came back: %(mailboxes)s people signed in, %(domains)s domains, "
            "the operator's password works."
        )
    ),
    "drill.no-sign-in": Words(
        _("The server on the restored data did not let anybody in: %(said)s"),
        _("The copy of the database or the configuration is not enough to start again."),
    ),
    "drill.no-server": Words(
        _("Not tried: these are the data of poste.io, and its server is not ours to start.")
    ),
}
WORDS = _WORDS_OF_RESTIC | _WORDS_OF_RUNS | _WORDS_OF_RETENTION | _WORDS_OF_DRILLS


class _Facts(dict[str, Any]):
    def __missing__(self, _name: str) -> str:
        return "–"


def fill(sentence: str, facts: Mapping[str, Any]) -> str:
    """A fact that is missing is said as a dash: an old run must not break a page."""
    return sentence % _Facts(facts) if sentence else ""
