"""Reports about our domains: taken in once, kept for a while, and summed up by source."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from django.conf import settings
from django.utils import timezone

from mailadmin.dns import names
from mailadmin.dns.dkim.record import is_selector
from mailadmin.dns.dmarc.readiness import next_policy
from mailadmin.dns.reports import aggregate, tls
from mailadmin.dns.reports.unpack import ReportFault, documents
from mailadmin.dns.subject import Reported, Seen, Selector
from mailadmin.models import ReceivedReport
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound

DAYS = 30  # what is summed up
REMEMBERED = 70  # days in which a sender counts as seen, and some more: a report ends late
MOST_PASSING, MOST_SELECTORS = 200, 10
KEPT = timedelta(days=120)
MOST_SOURCES, MOST_REPORTS = 300, 3000  # of one report, of one domain
SUMS = ("letters", "aligned", "strict", "spf", "dkim", "refused")
AHEAD = timedelta(days=2)  # a report about the future is none


@dataclass(frozen=True, slots=True)
class Taken:
    """`state`: new, known (already there), other (not our domain), or what is wrong with it."""

    state: str
    kind: str = ""
    domain: str = ""
    org: str = ""


@dataclass(slots=True)
class Source:
    """One sender of the last 30 days. `own`: an address of the mail server."""

    address: str
    own: bool
    letters: int = 0
    aligned: int = 0
    spf: int = 0
    dkim: int = 0
    refused: int = 0
    strict: int = 0
    signers: list[str] = field(default_factory=list)

    @property
    def share(self) -> int:
        return 100 * self.aligned // self.letters

    @property
    def verdict(self) -> str:
        """ok · part · own-fails · stranger: what it means in one word; the page has the sentence."""
        if self.aligned == self.letters:
            return "ok"
        if self.own:
            return "own-fails"
        return "part" if self.aligned else "stranger"


@dataclass(frozen=True, slots=True)
class Summary:
    sources: list[Source]
    reports: int
    orgs: list[str]
    days: int  # from the first to the last that show the policy as it is now
    policy: str
    next_policy: str

    @property
    def seen(self) -> list[Seen]:
        return [Seen(s.address, s.letters, s.aligned, s.own, s.strict) for s in self.sources]

    @property
    def letters(self) -> int:
        return sum(source.letters for source in self.sources)

    @property
    def share(self) -> int:
        return 100 * sum(source.aligned for source in self.sources) // self.letters if self.letters else 0


@dataclass(frozen=True, slots=True)
class Encrypted:
    """Of the TLS reports. `failures`: (kind, host) → sessions, the most first."""

    reports: int
    good: int
    bad: int
    failures: list[tuple[str, str, int]]


def take(poste: Client, raw: bytes, *, only: str = "") -> list[Taken]:
    """Every report in a letter, an archive or a file. `only`: one domain.

    Whatever it is, this never raises for its content.
    """
    try:
        found = documents(raw)
    except ReportFault as fault:
        return [Taken(str(fault))]
    return [_take(poste, document, only) for document in found]


def _take(poste: Client, document: bytes, only: str) -> Taken:
    kind = "tls" if document.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "dmarc"
    try:
        report: aggregate.Aggregate | tls.TlsReport = (
            tls.read(document) if kind == "tls" else aggregate.read(document)
        )
    except ReportFault as fault:
        return Taken(str(fault), kind)
    if report.end > timezone.now() + AHEAD or report.end < timezone.now() - KEPT:
        return Taken("old", kind, report.domain, report.org)
    if not _is_ours(poste, report.domain, only):
        return Taken("other", kind, report.domain, report.org)
    facts = _tls_facts(report) if isinstance(report, tls.TlsReport) else _facts(report)
    _row, new = ReceivedReport.objects.get_or_create(
        domain=report.domain,
        kind=kind,
        org=report.org,
        identifier=report.identifier,
        defaults={"begin": report.begin, "end": report.end, "facts": facts},
    )
    if new:
        _forget(report.domain)
    return Taken("new" if new else "known", kind, report.domain, report.org)


def _is_ours(poste: Client, domain: str, only: str) -> bool:
    if only and domain != only:
        return False
    try:
        poste.domains.get(domain)
    except NotFound:
        return False
    return True


def _facts(report: aggregate.Aggregate) -> dict[str, Any]:
    sums: dict[str, dict[str, Any]] = {}
    for row in report.rows:
        one = sums.setdefault(
            row.source,
            {**dict.fromkeys(SUMS, 0), "signers": [], "selectors": []},
        )
        one["letters"] += row.count
        one["aligned"] += row.count * row.aligned
        one["strict"] += row.count * row.strict
        one["spf"] += row.count * row.spf
        one["dkim"] += row.count * row.dkim
        one["refused"] += row.count * (row.disposition in ("quarantine", "reject"))
        if row.signer and row.signer not in one["signers"] and len(one["signers"]) < 5:
            one["signers"].append(row.signer)
        _note_selectors(one, row, report.domain)
    most = sorted(sums.items(), key=lambda entry: -entry[1]["letters"])
    kept = [{"source": source, **one} for source, one in most[:MOST_SOURCES]]
    return {"policy": report.policy, "sources": kept}


def _note_selectors(one: dict[str, Any], row: aggregate.Row, domain: str) -> None:
    """[selector, good] of signatures in the domain's own name."""
    for signature in row.signatures:
        told = [signature.selector, signature.good]
        if signature.domain == domain and told not in one["selectors"] and len(one["selectors"]) < 10:
            one["selectors"].append(told)


def _tls_facts(report: tls.TlsReport) -> dict[str, Any]:
    failures = [[f.kind, f.host, f.sessions] for f in report.failures]
    return {"good": report.good, "bad": report.bad, "policies": list(report.policies), "failures": failures}


def _forget(domain: str) -> None:
    ReceivedReport.objects.filter(end__lt=timezone.now() - KEPT).delete()
    old = ReceivedReport.objects.filter(domain=domain).values_list("id", flat=True)[MOST_REPORTS:]
    ReceivedReport.objects.filter(id__in=list(old)).delete()


def summary(domain: str, now: datetime | None = None) -> Summary:
    found = list(_recent(domain, "dmarc", now or timezone.now()))
    ours = {str(names.address(text)) for text in settings.MAIL_ADDRESSES}
    sources: dict[str, Source] = {}
    for report in found:
        for told in report.facts.get("sources", []):
            address = str(told["source"])
            one = sources.setdefault(address, Source(address, address in ours))
            for name in SUMS:
                setattr(one, name, getattr(one, name) + int(told.get(name, 0)))
            one.signers += [name for name in told["signers"] if name not in one.signers]
    policy = str(found[0].facts.get("policy", "none")) if found else "none"
    under = list(takewhile(lambda report: report.facts.get("policy", "none") == policy, found))
    days = (under[0].end - min(report.begin for report in under)).days if under else 0
    seen = [Seen(one.address, one.letters, one.aligned, one.own) for one in sources.values()]
    return Summary(
        sorted(sources.values(), key=lambda one: (not one.own, -one.letters)),
        len(found),
        sorted({report.org for report in found if report.org}),
        days,
        policy,
        next_policy(policy, seen, days),
    )


def seen(domain: str) -> tuple[Seen, ...] | None:
    """For check A11; None while nobody reads reports here."""
    if (
        not settings.REPORTS_MAILBOX
        and not ReceivedReport.objects.filter(domain=domain, kind="dmarc").exists()
    ):
        return None
    return tuple(summary(domain).seen)


def reported(domain: str, now: datetime | None = None) -> Reported | None:
    """For checks D1 and S13; None while there are no reports."""
    found = list(_recent(domain, "dmarc", now or timezone.now(), REMEMBERED))
    if not found:
        return None
    ours = {str(names.address(text)) for text in settings.MAIL_ADDRESSES}
    letters: dict[str, int] = {}
    last: dict[str, datetime] = {}
    own: dict[str, bool] = {}
    for report in found:
        for told in report.facts.get("sources", []):
            source = str(told["source"])
            if told["spf"]:
                letters[source] = letters.get(source, 0) + int(told["spf"])
                last[source] = max(last.get(source, report.end), report.end)
            for selector, good in told.get("selectors", []):
                # what fails from a stranger is a forgery and names whatever it likes
                if is_selector(selector) and (good or source in ours):
                    own[selector] = own.get(selector, False) or source in ours
    most = sorted(letters, key=lambda source: -letters[source])
    return Reported(
        since=min(report.begin for report in found),
        passing=tuple((source, last[source]) for source in most[:MOST_PASSING]),
        whole=len(most) <= MOST_PASSING and all(_is_whole(report) for report in found),
        selectors=tuple(Selector(name, own[name]) for name in sorted(own)[:MOST_SELECTORS]),
    )


def _is_whole(report: ReceivedReport) -> bool:
    return len(report.facts.get("sources", [])) < MOST_SOURCES


def encrypted(domain: str, now: datetime | None = None) -> Encrypted:
    found = list(_recent(domain, "tls", now or timezone.now()))
    failures: dict[tuple[str, str], int] = {}
    for report in found:
        for kind, host, sessions in report.facts.get("failures", []):
            failures[kind, host] = failures.get((kind, host), 0) + int(sessions)
    most = sorted(((*key, count) for key, count in failures.items()), key=lambda one: -one[2])[:20]
    good, bad = (sum(int(report.facts.get(name, 0)) for report in found) for name in ("good", "bad"))
    return Encrypted(len(found), good, bad, most)


def _recent(domain: str, kind: str, now: datetime, days: int = DAYS) -> Iterable[ReceivedReport]:
    return ReceivedReport.objects.filter(domain=domain, kind=kind, end__gte=now - timedelta(days=days))
