"""The work of a restore: every mailbox, every message, written down while it happens.

It may be killed at any moment. Going on means doing it again: what is there already is known by its
fingerprint (webmail/imap/deposit.py) and left alone.
"""

import errno
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from mailadmin import connections
from mailadmin.backup import accounts as copies
from mailadmin.backup import layout
from mailadmin.backup.archive import NothingThere
from mailadmin.backup.catalogue import Kept
from mailadmin.backup.letters import UNKNOWN
from mailadmin.backup.past import Look, Past, shelf
from mailadmin.backup.results import ResticError, Snapshot
from mailadmin.backup.shelf import MaildirShelf, NoMaildir
from mailadmin.models import Restore
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import PosteError, Unavailable
from mailadmin.services import audit, undelete
from mailadmin.services.audit import Actor
from mailadmin.services.restores import PURPOSE, STALE
from postie_web.lib import sealed
from webmail.imap import errors as imap_errors
from webmail.imap.deposit import Letter, Shelf

logger = logging.getLogger(__name__)
MOST_PROBLEMS = 50
LONGEST = 6 * 3600.0  # seconds one run of restic may take
BEAT = 1.0  # seconds between two looks at the row


class Cancelled(Exception):
    """Somebody asked for the end."""


def run(poste: Client, number: UUID) -> Restore | None:
    """Does it, or goes on with it; None when somebody else does or it is over."""
    job = _claim(number)
    if job is None:
        return None
    report = _Report(job)
    try:
        with connections.past(LONGEST).open(report.is_cancelled) as past:
            _Work(poste, past, report).all()
        state, reason = Restore.State.DONE, ""
    except Exception as error:
        state, reason = _meaning(error)
        if state is Restore.State.FAILED:
            logger.exception("restore %s failed", number)
    report.end(state, reason)
    facts = {"restored": job.restored, "already": job.already, "failed": job.failed, "state": str(state)}
    with audit.change(_actor(job), "restore.end", job.target or settings.POSTEIO_HOSTNAME, after=facts):
        """The mail server has done it already."""
    return job


def _claim(number: UUID) -> Restore | None:
    silent = Q(state=Restore.State.RUNNING, heartbeat__lt=timezone.now() - STALE)
    free = Q(state__in=[Restore.State.WAITING, Restore.State.INTERRUPTED])
    job = Restore.objects.filter(free | silent, pk=number).first()
    if job is None:
        return None
    claimed = Restore.objects.filter(pk=number, state=job.state, attempts=job.attempts).update(
        state=Restore.State.RUNNING,
        attempts=job.attempts + 1,
        heartbeat=timezone.now(),
        restored=0,
        already=0,
        failed=0,
        problems=[],
        reason="",
    )
    return Restore.objects.get(pk=number) if claimed else None


def _meaning(error: Exception) -> tuple[Restore.State, str]:
    match error:
        case Cancelled():
            return Restore.State.CANCELLED, ""
        case imap_errors.Full():
            return Restore.State.FULL, _("The mailbox is full. Give it more space, then go on.")
        case imap_errors.Unauthorized():
            return Restore.State.FAILED, _("The mail server does not accept the master user's password.")
        case imap_errors.Unavailable() | Unavailable():
            return Restore.State.INTERRUPTED, _(
                "The mail server did not answer. Postie tries again by itself."
            )
        case ResticError():
            return Restore.State.INTERRUPTED, f"restic: {error.last_words}"[:500]
        case NothingThere():
            return Restore.State.FAILED, _("This is not in the backup of that moment.")
    return _of_disk(error)


def _of_disk(error: Exception) -> tuple[Restore.State, str]:
    if isinstance(error, NoMaildir):
        return Restore.State.FAILED, str(error)[:500]
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Restore.State.FULL, _("The disk is full. Make room, then go on.")
    return Restore.State.FAILED, f"{type(error).__name__}: {error}"[:500]


def _actor(job: Restore) -> Actor:
    return Actor(address=job.by)


class _Report:
    """The row of the job, written at most once a second."""

    def __init__(self, job: Restore) -> None:
        self.job = job
        self._written = 0.0

    def is_cancelled(self) -> bool:
        self.beat()
        return self.job.cancel

    def beat(self, *, now: bool = False) -> None:
        if not now and time.monotonic() - self._written < BEAT:
            return
        self._written = time.monotonic()
        self.job.heartbeat = timezone.now()
        self._save()
        self.job.cancel = Restore.objects.filter(pk=self.job.pk, cancel=True).exists()

    def problem(self, what: str, why: str) -> None:
        self.job.failed += 1
        if len(self.job.problems) < MOST_PROBLEMS:
            self.job.problems.append({"what": what[:300], "why": why[:300]})

    def end(self, state: Restore.State, reason: str) -> None:
        self.job.state, self.job.reason = state, reason
        self.job.finished = timezone.now()
        self.job.heartbeat = timezone.now()
        self._save("state", "reason", "finished")

    def _save(self, *more: str) -> None:
        fields = ["restored", "already", "failed", "problems", "current", "heartbeat", "sealed_passwords"]
        self.job.save(update_fields=[*fields, *more])


class _Work:
    def __init__(self, poste: Client, past: Past, report: _Report) -> None:
        self._poste, self._past, self._report, self._job = poste, past, report, report.job
        self._moment: Snapshot = past.moment(report.job.snapshot)

    def all(self) -> None:
        for address in self._addresses():
            self._job.current = address
            self._check()
            is_new = self._make(address)
            self._mailbox(address, is_new=is_new)

    def _addresses(self) -> Iterator[str]:
        job = self._job
        if job.scope not in (Restore.Scope.EVERYTHING, Restore.Scope.DOMAIN):
            yield job.target
            return
        archive = self._past.archive(self._moment)
        if job.recreate and job.scope == Restore.Scope.DOMAIN:
            undelete.domain(self._poste, _actor(job), job.target)
        yield from [place.address for place in archive.places(job.target)]
        if job.recreate:
            self._aliases()

    def _aliases(self) -> None:
        """Aliases have no mail: they come last, when what they lead to is there."""
        archive = self._past.archive(self._moment)
        domains = {place.address.rpartition("@")[2] for place in archive.places(self._job.target)}
        for domain in sorted(domains):
            for account in copies.accounts(archive, domain=domain):
                if account.redirect_only and not undelete.exists(self._poste, account.address):
                    self._create(account)

    def _make(self, address: str) -> bool:
        """Makes the mailbox when it is gone and that was wished for; whether it did."""
        if not self._job.recreate or undelete.exists(self._poste, address):
            return False
        archive = self._past.archive(self._moment)
        undelete.domain(self._poste, _actor(self._job), address.rpartition("@")[2])
        account = copies.account(archive, address) or copies.Account(address=address)
        script = account.sieve or archive.script(archive.place(address))
        self._create(replace(account, sieve=script))
        return True

    def _create(self, account: copies.Account) -> None:
        try:
            made = undelete.mailbox(self._poste, _actor(self._job), account)
        except Unavailable:
            raise
        except PosteError as error:
            self._report.problem(account.address, f"{type(error).__name__}: {error}")
            return
        if made.problem:
            self._report.problem(account.address, made.problem)
        if made.password:
            known = sealed.unseal(self._job.sealed_passwords, settings.SECRET_KEY, PURPOSE) or ""
            lines = [*known.splitlines(), f"{made.address}\t{made.password}"]
            self._job.sealed_passwords = sealed.seal("\n".join(lines), settings.SECRET_KEY, PURPOSE)
        self._report.beat(now=True)

    def _mailbox(self, address: str, *, is_new: bool) -> None:
        look = self._past.look(self._moment, address)
        rows = self._chosen(look)
        # A mailbox made a moment ago holds no mail of anybody: there everything goes where it was.
        name = (
            "" if is_new or self._was_made(address) else shelf(self._moment, timezone.get_current_timezone())
        )
        if self._job.into_maildir:
            self._put(look, rows, _OnDisk(address, name))
            return
        try:
            with connections.mailbox(address) as imap:
                self._put(look, rows, Shelf(imap, name))
        except imap_errors.Unauthorized as error:
            if undelete.exists(self._poste, address):
                raise
            self._report.problem(address, _("This mailbox does not exist any more."))
            logger.info("restore: %s is gone: %s", address, error)

    def _was_made(self, address: str) -> bool:
        """By an attempt of this very job that was killed before its end."""
        return undelete.made_since(address, self._job.by, self._job.at)

    def _chosen(self, look: Look) -> list[Kept]:
        job = self._job
        if job.scope == Restore.Scope.MESSAGES:
            return look.catalogue.find(look.id, job.keys)
        return look.catalogue.all(look.id, job.folder if job.scope == Restore.Scope.FOLDER else None)

    def _put(self, look: Look, rows: Sequence[Kept], target: "Shelf | _OnDisk") -> None:
        missing = {row.key: row for row in rows}
        for letter in look.letters(rows):
            missing.pop(letter.key, None)
            self._check()
            try:
                is_new = target.put(
                    letter.folder,
                    Letter(octets=letter.octets, flags=letter.flags, arrived=letter.arrived),
                )
            except imap_errors.Full:
                raise
            except imap_errors.Rejected as error:
                self._report.problem(f"{look.place.address} {letter.folder}", error.reason)
                continue
            self._job.restored += is_new
            self._job.already += not is_new
        for row in missing.values():
            why = _("It could not be read from the backup.")
            self._report.problem(f"{look.place.address} {row.key.replace(UNKNOWN, '?')}", why)

    def _check(self) -> None:
        if self._report.is_cancelled():
            raise Cancelled


class _OnDisk:
    """A shelf in the maildir itself: the mail server is not asked."""

    def __init__(self, address: str, name: str) -> None:
        data = connections.backup_data()
        homes = {home.address: home for home in layout.homes(data)} if data else {}
        if data is None or address not in homes:
            raise NoMaildir(f"{address} has no mailbox on this disk")
        self._shelf = MaildirShelf(data / homes[address].maildir, name)

    def put(self, folder: str, letter: Letter) -> bool:
        return self._shelf.put(folder, letter.octets, letter.flags, letter.arrived)
