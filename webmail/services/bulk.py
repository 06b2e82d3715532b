"""Acts on thousands of messages, in the background: bounded pieces, each with its undo; they can be stopped.

The worker needs the password. It is sealed (lib/sealing.py) in the job's row, with one half of the key in the
cache and the other in SECRET_KEY; both go when the job is over.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from postie_web.lib import sealing
from postie_web.lib.credentials import Credentials
from webmail import connections
from webmail.imap import answers, errors, move
from webmail.imap.connection import Connection
from webmail.imap.folders import all_uids
from webmail.imap.wire import uid_set
from webmail.models import Action, BulkJob
from webmail.models.bulk_job import LONGEST

from . import journal, messages
from .messages import Order

MOST_AT_ONCE = 500  # more than this is not done while somebody waits
_PIECE = 500
_KEY_SECONDS = 24 * 3600
State = BulkJob.State


def start(credentials: Credentials, imap: Connection, order: Order) -> BulkJob | None:
    """Writes the job down; None when its key cannot be kept, and it has to be done here and now."""
    target = messages.target_of(imap, order.word) if order.word in messages.MOVES else order.target
    job = BulkJob(
        account=imap.account,
        word=order.word,
        source=order.folder,
        target=target,
        label=order.label,
        uids=str(uid_set(order.uids)),
        uidvalidity=imap.select(order.folder).uidvalidity,
        total=len(order.uids),
    )
    return _kept(job, credentials)


def start_undo(credentials: Credentials, job: BulkJob) -> BulkJob | None:
    """Takes all of a job back, in the background too."""
    wanted = job.actions.filter(undone_at=None)
    total = sum(len(entry.messages) for entry in wanted)
    back = BulkJob(account=job.account, word="undo", source=job.source, undo_of=job, total=total)
    return _kept(back, credentials)


def expunge_later(
    credentials: Credentials, imap: Connection, entry: Action, after: timedelta
) -> BulkJob | None:
    """What was emptied is destroyed after a while; what was fetched back until then is not there any more.

    What an earlier time left there, since its key was lost, goes along.
    """
    uids = all_uids(imap, entry.target)
    if not uids:
        return None
    job = BulkJob(
        account=imap.account,
        word="expunge",
        source=entry.target,
        uids=str(uid_set(uids)),
        uidvalidity=entry.uidvalidity,
        total=len(uids),
        not_before=timezone.now() + after,
    )
    return _kept(job, credentials)


def _kept(job: BulkJob, credentials: Credentials) -> BulkJob | None:
    half = sealing.new_half()
    job.address = credentials.address
    job.sealed = sealing.seal(credentials.password, half, settings.SECRET_KEY, credentials.address)
    job.save()
    cache.set(_key(job), half, _KEY_SECONDS)
    if cache.get(_key(job)) != half:
        job.delete()
        return None
    return job


def _key(job: BulkJob) -> str:
    return f"bulk-{job.pk}"


def latest(account: str) -> list[BulkJob]:
    """What runs, and what ended lately."""
    since = timezone.now() - timedelta(minutes=10)
    found = BulkJob.objects.filter(account=account, changed_at__gt=since).exclude(word="expunge")
    return list(found[:10])


def cancel(job: BulkJob) -> None:
    """Stops before the next piece; what is done stays done, and can be undone."""
    BulkJob.objects.filter(pk=job.pk, state=State.WAITING).update(state=State.CANCELLED, sealed="")
    BulkJob.objects.filter(pk=job.pk, state=State.RUNNING).update(state=State.CANCELLING)


def run(number: int) -> bool:
    """Works on it until it is over; False: the mail server is away, try again in a while."""
    job = BulkJob.claim(number)
    if job is None:
        return True
    credentials = _credentials(job)
    if credentials is None:
        return _end(job, State.FAILED, "key")
    try:
        with connections.imap(credentials) as imap:
            return _end(job, _work(imap, job))
    except errors.Unauthorized:
        return _end(job, State.FAILED, "key")
    except errors.Unavailable:
        return _wait(job)
    except errors.NotFound:
        return _end(job, State.FAILED, "gone")
    except errors.Rejected as error:
        return _end(job, State.FAILED, "full" if isinstance(error, errors.Full) else "refused")


def _credentials(job: BulkJob) -> Credentials | None:
    half = cache.get(_key(job)) or ""
    try:
        password = sealing.unseal(job.sealed, half, settings.SECRET_KEY, job.address)
    except sealing.Broken:
        return None
    return Credentials(address=job.address, password=password)


def _work(imap: Connection, job: BulkJob) -> str:
    if job.undo_of is not None:
        return _undo(imap, job)
    if imap.select(job.source).uidvalidity != job.uidvalidity:
        raise errors.NotFound(job.source)
    for piece in _pieces(job):
        if _is_cancelled(job):
            return State.CANCELLED
        _note(job, len(piece), _piece(imap, job, piece))
    return State.DONE


def _pieces(job: BulkJob) -> Iterator[list[int]]:
    uids = sorted(answers.expand(job.uids.encode()))
    for start in range(job.position, len(uids), _PIECE):
        yield uids[start : start + _PIECE]


def _piece(imap: Connection, job: BulkJob, uids: list[int]) -> int:
    if job.word == "expunge":
        move.expunge(imap, job.source, uids)
        return len(uids)
    order = Order(word=job.word, folder=job.source, uids=uids, target=job.target, label=job.label)
    return messages.perform(imap, replace(order, job=job)).count


def _undo(imap: Connection, job: BulkJob) -> str:
    assert job.undo_of is not None  # noqa: S101 - for the type checker
    for entry in job.undo_of.actions.filter(undone_at=None).order_by("-pk"):
        if _is_cancelled(job):
            return State.CANCELLED
        _note(job, len(entry.messages), journal.undo(imap, entry))
    return State.DONE


def _is_cancelled(job: BulkJob) -> bool:
    return BulkJob.objects.filter(pk=job.pk, state=State.CANCELLING).exists()


def _note(job: BulkJob, done: int, changed: int) -> None:
    job.position, job.changed = min(job.total, job.position + done), job.changed + changed
    job.save(update_fields=["position", "changed", "changed_at"])
    _tell(job)


def _wait(job: BulkJob) -> bool:
    if timezone.now() - max(job.created_at, job.not_before) > LONGEST:
        return _end(job, State.FAILED, "away")
    if _is_cancelled(job):
        return _end(job, State.CANCELLED)
    job.become(State.WAITING, "away")
    _tell(job)
    return False


def _end(job: BulkJob, state: str, reason: str = "") -> bool:
    job.become(state, reason)
    cache.delete(_key(job))
    _tell(job)
    return True


def _tell(job: BulkJob) -> None:
    said = {"job": job.pk, "state": job.state, "done": job.position, "total": job.total}
    if job.word != "expunge":
        connections.tell(job.address, said)
