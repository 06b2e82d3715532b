"""What our own server found out about the sender. RFC 8601.

Anybody can write Authentication-Results into a letter; only those that carry our server's name are ours,
and of these only the topmost: a good server removes forged ones, a careless one leaves them below its own.
"""

import re
from dataclasses import dataclass

from . import headers

_RESULT = re.compile(r"\b(dkim|spf|dmarc|arc)\s*=\s*([a-z]{1,20})", re.IGNORECASE)
_PROPERTY = re.compile(
    r"\b(header\.d|header\.i|header\.from|smtp\.mailfrom)\s*=\s*\"?([^\s;\"]{1,255})", re.IGNORECASE
)
_COMMENT = re.compile(r"\([^()]{0,500}\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`state`: proven, failed, or unknown. `domain`: who vouches for it."""

    state: str = "unknown"
    domain: str = ""
    results: tuple[tuple[str, str], ...] = ()


def verdict(known: headers.Fields, authserv_id: str, sender_domain: str) -> Verdict:
    for value in headers.every(known, "authentication-results"):
        text = _COMMENT.sub(" ", value.decode("latin-1"))
        name, _, rest = text.partition(";")
        if name.split()[:1] != [authserv_id]:
            continue
        return _judge(rest, sender_domain.lower())
    return Verdict()


def _judge(rest: str, sender_domain: str) -> Verdict:
    results: dict[str, str] = {}
    aligned = ""
    for clause in rest.split(";")[:50]:
        found = _RESULT.search(clause)
        if not found:
            continue
        method, result = found[1].lower(), found[2].lower()
        if results.get(method) != "pass":
            results[method] = result
        if result == "pass" and method in ("dkim", "spf"):
            aligned = aligned or _aligned(clause, sender_domain)
    pairs = tuple(results.items())
    if results.get("dmarc") == "pass" or aligned:
        return Verdict(state="proven", domain=aligned or sender_domain, results=pairs)
    # None of them passed for this sender's domain: it may be anybody.
    failed = results.get("dmarc") in ("fail", "reject", "quarantine") or results.get("spf") == "fail"
    return Verdict(state="failed" if failed else "unknown", results=pairs)


def _aligned(clause: str, sender_domain: str) -> str:
    for _, value in _PROPERTY.findall(clause):
        domain = value.rpartition("@")[2].lower()
        if domain and (sender_domain == domain or sender_domain.endswith(f".{domain}")):
            return str(domain)
    return ""
