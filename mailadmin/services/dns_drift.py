"""A record that was right and no longer is: somebody changed our DNS. Said, and put back with one press."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.timezone import localtime
from django.utils.translation import gettext

from mailadmin.dns import plan
from mailadmin.dns.network import Network
from mailadmin.dns.plan import Change
from mailadmin.models import DnsAlert, DnsChange, DnsReport
from mailadmin.services import alerts, dns_silence
from mailadmin.services.dns_alerts import Send

RUNS = 120
MARK = "drift:"
SHOWN = 200  # octets of a value in a message


@dataclass(frozen=True, slots=True)
class Drift:
    """`record` as expected.Wanted has it; last seen right at `until`; `written` is our own last writing."""

    record: Mapping[str, Any]
    until: datetime
    written: DnsChange | None = None

    @property
    def key(self) -> str:
        return f"{MARK}{self.record['name']} {self.record['kind']} {self.record['purpose']}"

    @property
    def changes(self) -> list[Change]:
        return plan.plan([self.record])


def found(domain: str) -> list[Drift]:
    reports = list(DnsReport.objects.filter(domain=domain).only("at", "expected")[:RUNS])
    if not reports:
        return []
    now, before = reports[0], reports[1:]
    written = list(DnsChange.objects.filter(domain=domain, undone=False)[:50])
    drifts = []
    for record in now.expected:
        if record["state"] not in ("missing", "other"):
            continue
        until = _last_right(before, record)
        if until is not None:
            drifts.append(Drift(record, until, _ours(written, record)))
    return drifts


def tell(domain: str, network: Network, send: Send = alerts.send) -> list[str]:
    """Says new drifts once, and when they are over. Every name server is asked anew before: two equal
    results of every authority are no flapping (rules E2 and E3)."""
    if dns_silence.active(domain):
        return []
    drifts = {drift.key: drift for drift in found(domain)}
    known = DnsAlert.objects.filter(domain=domain, key__startswith=MARK)
    announced = set(known.values_list("key", flat=True))
    new = [d for key, d in drifts.items() if key not in announced and _everywhere(d, network)]
    ended = sorted(announced - set(drifts))
    if new or ended:
        send(*_message(domain, new, ended))
    for drift in new:
        DnsAlert.objects.get_or_create(domain=domain, key=drift.key, defaults={"since": timezone.now()})
    _forget(known, ended)
    return [drift.key for drift in new]


def _last_right(before: Sequence[DnsReport], record: Mapping[str, Any]) -> datetime | None:
    """Only the same purpose at the same name: a new server wants other records, and that is no drift."""
    same = ("purpose", "name", "kind")
    for report in before:
        for old in report.expected:
            if old["state"] == "published" and all(old[key] == record[key] for key in same):
                return report.at
    return None


def _ours(written: Sequence[DnsChange], record: Mapping[str, Any]) -> DnsChange | None:
    for done in written:
        if any((c["name"], c["kind"]) == (record["name"], record["kind"]) for c in done.changes):
            return done
    return None


def _everywhere(drift: Drift, network: Network) -> bool:
    """Every authoritative server answers, and gives what the report saw."""
    name, kind = drift.record["name"], drift.record["kind"]
    servers = network.delegation(network.zone_of(name)).servers
    answers = [network.ask_at(server, name, kind) for server in servers]
    texts = [set(answer.texts if kind == "TXT" else answer.records) for answer in answers]
    saw = set(drift.record["found"])
    agree = all(saw <= found and drift.record["value"] not in found for found in texts)
    return bool(answers) and all(answer.measured for answer in answers) and agree


def _message(domain: str, new: Sequence[Drift], ended: Sequence[str]) -> tuple[str, str]:
    with translation.override(settings.LANGUAGE_CODE):
        title = gettext("Somebody changed the DNS of %(domain)s") % {"domain": domain}
        if not new:
            title = gettext("The DNS of %(domain)s is as it was again") % {"domain": domain}
        parts = [_sentence(drift) for drift in new]
        parts += [gettext("✓ Right again: %(what)s") % {"what": key.removeprefix(MARK)} for key in ended]
        if new:
            where = f"https://{settings.POSTEIO_HOSTNAME}/admin/domains/{domain}/dns/"
            parts.append(gettext("See it and put it back: %(where)s") % {"where": where})
        return title, "\n".join(parts)


def _sentence(drift: Drift) -> str:
    record = drift.record
    facts = {
        "record": f"{record['name']} {record['kind']}",
        "until": localtime(drift.until).strftime("%Y-%m-%d %H:%M"),
        "found": "; ".join(record["found"])[:SHOWN] or "—",
        "value": record["value"][:SHOWN],
    }
    return gettext("✗ %(record)s was right until %(until)s. Now: %(found)s. Wanted: %(value)s") % facts


def _forget(known: "QuerySet[DnsAlert]", ended: Sequence[str]) -> None:
    known.filter(key__in=ended).delete()
