"""Would a strict policy lose mail? From DMARC aggregate reports. Check A11; RFC 9990."""

from collections.abc import Iterator, Sequence
from typing import Any

from mailadmin.dns.finding import Finding, info, not_applicable, ok, unknown, warn
from mailadmin.dns.subject import Seen, Subject

from .record import Record, RecordFault, parse

READY, POOR = 98, 90  # percent that pass aligned
FEWEST = 20  # letters: fewer say nothing
WATCHED = 14  # days of reports before a step
WHOLE = 100  # percent


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


def next_policy(policy: str, seen: Sequence[Seen] | None, days: int) -> str:
    """The safe way to p=reject, one step at a time: the policy to publish next, or the one that stands.

    Only after two weeks of reports in which all that is ours passes; back to watching when mail is lost.
    """
    total = sum(one.letters for one in seen or ())
    if total < FEWEST or days < WATCHED:
        return policy
    share = 100 * sum(one.aligned for one in seen or ()) // total
    failing = any(one.own and one.aligned < one.letters for one in seen or ())
    if failing or share < POOR:
        return "none" if failing or policy == "none" else policy
    if share < READY:
        return policy
    return {"none": "quarantine", "quarantine": "reject"}.get(policy, policy)


def next_record(text: str, seen: Sequence[Seen], days: int) -> str:
    """The record one safe step further; the same text when it should stay.

    Half a policy (pct below 100, which RFC 9989 no longer knows; t=y) first holds for all.
    `days`: how long reports have shown this very policy.
    """
    try:
        record = parse(text)
    except RecordFault:
        return text
    policy = record.tags.get("p", "none").lower()
    wanted = next_policy(policy, seen, days)
    if wanted == "none" and policy != "none":
        return with_policy(text, "none")
    share = record.tags.get("pct", "100")
    half = record.testing or (share.isdigit() and int(share) < WHOLE)
    if half and policy != "none":
        ready = next_policy("none", seen, days) != "none"
        return _without(text, ("pct", "t")) if ready else text
    if wanted != policy:
        return with_policy(text, wanted)
    return with_strict(text) if policy == "reject" and _may_be_strict(seen, days) else text


def _may_be_strict(seen: Sequence[Seen], days: int) -> bool:
    """The last step: all that passes would pass, too, if only the very same domain counted."""
    ready = next_policy("none", seen, days) != "none"
    return ready and all(one.strict == one.aligned for one in seen)


def with_strict(text: str) -> str:
    """The record as it is, with strict alignment behind its policies."""
    kept = [
        (tag.partition("=")[0].strip().lower(), tag.strip()) for tag in text.split(";")[1:] if tag.strip()
    ]
    told = {name: tag.partition("=")[2].strip().lower() for name, tag in kept}
    if told.get("adkim") == told.get("aspf") == "s":
        return text
    policies = [tag for name, tag in kept if name in ("p", "sp", "np")]
    others = [tag for name, tag in kept if name not in ("p", "sp", "np", "adkim", "aspf")]
    return "; ".join(["v=DMARC1", *policies, "adkim=s", "aspf=s", *others])


def _without(text: str, names: tuple[str, ...]) -> str:
    kept = [tag.strip() for tag in text.split(";") if tag.strip()]
    return "; ".join(tag for tag in kept if tag.partition("=")[0].strip().lower() not in names)


def with_policy(text: str, policy: str) -> str:
    """The record as it is, with another policy: second tag of it (RFC 9989, 4.7); the rest stays."""
    kept = [tag.strip() for tag in text.split(";")[1:] if tag.strip()]
    kept = [tag for tag in kept if tag.partition("=")[0].strip().lower() not in ("p", "sp")]
    return "; ".join(["v=DMARC1", f"p={policy}", *([f"sp={policy}"] if policy == "reject" else []), *kept])
