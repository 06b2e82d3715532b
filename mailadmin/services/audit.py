"""
Writing the activity log. The order is the promise:

1. the entry is committed as `started`, with what was and what is wanted (if that fails, nothing is asked);
2. the mail server is asked;
3. the entry becomes `done`, `refused` or `unknown`.

When 3 fails, or the process dies after 2, the entry stays `started`: shown as "not confirmed", and settle.py
finds out what is true. So no change is ever without a line.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone

from mailadmin.models import AuditEntry
from mailadmin.posteio.errors import PosteError, Unavailable

logger = logging.getLogger(__name__)


NEVER_KEPT = ("password", "private", "hash", "secret")
COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks, and through which request. `form_token` is new for every form shown."""

    address: str
    request_id: str = ""
    client_address: str = ""
    form_token: str = ""
    undoes: AuditEntry | None = None  # the entry that is being taken back


@dataclass(slots=True)
class Change:
    """What a service fills in once the server has said yes."""

    entry: AuditEntry

    def became(self, after: Mapping[str, object] | None) -> None:
        self.entry.after = _clean(after)


@contextmanager
def change(
    actor: Actor,
    action: str,
    target: str,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> Iterator[Change]:
    """The only way to change something: `with audit.change(…): poste.…`. `after` is what is asked for."""
    entry = AuditEntry.objects.create(
        actor=actor.address,
        action=action,
        target=target,
        domain=target.rpartition("@")[2],
        before=_clean(before),
        after=_clean(after),
        request_id=actor.request_id[:64],
        client_address=actor.client_address[:45],
        form_token=actor.form_token[:36],
        undoes=actor.undoes,
    )
    try:
        yield Change(entry)
    except Unavailable:
        # It may have happened: the answer got lost, not necessarily the question.
        _finish(entry, AuditEntry.Outcome.UNKNOWN)
        raise
    except PosteError as error:
        # A refused undo leaves the original free to be undone another time.
        entry.undoes = None
        entry.reason = str(error)[:500]
        _finish(entry, AuditEntry.Outcome.REFUSED)
        raise
    _finish(entry, AuditEntry.Outcome.DONE)


def repeated(actor: Actor, action: str, target: str) -> bool:
    """Has this very form already been sent (a double click, a reload)?"""
    return (
        bool(actor.form_token) and _mine(actor, action, target).filter(form_token=actor.form_token).exists()
    )


def lately(actor: Actor, action: str, target: str) -> bool:
    """Did this person just do this? Then doing it again is a double click, not an error."""
    return _mine(actor, action, target).filter(at__gte=timezone.now() - timedelta(minutes=10)).exists()


def _mine(actor: Actor, action: str, target: str) -> "QuerySet[AuditEntry]":
    outcomes = (AuditEntry.Outcome.STARTED, AuditEntry.Outcome.DONE)
    return AuditEntry.objects.filter(actor=actor.address, action=action, target=target, outcome__in=outcomes)


def _finish(entry: AuditEntry, outcome: AuditEntry.Outcome) -> None:
    entry.outcome = outcome
    try:
        entry.save(update_fields=["outcome", "reason", "after", "undoes"])
    except DatabaseError:
        # The server has already acted: failing now would be a lie. The entry says "not confirmed".
        logger.exception("audit entry %s could not be finished: %s", entry.pk, outcome)


def _clean(facts: Mapping[str, object] | None) -> dict[str, object] | None:
    if facts is None:
        return None
    return {key: value for key, value in facts.items() if not any(word in key.lower() for word in NEVER_KEPT)}
