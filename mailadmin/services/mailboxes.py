"""What can be done to a mailbox: the mail server and the activity log, together."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import PosteError
from mailadmin.posteio.resources import Mailbox, MailboxChange, NewMailbox, Quota
from mailadmin.services import addresses, audit, snapshots
from mailadmin.services.audit import Actor
from mailadmin.services.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Megabytes and messages; 0 is without limit, None leaves it as it is."""

    storage: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A mailbox that exists; `limits_error` when only its limits could not be set."""

    mailbox: Mailbox
    limits_error: PosteError | None = None


def create(poste: Client, actor: Actor, new: NewMailbox, limits: Limits) -> Created:
    wanted = {"name": new.name, "suspended": new.suspended, "super_admin": new.super_admin} | _facts(limits)
    with audit.change(actor, "mailbox.create", new.address, after=wanted) as change:
        mailbox = poste.mailboxes.create(new)
        error = _set_limits(poste, mailbox.address, limits)
        change.became(snapshots.of_mailbox(mailbox) | ({} if error else _facts(limits)))
        if error:
            change.entry.reason = f"limits not set: {error}"[:500]
    return Created(mailbox=mailbox, limits_error=error)


def update(poste: Client, actor: Actor, address: str, wanted: MailboxChange, seen: str = "") -> Mailbox:
    """Change what differs from now. Refuses when it is no longer what `seen` (a fingerprint) was."""
    now = poste.mailboxes.get(address)
    before = snapshots.of_mailbox(now)
    after = before | wanted.facts()
    if after == before:
        return now  # the second half of a double click
    snapshots.same_as_seen(before, seen)
    _check_own(actor, now, losing=now.super_admin and wanted.super_admin is False)
    with audit.change(actor, "mailbox.update", address, before=before, after=after) as change:
        poste.mailboxes.update(address, wanted)
        found = poste.mailboxes.get(address)
        change.became(snapshots.of_mailbox(found))
    return found


def set_password(poste: Client, actor: Actor, address: str, password: str) -> None:
    """The log says that, never what."""
    if _is_operator(address):
        raise Refused(_OPERATOR, "password")
    with audit.change(actor, "mailbox.password", address):
        poste.mailboxes.update(address, MailboxChange(password=password))


def suspend(poste: Client, actor: Actor, address: str) -> None:
    _set_suspended(poste, actor, address, True)


def resume(poste: Client, actor: Actor, address: str) -> None:
    _set_suspended(poste, actor, address, False)


def set_limits(poste: Client, actor: Actor, address: str, limits: Limits, seen: str = "") -> Quota:
    now = poste.mailboxes.quota(address)
    before = snapshots.of_quota(now)
    after = before | _facts(limits)
    if after == before:
        return now
    snapshots.same_as_seen(before, seen)
    with audit.change(actor, "mailbox.quota", address, before=before, after=after) as change:
        poste.mailboxes.set_quota(address, storage_limit=limits.storage, count_limit=limits.count)
        found = poste.mailboxes.quota(address)
        change.became(snapshots.of_quota(found))
    return found


def delete(poste: Client, actor: Actor, mailbox: Mailbox) -> None:
    """With all its mail, for good."""
    _check_own(actor, mailbox, losing=True)
    with audit.change(
        actor, "mailbox.delete", mailbox.address, before=snapshots.of_mailbox(mailbox)
    ) as change:
        poste.mailboxes.delete(mailbox.address)
        change.became(None)


_OWN = _("This is your own account: you would lock yourself out. Ask another administrator.")
_OPERATOR = _("Postie itself signs in to the mail server with this account. Change Postie's settings first.")


def _set_suspended(poste: Client, actor: Actor, address: str, suspended: bool) -> None:
    now = poste.mailboxes.get(address)
    if now.suspended == suspended:
        return
    _check_own(actor, now, losing=suspended)
    action = "mailbox.suspend" if suspended else "mailbox.resume"
    before, after = {"suspended": now.suspended}, {"suspended": suspended}
    with audit.change(actor, action, address, before=before, after=after):
        poste.mailboxes.update(address, MailboxChange(suspended=suspended))


def _check_own(actor: Actor, mailbox: Mailbox, *, losing: bool) -> None:
    if losing and addresses.same(actor.address, mailbox.address):
        raise Refused(_OWN)
    if losing and _is_operator(mailbox.address):
        raise Refused(_OPERATOR)


def _is_operator(address: str) -> bool:
    return addresses.same(address, settings.POSTEIO_API_USER)


def _set_limits(poste: Client, address: str, limits: Limits) -> PosteError | None:
    if limits.storage is None and limits.count is None:
        return None
    try:
        poste.mailboxes.set_quota(address, storage_limit=limits.storage, count_limit=limits.count)
    except PosteError as error:
        # The mailbox is there and works: that is worth more than taking it back. The person is told.
        return error
    return None


def _facts(limits: Limits) -> snapshots.Facts:
    facts = {"storage_limit": limits.storage, "count_limit": limits.count}
    return {key: value for key, value in facts.items() if value is not None}
