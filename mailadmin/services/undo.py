"""Taking a change back, as long as the world still looks the way that change left it."""

from collections.abc import Callable
from dataclasses import replace

from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import DomainChange, MailboxChange
from mailadmin.services import aliases, directory, domains, mailboxes, snapshots
from mailadmin.services.audit import Actor
from mailadmin.services.errors import ChangedMeanwhile
from mailadmin.services.mailboxes import Limits


def is_possible(entry: AuditEntry) -> bool:
    return (
        entry.outcome == AuditEntry.Outcome.DONE and entry.action in _UNDO and not hasattr(entry, "undone_by")
    )


def undo(poste: Client, actor: Actor, entry: AuditEntry) -> None:
    """ChangedMeanwhile when somebody changed the same thing since; NotFound when it is gone."""
    _UNDO[entry.action](poste, replace(actor, undoes=entry, form_token=""), entry)


def _changed(entry: AuditEntry) -> snapshots.Facts:
    """The facts this change touched, as they were before."""
    before, after = entry.before or {}, entry.after or {}
    return {key: value for key, value in before.items() if value != after.get(key)}


def _check(entry: AuditEntry, now: snapshots.Facts) -> None:
    after = entry.after or {}
    if any(now.get(key) != after.get(key) for key in _changed(entry)):
        raise ChangedMeanwhile(now)


def _mailbox_update(poste: Client, actor: Actor, entry: AuditEntry) -> None:
    _check(entry, snapshots.of_mailbox(poste.mailboxes.get(entry.target)))
    mailboxes.update(poste, actor, entry.target, _mailbox_change(_changed(entry)))


def _mailbox_change(facts: snapshots.Facts) -> MailboxChange:
    wanted = {key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()}
    return MailboxChange(**wanted)  # type: ignore[arg-type]


def _suspend(poste: Client, actor: Actor, entry: AuditEntry) -> None:
    mailboxes.suspend(poste, actor, entry.target)


def _resume(poste: Client, actor: Actor, entry: AuditEntry) -> None:
    mailboxes.resume(poste, actor, entry.target)


def _quota(poste: Client, actor: Actor, entry: AuditEntry) -> None:
    _check(entry, snapshots.of_quota(poste.mailboxes.quota(entry.target)))
    facts = _changed(entry)
    limits = Limits(storage=_number(facts.get("storage_limit")), count=_number(facts.get("count_limit")))
    mailboxes.set_limits(poste, actor, entry.target, limits)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _alias_create(poste: Client, actor: Actor, entry: AuditEntry) -> None:
    now = poste.mailboxes.get(entry.target)
    if list(now.redirect_to) != (entry.after or {}).get("redirect_to") or not now.redirect_only:
        raise ChangedMeanwhile(snapshots.of_alias(now))
    aliases.delete(poste, actor, now)


def _alias_update(poste: Client, actor: Actor, entry: AuditEntry) -> None:
    _check(entry, snapshots.of_alias(poste.mailboxes.get(entry.target)))
    aliases.update(poste, actor, entry.target, _targets(entry))


def _alias_delete(poste: Client, actor: Actor, entry: AuditEntry) -> None:
    aliases.create(poste, actor, entry.target, _targets(entry))


def _targets(entry: AuditEntry) -> list[str]:
    return [str(target) for target in (entry.before or {}).get("redirect_to", [])]


def _domain_update(poste: Client, actor: Actor, entry: AuditEntry) -> None:
    _check(entry, snapshots.of_domain(poste.domains.get(entry.target)))
    domains.update(poste, actor, entry.target, DomainChange(**_changed(entry)))  # type: ignore[arg-type]


def _domain_create(poste: Client, actor: Actor, entry: AuditEntry) -> None:
    """Only while nobody lives there."""
    domain = poste.domains.get(entry.target)
    dies = directory.contents(poste, entry.target)
    if not dies.is_empty:
        raise ChangedMeanwhile(dies.facts())
    domains.delete(poste, actor, domain, dies.facts())


_UNDO: dict[str, Callable[[Client, Actor, AuditEntry], None]] = {
    "mailbox.update": _mailbox_update,
    "mailbox.suspend": _resume,
    "mailbox.resume": _suspend,
    "mailbox.quota": _quota,
    "alias.create": _alias_create,
    "alias.update": _alias_update,
    "alias.delete": _alias_delete,
    "domain.update": _domain_update,
    "domain.create": _domain_create,
}
