"""Every morning in words: what changed in the DNS since yesterday. No change, no letter."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext

from mailadmin.models import DnsReport
from mailadmin.services import alerts, dns_reports
from mailadmin.services.dns_alerts import Send

DAY = timedelta(days=1)
LINES = 40  # of one domain
DOMAINS = 200  # told in one letter


def send(names: Sequence[str], deliver: Send = alerts.mail) -> str:
    """The letter that went out, or "" when nothing had changed."""
    since = timezone.now() - DAY
    with translation.override(settings.LANGUAGE_CODE):
        told = [part for name in sorted(names) if (part := difference(name, since))]
        if not told:
            return ""
        more = len(told) - DOMAINS
        text = "\n\n".join(told[:DOMAINS])
        if more > 0:
            text += "\n\n" + gettext("… and %(count)s domains more.") % {"count": more}
        deliver(gettext("DNS: what changed since yesterday"), text)
    return text


def difference(domain: str, since: datetime) -> str:
    """One domain in words, or "": troubles that came and went, records that moved, the score."""
    now = dns_reports.latest(domain)
    then = DnsReport.objects.filter(domain=domain, at__lte=since).first()
    if now is None or then is None or now.pk == then.pk:
        return ""
    new, gone = dns_reports.between(then, now)
    lines = [f"✗ {line.says} {line.fix}".rstrip() for line in new]
    lines += [gettext("✓ Over: %(what)s") % {"what": line.says} for line in gone]
    lines += _records(then, now)
    if not lines:
        return ""
    head = gettext("%(domain)s – score %(then)s → %(now)s") % {
        "domain": domain,
        "then": then.score,
        "now": now.score,
    }
    return "\n".join([head, *lines[:LINES]])


def _records(then: DnsReport, now: DnsReport) -> list[str]:
    """What stands in the zone, before and after; an answer that failed is no change."""
    before = {(r["name"], r["kind"], r["purpose"]): r for r in then.expected if r["state"] != "unknown"}
    lines = []
    for record in now.expected:
        old = before.get((record["name"], record["kind"], record["purpose"]))
        if old is None or record["state"] == "unknown" or sorted(old["found"]) == sorted(record["found"]):
            continue
        facts = {
            "record": f"{record['name']} {record['kind']}",
            "then": "; ".join(old["found"]) or "—",
            "now": "; ".join(record["found"]) or "—",
        }
        lines.append(gettext("~ %(record)s: %(then)s → %(now)s") % facts)
    return lines
