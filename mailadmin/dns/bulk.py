"""What Gmail, Yahoo and Outlook ask of every sender, put together from what is known. Check G1. Pure."""

from collections.abc import Iterable, Iterator

from .finding import Finding, Status, Words, _, ok, unknown, warn

# Requirement → the findings that speak of it; it is met when one passes and none fails.
NEEDS = {
    "SPF": ("spf.sender-passes", "spf.sender-fails", "spf.missing", "spf.several", "spf.syntax"),
    "DKIM": ("dkim.same-key", "dkim.other-key", "dkim.missing", "dkim.revoked", "dkim.no-selector"),
    "DMARC": ("dmarc.syntax-good", "dmarc.inherited", "dmarc.missing", "dmarc.several", "dmarc.invalid"),
    "PTR": ("reverse.way-back", "reverse.no-way-back", "reverse.missing", "reverse.missing-ipv6"),
    "TLS": ("smtp.extensions", "smtp.extensions-missing", "smtp.no-starttls"),
    "alignment": ("letter.aligned", "letter.half-aligned", "letter.unaligned", "letter.unaligned-watched"),
}
GOOD = (Status.PASS, Status.INFO)


def check_bulk(found: Iterable[Finding]) -> Iterator[Finding]:
    known = list(found)
    if any(f.code in ("spf.parked", "spf.parked-open", "zone.absent") for f in known):
        return
    states = {need: _met([f for f in known if f.code in codes]) for need, codes in NEEDS.items()}
    missing = [need for need, met in states.items() if met is False]
    unmeasured = [need for need, met in states.items() if met is None]
    if missing:
        yield warn("bulk.missing", needs=missing)
    elif unmeasured:
        yield unknown("bulk.unmeasured", needs=unmeasured)
    else:
        yield ok("bulk.ready", needs=list(NEEDS))


def _met(found: list[Finding]) -> bool | None:
    if any(f.status in (Status.FAIL, Status.WARN) for f in found):
        return False
    return True if any(f.status in GOOD for f in found) else None


WORDS = {
    "bulk.ready": Words(
        "G1",
        _("What large receivers ask of every sender is there: %(needs)s. Complaints only they can count."),
    ),
    "bulk.unmeasured": Words("G1", _("Of what large receivers ask, this is not known: %(needs)s.")),
    "bulk.missing": Words(
        "G1",
        _("Of what large receivers ask, this is missing: %(needs)s."),
        _("Gmail, Yahoo and Outlook refuse or slow down mail without it (“550 5.7.26”, “550 5.7.515”)."),
        _("Mend these first; each stands on this page with its remedy."),
    ),
}
