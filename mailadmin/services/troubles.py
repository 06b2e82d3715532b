"""The three questions everybody asks, answered by the checks that decide them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailadmin.dns import suite
from mailadmin.dns.finding import Status
from mailadmin.dns.network import Network
from mailadmin.dns.subject import Subject
from mailadmin.services import dns_reports

PROBLEMS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "sending": (_("Sending fails"), ("spf", "dkim", "dmarc", "reverse", "host")),
    "receiving": (_("Nothing arrives"), ("zone", "mx", "host", "dnssec", "dane", "mta-sts")),
    "webmail": (_("The webmail cannot be reached"), ("host", "caa", "dnssec")),
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`cause` is the most harmful finding, None when the DNS is not to blame."""

    lines: list[dns_reports.Line]
    cause: dns_reports.Line | None


def diagnose(problem: str, about: Subject, network: Network) -> Diagnosis:
    checks = {name: suite.CHECKS[name] for name in PROBLEMS[problem][1]}
    report = suite.run(about, network, checks=checks)
    said = dns_reports.say([finding for _check, finding in report.findings], about.name)
    bad = [line for line in said if line.finding.status is Status.FAIL]
    bad.sort(key=lambda line: not line.finding.critical)
    return Diagnosis(said, bad[0] if bad else None)
