"""Verify a domain, keep what was seen, and say it."""

import base64
import binascii
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext

from mailadmin.dns import bulk, expected, stability, suite
from mailadmin.dns.dkim.check import FIRST_SEEN, fingerprint
from mailadmin.dns.finding import ORDER, Finding, Status, fill
from mailadmin.dns.network import Network
from mailadmin.dns.subject import Key, Subject
from mailadmin.models import DnsAcceptance, DnsMemory, DnsReport, ParkedDomain
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound
from mailadmin.posteio.resources import Dkim
from mailadmin.services import dns_probes, dns_received

KEPT = 120  # reports per domain
SHARED_DAYS = 30
LOOK_SECONDS, LOOK_KEPT = 30, 600
Progress = Callable[[int, int], None]
SALT = "mailadmin.dns.shared"


@dataclass(frozen=True, slots=True)
class Line:
    """A finding in the reader's language."""

    finding: Finding
    check: str
    says: str
    why: str
    fix: str
    record: str
    rfc: str
    acceptance: DnsAcceptance | None = None
    settled: stability.Settled | None = None


def subject(poste: Client, name: str) -> Subject:
    parked = ParkedDomain.objects.filter(name=name).exists()
    try:
        catch_all = bool(poste.domains.get(name).catch_all)
        key = _key(poste.domains.dkim(name))
    except NotFound:
        catch_all, key = False, None
    memory = dict(DnsMemory.objects.filter(domain=name).values_list("key", "value"))
    begun = memory.get("dmarc-watching")
    since = {"dmarc.watching": datetime.fromisoformat(begun) if begun else timezone.now()}
    keys = (key,) if key else ()
    return Subject(
        name=name,
        server=dns_probes.server(),
        parked=parked,
        keys=keys,
        since=since,
        memory=memory,
        seen=dns_received.seen(name),
        reported=dns_received.reported(name),
        other_keys=other_keys(name, keys),
        catch_all=catch_all,
    )


def other_keys(name: str, keys: Iterable[Key]) -> dict[str, str]:
    """D14: whoever else had one of these keys at a verification."""
    found = {fingerprint(key.public): FIRST_SEEN + fingerprint(key.public) for key in keys}
    others = DnsMemory.objects.filter(key__in=found.values()).exclude(domain=name)
    domains = dict(others.order_by("-domain").values_list("key", "domain"))
    return {mark: domains[key] for mark, key in found.items() if key in domains}


def _key(found: Dkim) -> Key | None:
    text = found.public.partition("p=")[2] or found.public
    try:
        return Key(found.selector, base64.b64decode("".join(text.split()).rstrip(";"), validate=True))
    except (binascii.Error, ValueError):
        return None


def verify(poste: Client, network: Network, name: str, progress: Progress | None = None) -> DnsReport:
    """`progress` is told (done, all) after each check."""
    return keep(subject(poste, name), network, progress)


def keep(about: Subject, network: Network, progress: Progress | None = None) -> DnsReport:
    checks = suite.CHECKS | dns_probes.outside()
    with network.watching(about.name):
        report = suite.run(about, network, checks=checks, progress=progress)
        wanted = expected.safely(dns_probes.with_served(about, network), network)
        findings = (*report.findings, *dns_probes.findings(about, network))
        whole = tuple(("bulk", finding) for finding in bulk.check_bulk(f for _check, f in findings))
        report = replace(report, findings=(*findings, *whole))
    saved = DnsReport.objects.create(
        domain=about.name,
        at=report.at,
        status=str(report.status),
        score=report.score,
        findings=[[check, finding.to_json()] for check, finding in report.findings],
        expected=[record.to_json() for record in wanted],
        questions=report.questions,
    )
    _remember(about.name, report)
    old = DnsReport.objects.filter(domain=about.name).values_list("id", flat=True)[KEPT:]
    DnsReport.objects.filter(id__in=list(old)).delete()
    return saved


def looked(poste: Client, network: Network, name: str) -> list[dict[str, Any]]:
    """The records to publish as they are now, asked at most once in half a minute whoever looks."""
    key = f"dns-look:{name}"
    if cache.add(f"{key}:asked", 1, LOOK_SECONDS):
        about = dns_probes.with_served(subject(poste, name), None)
        with network.watching(name):
            found = expected.safely(about, network)
        cache.set(key, [record.to_json() for record in found], LOOK_KEPT)
    report = latest(name)
    known: list[dict[str, Any]] = cache.get(key) or (report.expected if report else [])
    return known


def _remember(name: str, report: suite.Report) -> None:
    """A finding says what the next run must know; an older memory of the same thing stays."""
    for _check, finding in report.findings:
        for key, value in finding.facts.get("remember", {}).items():
            DnsMemory.objects.get_or_create(domain=name, key=key[:300], defaults={"value": value[:300]})
    if any(finding.code == "zone.serial" for _check, finding in report.findings):
        DnsMemory.objects.filter(domain=name, key__startswith="serials:").delete()
    for code, key in (("sts.enforce", "sts-testing"), ("dmarc.policy", "dmarc-watching")):
        if any(finding.code == code for _check, finding in report.findings):
            DnsMemory.objects.filter(domain=name, key=key).delete()


def lines(report: DnsReport) -> list[Line]:
    """Most harmful first; within a status in the order of the checks."""
    return say([Finding.from_json(data) for _check, data in report.findings], report.domain)


def say(findings: list[Finding], domain: str) -> list[Line]:
    today = timezone.localdate()
    accepted = {a.key: a for a in DnsAcceptance.objects.filter(domain=domain, until__gte=today)}
    history = _history(domain)
    said = [_line(finding, accepted, history) for finding in findings]
    return sorted(said, key=lambda line: -ORDER[line.finding.status])


def _line(
    finding: Finding, accepted: dict[str, DnsAcceptance], history: dict[str, list[stability.Observation]]
) -> Line:
    words = suite.WORDS[finding.code]
    said = [fill(gettext(text), finding.facts) if text else "" for text in (words.says, words.why, words.fix)]
    return Line(
        finding,
        words.check,
        said[0],
        said[1],
        said[2],
        str(finding.facts.get("record", "")),
        words.rfc,
        accepted.get(finding.key),
        stability.settle(history.get(finding.key, [])),
    )


def _history(domain: str) -> dict[str, list[stability.Observation]]:
    seen: dict[str, list[stability.Observation]] = {}
    recent = DnsReport.objects.filter(domain=domain).only("at", "findings")[:20]
    for report in reversed(recent):
        for _check, data in report.findings:
            finding = Finding.from_json(data)
            entry = stability.Observation(finding.asked or report.at, finding.status, finding.critical)
            seen.setdefault(finding.key, []).append(entry)
    return seen


def counts(said: list[Line]) -> dict[str, int]:
    """What still counts: accepted findings do not."""
    open_lines = [line for line in said if line.acceptance is None]
    return {str(status): sum(line.finding.status is status for line in open_lines) for status in Status}


def latest(domain: str) -> DnsReport | None:
    return DnsReport.objects.filter(domain=domain).first()


def changes(report: DnsReport) -> tuple[list[Line], list[Line]]:
    """(new troubles, troubles gone) against the run before."""
    before = DnsReport.objects.filter(domain=report.domain, at__lt=report.at).first()
    return between(before, report) if before else ([], [])


def between(before: DnsReport, report: DnsReport) -> tuple[list[Line], list[Line]]:
    """(troubles that came, troubles that went); what could not be measured has neither come nor gone."""
    now_bad, then_bad = _bad(lines(report)), _bad(lines(before))
    deaf = {check for check, data in report.findings if data["status"] == "unknown"}
    unheard = {Finding.from_json(data).key for check, data in before.findings if check in deaf}
    new = [line for key, line in now_bad.items() if key not in then_bad]
    gone = [line for key, line in then_bad.items() if key not in now_bad and key not in unheard]
    return new, gone


def _bad(said: list[Line]) -> dict[str, Line]:
    return {line.finding.key: line for line in said if line.finding.status in (Status.WARN, Status.FAIL)}


def accept(domain: str, key: str, reason: str, until: date, by: str) -> None:
    DnsAcceptance.objects.update_or_create(
        domain=domain, key=key[:300], defaults={"reason": reason, "until": until, "by": by}
    )


def withdraw(domain: str, key: str) -> None:
    DnsAcceptance.objects.filter(domain=domain, key=key).delete()


def park(domain: str, parked: bool) -> None:
    if parked:
        ParkedDomain.objects.get_or_create(name=domain)
    else:
        ParkedDomain.objects.filter(name=domain).delete()


def share(domain: str) -> str:
    """A key to the read-only page of one domain; it ends by itself."""
    return signing.dumps(domain, salt=SALT)


def shared(token: str) -> str | None:
    try:
        found: Any = signing.loads(token, salt=SALT, max_age=timedelta(days=SHARED_DAYS))
    except signing.BadSignature:
        return None
    return str(found)


def schedule(poste: Client) -> list[tuple[str, int]]:
    """(domain, seconds from now), spread over the hour by name: the same minute every time."""
    return [(found.name, zlib.crc32(found.name.encode()) % 3600) for found in poste.domains.all()]
