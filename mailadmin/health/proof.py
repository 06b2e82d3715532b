"""What a letter that came home proves: its folder, its time, its signature, what our server said of it."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Any

import dkim

from .canary import Failed, Found
from .reading import Reading, critical, fail, ok, warn

PART = "canary"
SLOW = 30_000  # milliseconds
AUTHSERV = re.compile(r"^\s*([^\s;]+)(?:\s+\d+)?\s*;(.*)$", re.DOTALL)
RESULT = re.compile(r"\b(dkim|spf|dmarc|arc|auth|iprev)=([a-z]+)")
CRITICAL = {
    "canary.no_submission",
    "canary.no_login",
    "canary.deferred",
    "canary.refused",
    "canary.no_imap",
    "canary.missing",
}


@dataclass(frozen=True, slots=True)
class Key:
    """The public DKIM key of the canary's domain, as the API tells; empty: the domain does not sign."""

    domain: str
    selector: str = ""
    public: str = ""


def failed(error: Failed) -> Reading:
    facts = {"said": error.said}
    found = critical if error.code in CRITICAL else fail
    return found(PART, error.code, **facts)


def judge(found: Found, milliseconds: int, key: Key, hostname: str) -> Reading:
    results = results_of(message_from_bytes(found.raw), hostname)
    facts: dict[str, Any] = {
        "milliseconds": milliseconds,
        "seconds": f"{milliseconds / 1000:.1f}",
        "results": ", ".join(f"{method}={said}" for method, said in sorted(results.items())),
    }
    if found.folder != "INBOX":
        return fail(PART, "canary.junk", folder=found.folder, **facts)
    if results.get("dkim") == "fail" or results.get("dmarc") == "fail":
        return fail(PART, "canary.not_believed", **facts)
    if bad := _signature(found.raw, key):
        return fail(PART, bad, domain=key.domain, selector=key.selector or "–", **facts)
    if milliseconds >= SLOW:
        return warn(PART, "canary.slow", **facts)
    return ok(PART, "canary.home" if key.public else "canary.home_unsigned", **facts)


def results_of(message: Message, hostname: str) -> dict[str, str]:
    """Method → result, only from our own server: anybody may have written the others (RFC 8601, 5)."""
    found: dict[str, str] = {}
    for value in message.get_all("Authentication-Results") or []:
        said = AUTHSERV.match(str(value))
        if said and said[1].lower() == hostname.lower():
            for method, result in RESULT.findall(said[2]):
                found.setdefault(method, result)
    return found


def _signature(raw: bytes, key: Key) -> str:
    """A code, or nothing when it is right: a domain that has a key signs, and with that key."""
    if not key.public:
        return ""
    signatures = message_from_bytes(raw).get_all("DKIM-Signature") or []
    domains = {found[1].lower() for s in signatures if (found := re.search(r"\bd=([^;\s]+)", str(s)))}
    if key.domain.lower() not in domains:
        return "canary.unsigned"
    record = f"v=DKIM1; k=rsa; p={key.public}".encode()
    try:
        good = dkim.verify(raw, dnsfunc=lambda name, timeout=5: record)
    except dkim.DKIMException:
        good = False
    return "" if good else "canary.bad_signature"
