"""Reading the activity log: its words, its filters, its lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mailadmin.models import AuditEntry
from mailadmin.services import spreadsheets

ACTIONS = {
    "domain.create": _("Domain created"),
    "domain.update": _("Domain changed"),
    "domain.delete": _("Domain deleted"),
    "dkim.create": _("DKIM key created"),
    "dkim.delete": _("DKIM key deleted"),
    "backup.kit": _("Recovery kit looked at"),
    "backup.kit-stored": _("Recovery kit stored elsewhere"),
    "backup.repository": _("Backup repository chosen"),
    "mailbox.create": _("Mailbox created"),
    "mailbox.update": _("Mailbox changed"),
    "mailbox.password": _("Password set"),
    "mailbox.suspend": _("Mailbox suspended"),
    "mailbox.resume": _("Mailbox resumed"),
    "mailbox.quota": _("Limits changed"),
    "mailbox.delete": _("Mailbox deleted"),
    "mailbox.restore": _("Deleted mailbox made again"),
    "restore.create": _("Restore asked for"),
    "restore.end": _("Restore ended"),
    "restore.look": _("Looked into a backup"),
    "alias.create": _("Alias created"),
    "alias.update": _("Alias changed"),
    "alias.delete": _("Alias deleted"),
}
FACTS = {
    "name": _("Name"),
    "suspended": pgettext_lazy("a mailbox is", "Suspended"),
    "super_admin": _("System administrator"),
    "domain_admin": _("Domain administrator"),
    "redirect_to": _("Leads to"),
    "storage_limit": _("Space (MB)"),
    "count_limit": _("Messages at most"),
    "catch_all": _("Catch-all"),
    "moment": _("Moment"),
    "scope": _("What"),
    "folder": _("Folder"),
    "messages": _("Messages"),
    "restored": _("Restored"),
    "already": _("Already there"),
    "failed": _("Failed"),
    "state": _("State"),
    "forward_domain": _("Alias of domain"),
    "selector": _("Selector"),
    "public": _("Public key"),
    "mailboxes": _("Mailboxes"),
    "aliases": _("Aliases"),
    "megabytes": _("Mail (MB)"),
}
UNSETTLED = (AuditEntry.Outcome.STARTED, AuditEntry.Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """`domain` is what the reader may see; the rest is what the reader looks for."""

    domain: str | None = None
    text: str = ""
    action: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None

    def entries(self) -> "QuerySet[AuditEntry]":
        found = AuditEntry.objects.select_related("undone_by", "undoes")
        if self.domain is not None:
            found = found.filter(domain=self.domain)
        if self.text:
            found = found.filter(Q(target__icontains=self.text) | Q(actor__icontains=self.text))
        if self.action:
            found = found.filter(action=self.action)
        if self.outcome:
            found = found.filter(outcome__in=UNSETTLED if self.outcome == "unsettled" else [self.outcome])
        if self.since:
            found = found.filter(at__date__gte=self.since)
        if self.until:
            found = found.filter(at__date__lte=self.until)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    fact: str
    label: object
    before: object
    after: object


def differences(entry: AuditEntry) -> list[Difference]:
    """What changed, fact by fact; for a creation or a deletion what was there, without the empty."""
    before, after = entry.before or {}, entry.after or {}
    if entry.before is None or entry.after is None:
        before, after = _filled(before), _filled(after)
    return [
        Difference(fact=key, label=FACTS.get(key, key), before=before.get(key), after=after.get(key))
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]


def _filled(facts: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in facts.items() if value}


def export(entries: "QuerySet[AuditEntry]") -> Iterator[str]:
    """CSV, newest first, line by line."""
    yield spreadsheets.line(
        ["at", "actor", "action", "target", "outcome", "before", "after", "reason", "request", "client"]
    )
    for entry in entries.iterator(chunk_size=500):
        changes = differences(entry)
        yield spreadsheets.line(
            [
                entry.at.isoformat(timespec="seconds"),
                entry.actor,
                entry.action,
                entry.target,
                entry.outcome,
                "; ".join(f"{one.fact}={one.before}" for one in changes if one.before is not None),
                "; ".join(f"{one.fact}={one.after}" for one in changes if one.after is not None),
                entry.reason,
                entry.request_id,
                entry.client_address,
            ]
        )
