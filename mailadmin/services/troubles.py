"""The three questions everybody asks, answered by what decides them: DNS, services, the server's health."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailadmin.dns import suite
from mailadmin.dns.finding import Status
from mailadmin.dns.network import Network
from mailadmin.dns.subject import Subject
from mailadmin.services import dns_probes, dns_reports, health


@dataclass(frozen=True, slots=True)
class Problem:
    """`checks` of the DNS, `probes` of the services (names in suite), `health`: parts of the server."""

    title: str | Promise
    checks: tuple[str, ...]
    probes: tuple[str, ...]
    health: tuple[str, ...]


PROBLEMS: dict[str, Problem] = {
    "sending": Problem(
        _("Sending fails"),
        ("host", "spf", "dkim", "dmarc", "reverse", "outbound", "block-lists", "domain-lists"),
        ("ports", "login", "anonymous", "certificates", "clock", "letter"),
        ("queue", "canary", "port.submission", "port.submissions", "disk"),
    ),
    "receiving": Problem(
        _("Nothing arrives"),
        ("zone", "mx", "host", "dnssec", "dane", "mta-sts", "registration"),
        ("smtp", "witness", "recipients", "mx-certificates", "tlsa"),
        ("port.smtp", "disk", "queue", "canary", "certificate"),
    ),
    "webmail": Problem(
        _("The webmail cannot be reached"),
        ("host", "caa", "dnssec", "website"),
        ("ports", "witness", "certificates"),
        ("port.https", "certificate", "acme", "api", "database", "redis", "worker"),
    ),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """One sentence each: what it is, why it matters, what to do."""

    says: str
    why: str
    fix: str
    record: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`cause`: the most harmful thing found, None when nothing asked here is to blame."""

    lines: list[dns_reports.Line]
    health: list[health.Line]
    cause: Cause | None


def diagnose(name: str, about: Subject, network: Network) -> Diagnosis:
    problem = PROBLEMS[name]
    allowed = suite.CHECKS | dns_probes.outside() | suite.WEBSITE
    checks = {check: allowed[check] for check in problem.checks if check in allowed}
    report = suite.run(about, network, checks=checks)
    probed = [finding for check, finding in dns_probes.findings(about, network) if check in problem.probes]
    said = dns_reports.say([finding for _check, finding in report.findings] + probed, about.name)
    own = health.lines(
        reading
        for reading in health.current(health.newest(), timezone.now())
        if reading.part.replace(":", ".").startswith(problem.health)
    )
    return Diagnosis(said, own, _cause(said, own))


def _cause(said: Iterable[dns_reports.Line], own: Iterable[health.Line]) -> Cause | None:
    """Critical before the rest; what the DNS and the services show before what the server says of itself."""
    found = [
        (not line.finding.critical, Cause(line.says, line.why, line.fix, line.record))
        for line in said
        if line.finding.status is Status.FAIL
    ]
    found += [
        (not line.reading.critical, Cause(line.says, "", line.fix))
        for line in own
        if str(line.reading.status) == "fail"
    ]
    found.sort(key=lambda entry: entry[0])
    return found[0][1] if found else None
