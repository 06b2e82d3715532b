"""TLS reports: how often senders could deliver encrypted. RFC 8460, 4.4. Pure."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mailadmin.dns.names import is_domain, normal

from .unpack import ReportFault

MOST_POLICIES, MOST_FAILURES, MOST_COUNT = 50, 100, 10**9


@dataclass(frozen=True, slots=True)
class Failure:
    """`kind`: a result type of 4.3 (starttls-not-supported, certificate-expired …)."""

    kind: str
    host: str
    sessions: int


@dataclass(frozen=True, slots=True)
class TlsReport:
    org: str
    identifier: str
    domain: str
    begin: datetime
    end: datetime
    policies: tuple[str, ...]  # sts, tlsa, no-policy-found
    good: int
    bad: int
    failures: tuple[Failure, ...]


def read(document: bytes) -> TlsReport:
    """Raises ReportFault."""
    try:
        told = json.loads(document)
    except (ValueError, RecursionError):
        raise ReportFault("malformed") from None
    policies = told.get("policies") if isinstance(told, dict) else None
    if not isinstance(policies, list) or not all(isinstance(policy, dict) for policy in policies):
        raise ReportFault("malformed")
    span = _dict(told.get("date-range"))
    try:
        begin, end = (_moment(span.get(key)) for key in ("start-datetime", "end-datetime"))
        domain = normal(_domain(policies[:MOST_POLICIES]))
    except (ValueError, OverflowError):
        raise ReportFault("malformed") from None
    identifier = str(told.get("report-id") or "")[:200]
    if not identifier or not is_domain(domain) or end < begin:
        raise ReportFault("malformed")
    return _sum(told, identifier, domain, (begin, end))


def _sum(told: dict[str, Any], identifier: str, domain: str, span: tuple[datetime, datetime]) -> TlsReport:
    policies = told["policies"][:MOST_POLICIES]
    good = bad = 0
    failures: list[Failure] = []
    for policy in policies:
        summary = _dict(policy.get("summary"))
        good += _count(summary.get("total-successful-session-count"))
        bad += _count(summary.get("total-failure-session-count"))
        details = policy.get("failure-details")
        failures += (
            [_failure(one) for one in details if isinstance(one, dict)] if isinstance(details, list) else []
        )
    kinds = {str(_dict(policy.get("policy")).get("policy-type") or "")[:40] for policy in policies}
    org = str(told.get("organization-name") or "")[:200]
    return TlsReport(
        org, identifier, domain, *span, tuple(sorted(kinds)), good, bad, tuple(failures[:MOST_FAILURES])
    )


def _failure(one: dict[str, Any]) -> Failure:
    return Failure(
        str(one.get("result-type") or "")[:60],
        str(one.get("receiving-mx-hostname") or "")[:253],
        _count(one.get("failed-session-count")),
    )


def _domain(policies: list[dict[str, Any]]) -> str:
    return next((str(d) for p in policies if (d := _dict(p.get("policy")).get("policy-domain"))), "")


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    """RFC 8460 writes numbers; some write them as text."""
    text = str(value)
    return min(int(text), MOST_COUNT) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _moment(value: object) -> datetime:
    found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
