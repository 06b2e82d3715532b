"""New and ended troubles of a domain, grouped to one message, said once. Rule E2."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext

from mailadmin.dns import stability
from mailadmin.dns.finding import Finding, Status
from mailadmin.models import DnsAcceptance, DnsAlert, DnsReport
from mailadmin.services import alerts, dns_reports, dns_silence

RUNS = 20
SOON, RESTED = 4 * 60, 16 * 60  # seconds: three looks in ten minutes; two a quarter of an hour apart
Send = Callable[[str, str], object]


def tell(domain: str, send: Send = alerts.send) -> tuple[list[str], list[str]]:
    """(keys that are new, keys that ended); one message for all of them. Silent while dns_silence says so."""
    if dns_silence.active(domain):
        return [], []
    reports = list(reversed(DnsReport.objects.filter(domain=domain).only("at", "findings")[:RUNS]))
    accepted, announced = _known(domain)
    settled = {key: stability.settle(seen) for key, seen in timelines(reports).items() if len(seen) > 1}
    new = [k for k, s in settled.items() if _alarming(s) and k not in announced and k not in accepted]
    ended = [k for k in announced if k in settled and _over(settled[k])]
    if new or ended:
        title, text = _message(domain, new, ended, reports)
        send(title, text)
    for key in new:
        DnsAlert.objects.get_or_create(domain=domain, key=key, defaults={"since": timezone.now()})
    DnsAlert.objects.filter(domain=domain, key__in=ended).delete()
    return sorted(new), sorted(ended)


def look_again(domain: str) -> int:
    """Seconds until a look that would confirm or clear a critical failure nobody was told of, or 0.

    What the DNS says is asked anew at once; connections to services rest for a quarter of an hour (E11).
    """
    report = DnsReport.objects.filter(domain=domain).only("findings").first()
    if report is None or dns_silence.active(domain):
        return 0
    found = [Finding.from_json(data) for _check, data in report.findings]
    accepted, announced = _known(domain)
    open_ones = [finding for finding in found if finding.critical and finding.key not in accepted | announced]
    if not open_ones:
        return 0
    return SOON if any(finding.asked is None for finding in open_ones) else RESTED


def _known(domain: str) -> tuple[set[str], set[str]]:
    """Keys that are accepted, and keys that were announced."""
    valid = DnsAcceptance.objects.filter(domain=domain, until__gte=timezone.localdate())
    announced = DnsAlert.objects.filter(domain=domain)
    return set(valid.values_list("key", flat=True)), set(announced.values_list("key", flat=True))


def _alarming(settled: stability.Settled) -> bool:
    return settled.status is Status.FAIL


def _over(settled: stability.Settled) -> bool:
    """What comes and goes is said once, and over when it has been quiet for a day."""
    return settled.status is Status.PASS and not settled.unstable


def timelines(reports: Sequence[DnsReport]) -> dict[str, list[stability.Observation]]:
    """For every failure ever seen: failed, gone, or (its check had no answer) unknown, run by run."""
    runs = [(r.at, [(check, Finding.from_json(data)) for check, data in r.findings]) for r in reports]
    checks = {f.key: check for _at, found in runs for check, f in found if f.status is Status.FAIL}
    lines: dict[str, list[stability.Observation]] = {key: [] for key in checks}
    for at, found in runs:
        there = {f.key: f for _check, f in found}
        deaf = {check for check, f in found if f.status is Status.UNKNOWN}
        for key, check in checks.items():
            if here := there.get(key):
                seen = stability.Observation(here.asked or at, here.status, here.critical)
            else:
                seen = stability.Observation(at, Status.UNKNOWN if check in deaf else Status.PASS)
            lines[key].append(seen)
    # A failure that was there from the first run needs a second look too.
    return {key: _doubted(seen) for key, seen in lines.items()}


def _doubted(seen: list[stability.Observation]) -> list[stability.Observation]:
    first = seen[0]
    return [stability.Observation(first.at - stability.APART, Status.PASS), *seen]


def _message(
    domain: str, new: Sequence[str], ended: Sequence[str], reports: Sequence[DnsReport]
) -> tuple[str, str]:
    with translation.override(settings.LANGUAGE_CODE):
        said = {}
        for report in reports:
            said.update({line.finding.key: line for line in dns_reports.lines(report)})
        parts = [f"✗ {said[k].says} {said[k].fix}" for k in new if k in said]
        parts += [gettext("✓ Over: %(what)s") % {"what": said[k].says} for k in ended if k in said]
        title = gettext("DNS of %(domain)s: %(new)s new, %(ended)s over") % {
            "domain": domain,
            "new": len(new),
            "ended": len(ended),
        }
        return title, "\n".join(parts)
