"""Finding out whether a change that was never confirmed has happened: ask the mail server how things are."""

from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound
from mailadmin.services import domains, snapshots

# Who can say afterwards whether a password was set? Nobody, and nobody should.
CANNOT_TELL = ("mailbox.password",)


def settle(poste: Client, entry: AuditEntry) -> AuditEntry:
    """Sets the outcome to `done` or `missed`; leaves what cannot be known."""
    if entry.action in CANNOT_TELL or entry.outcome not in ("started", "unknown"):
        return entry
    happened = _happened(entry, _now(poste, entry))
    entry.outcome = AuditEntry.Outcome.DONE if happened else AuditEntry.Outcome.MISSED
    entry.save(update_fields=["outcome"])
    return entry


def _happened(entry: AuditEntry, now: snapshots.Facts | None) -> bool:
    verb = entry.action.rpartition(".")[2]
    if verb == "delete":
        return now is None
    if now is None:
        return False
    if verb == "create" and entry.action != "dkim.create":
        return True
    wanted = {
        key: value for key, value in (entry.after or {}).items() if value != (entry.before or {}).get(key)
    }
    if not wanted:
        return now != (entry.before or {})  # a new key: asked for without knowing what it will be
    return all(now.get(key) == value for key, value in wanted.items())


def _now(poste: Client, entry: AuditEntry) -> snapshots.Facts | None:
    """How the target looks now; None when it is not there."""
    try:
        return _look(poste, entry.action.partition(".")[0], entry)
    except NotFound:
        return None


def _look(poste: Client, resource: str, entry: AuditEntry) -> snapshots.Facts | None:
    if resource == "domain":
        return snapshots.of_domain(poste.domains.get(entry.target))
    if resource == "dkim":
        key = domains.dkim(poste, entry.target)
        return {"selector": key.selector, "public": key.public} if key else None
    box = poste.mailboxes.get(entry.target)
    if entry.action == "mailbox.quota":
        return snapshots.of_quota(poste.mailboxes.quota(entry.target))
    return snapshots.of_alias(box) if resource == "alias" else snapshots.of_mailbox(box)
