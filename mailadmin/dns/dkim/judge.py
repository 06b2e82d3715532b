"""What a published key is worth, whoever's it is. Checks D5 and D8 to D11."""

from collections.abc import Iterator

from mailadmin.dns.finding import Finding, fail, info, ok, warn

from .record import KeyRecord

WEAK, SHORT, LONG = 1024, 2048, 4096


def judge_use(record: KeyRecord, on: str) -> Iterator[Finding]:
    """What it may be used for, whoever's key it is."""
    yield warn("dkim.testing", on=on) if "y" in record.flags else ok("dkim.not-testing", on=on)
    # D9: it only harms mail with an identity below the domain, and no record shows whether there is any.
    yield info("dkim.strict", on=on) if "s" in record.flags else ok("dkim.any-identity", on=on)
    if record.hashes and "sha256" not in record.hashes:
        yield fail("dkim.no-sha256", on=on, hashes=list(record.hashes))  # RFC 8301, 3.1
    else:
        yield ok("dkim.hashes", on=on)
    if not {"*", "email"} & set(record.services):
        yield fail("dkim.not-for-mail", on=on, services=list(record.services))
    else:
        yield ok("dkim.services", on=on)


def judge_strength(record: KeyRecord, on: str) -> Iterator[Finding]:
    if record.kind == "ed25519":
        yield ok("dkim.strong", on=on, bits=256, kind="Ed25519")
        return
    facts = {"bits": record.bits, "kind": "RSA"}
    if record.bits < WEAK:
        yield fail("dkim.weak", on=on, **facts)  # RFC 8301, 3.2: must not be accepted
    elif record.bits < SHORT:
        yield warn("dkim.short", on=on, **facts)
    elif record.bits > LONG:
        yield warn("dkim.long", on=on, **facts)
    else:
        yield ok("dkim.strong", on=on, **facts)
    if record.exponent != 65537:
        yield info("dkim.exponent", on=on, exponent=record.exponent)
