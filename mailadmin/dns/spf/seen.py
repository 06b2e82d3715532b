"""Who is authorised, and does anybody send from there? Check S13, from DMARC reports."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mailadmin.dns.finding import Finding, info, not_applicable, ok, unknown
from mailadmin.dns.names import address
from mailadmin.dns.network import Network
from mailadmin.dns.subject import Reported, Subject

from .evaluate import Evaluation, is_askable
from .record import Record

UNSEEN = timedelta(days=60)


def check_seen(subject: Subject, record: Record, services: dict[str, str], net: Network) -> Iterator[Finding]:
    """Each include of the domain's own record: those below it are not ours to remove."""
    if subject.reported is None:
        yield not_applicable("spf.reports-none")
        return
    for target in dict.fromkeys(_targets(record)):
        yield _seen(subject.name, target, services.get(target, target), subject.reported, net)


def _targets(record: Record) -> Iterator[str]:
    for term in record.terms:
        name = term.value.rstrip(".").lower()
        if term.name == "include" and "%" not in name and is_askable(name):
            yield name


def _seen(domain: str, target: str, service: str, reported: Reported, net: Network) -> Finding:
    facts = {"service": service, "domain": target}
    last, sure = _last(domain, target, reported, net)
    if last is not None and net.now() - last <= UNSEEN:
        return ok("spf.include-seen", on=target, day=last.date().isoformat(), **facts)
    if not sure:
        return unknown("spf.include-unmeasured", on=target, **facts)
    if net.now() - reported.since < UNSEEN:
        return not_applicable(
            "spf.include-watching", on=target, day=reported.since.date().isoformat(), **facts
        )
    return info("spf.include-unseen", on=target, days=UNSEEN.days, **facts)


def _last(domain: str, target: str, reported: Reported, net: Network) -> tuple[datetime | None, bool]:
    """(end of the last report with a sender of this include, whether a "never" would be certain)."""
    last: datetime | None = None
    sure = reported.whole
    for source, end in reported.passing:
        if (ip := address(source)) is None or (last is not None and end <= last):
            continue
        result = Evaluation(net, ip, f"postmaster@{domain}", domain).run(target).result
        if result == "pass":
            last = end
        sure = sure and result not in ("temperror", "permerror", "none")
    return last, sure
