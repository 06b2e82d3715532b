"""Would a strict policy lose mail? From DMARC aggregate reports. Check A11; RFC 9990."""

from collections.abc import Iterator
from typing import Any

from mailadmin.dns.finding import Finding, info, not_applicable, ok, unknown, warn
from mailadmin.dns.subject import Subject

from .record import Record

READY, POOR = 98, 90  # percent that pass aligned
FEWEST = 20  # letters: fewer say nothing


def check_readiness(subject: Subject, record: Record) -> Iterator[Finding]:
    if subject.seen is None:
        yield not_applicable("dmarc.reports-unread")
        return
    total = sum(seen.letters for seen in subject.seen)
    if total < FEWEST:
        yield unknown("dmarc.reports-few", count=total)
        return
    share = 100 * sum(seen.aligned for seen in subject.seen) // total
    failing = sorted(seen.source for seen in subject.seen if seen.own and seen.aligned < seen.letters)
    facts: dict[str, Any] = {
        "share": share,
        "count": total,
        "sources": failing or "—",
        "policy": record.policy,
    }
    if share < POOR and record.policy != "none":
        yield warn("dmarc.losing", **facts)
    elif share >= READY and not failing:
        yield ok("dmarc.ready", **facts)
    else:
        yield info("dmarc.not-ready", **facts)
