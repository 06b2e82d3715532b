"""Check D1: selectors that DMARC reports show, beyond those the mail server knows of."""

from collections.abc import Iterator

from mailadmin.dns.finding import Finding, fail, info, not_applicable, ok, warn
from mailadmin.dns.network import Network
from mailadmin.dns.subject import Selector, Subject

from .judge import judge_strength, judge_use
from .record import RecordFault, parse


def check_reported(subject: Subject, net: Network) -> Iterator[Finding]:
    """A newsletter service, a website, an old server: whoever signs in the domain's name."""
    if subject.reported is None:
        yield not_applicable("dkim.reports-none")
        return
    known = {key.selector.lower() for key in subject.keys} | {name.lower() for name in subject.retired}
    others = [selector for selector in subject.reported.selectors if selector.name.lower() not in known]
    yield ok("dkim.reported", selectors=[selector.name for selector in others] or ["—"])
    for selector in others:
        yield from _one(selector, f"{selector.name}._domainkey.{subject.name}", net)


def _one(selector: Selector, name: str, net: Network) -> Iterator[Finding]:
    on = selector.name
    texts = net.texts(name)
    if not texts:
        # A stranger's may have ended since; our own server is signing with a key that nobody finds.
        missing = warn if selector.own else info
        yield missing("dkim.reported-missing", on=on, selector=on, name=name)
        return
    if len(texts) > 1:
        yield fail("dkim.reported-several", on=on, name=name, count=len(texts))
        return
    try:
        record = parse(texts[0])
    except RecordFault as fault:
        yield fail("dkim.reported-broken", on=on, name=name, detail=fault.detail or fault.code)
        return
    if record.revoked:
        yield info("dkim.revoked-on-purpose", on=on, selector=on)
        return
    yield ok("dkim.present", on=on, name=name)
    yield from judge_strength(record, on)
    yield from judge_use(record, on)
