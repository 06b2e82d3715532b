"""A letter that really arrived, judged as its receiver would. Checks D12, A10, G3. RFC 6376, 9989."""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import parseaddr
from typing import Any

import dkim

from . import tags
from .dmarc.record import RecordFault, discover, organisation, parse
from .finding import Finding, critical, fail, info, ok, unknown, warn
from .letter_words import WORDS as WORDS
from .network import LookupFailed, Network
from .subject import Subject

MOST_SIGNATURES = 5
QUICK = 60  # seconds


@dataclass(frozen=True, slots=True)
class Letter:
    """`sender`: of the envelope. `seconds`: from sending to arrival, None when it never came."""

    raw: bytes
    sender: str
    seconds: float | None = None
    external: bool = False  # it came back through a mailbox of somebody else


@dataclass(frozen=True, slots=True)
class Signature:
    domain: str
    selector: str
    good: bool
    limited: bool  # l=: what follows is not signed
    signed: str
    canonical: str


def signatures(raw: bytes, net: Network) -> list[Signature]:
    """Raises LookupFailed when a key could not be asked for."""
    message = email.message_from_bytes(raw)
    found = []
    for index, header in enumerate((message.get_all("DKIM-Signature") or [])[:MOST_SIGNATURES]):
        try:
            told = tags.parse("".join(str(header).split("\n")))
        except tags.TagFault:
            continue
        good = _verifies(raw, index, net)
        domain = told.get("d", "").lower()
        signed = tags.without_space(told.get("h", "")).lower()
        found.append(
            Signature(domain, told.get("s", ""), good, "l" in told, signed, told.get("c", "simple/simple"))
        )
    return found


def _verifies(raw: bytes, index: int, net: Network) -> bool:
    failed: list[LookupFailed] = []

    def key(name: bytes | str, timeout: int = 5) -> bytes | None:
        place = (name.decode("ascii", "replace") if isinstance(name, bytes) else name).rstrip(".").lower()
        try:
            texts = net.texts(place)
        except LookupFailed as fault:
            failed.append(fault)
            return None
        return texts[0].encode() if len(texts) == 1 else None

    try:
        good = bool(dkim.DKIM(raw).verify(idx=index, dnsfunc=key))
    except (dkim.DKIMException, ValueError):
        good = False
    if failed:
        raise failed[0]
    return good


def check_letter(subject: Subject, letter: Letter, net: Network) -> Iterator[Finding]:
    if letter.seconds is None:
        yield fail("letter.lost")
        return
    try:
        found = signatures(letter.raw, net)
        yield from _signed(subject, found)
        yield from _aligned(subject, letter, found, net)
    except LookupFailed as fault:
        yield unknown("letter.unmeasured", reason=str(fault))
        return
    yield from _way(letter)


def _signed(subject: Subject, found: list[Signature]) -> Iterator[Finding]:
    good = [signature for signature in found if signature.good]
    if not good:
        yield critical("letter.signature-bad" if found else "letter.unsigned", domain=subject.name)
        return
    yield ok("letter.signature", domain=good[0].domain, selector=good[0].selector)
    if any(signature.limited for signature in good):
        yield warn("letter.signature-limited")
    if any(signature.canonical.partition("/")[0] == "simple" for signature in good):
        yield info("letter.signature-simple")
    if any(signature.signed.split(":").count("from") > 1 for signature in good):
        yield info("letter.oversigned")


def _aligned(subject: Subject, letter: Letter, found: list[Signature], net: Network) -> Iterator[Finding]:
    """RFC 9989, 4.4: relaxed compares organisational domains, strict the names themselves."""
    author = (
        parseaddr(str(email.message_from_bytes(letter.raw).get("From", "")))[1].rpartition("@")[2].lower()
    )
    policy, options = "none", {}
    try:
        place, texts = discover(author, net)
        if len(texts) == 1:
            record = parse(texts[0])
            policy, options = record.policy_for(own=place == author), record.tags
    except RecordFault:
        pass
    envelope = letter.sender.rpartition("@")[2].lower()
    by_spf = _same(envelope, author, options.get("aspf", "r"), net)
    by_dkim = any(s.good and _same(s.domain, author, options.get("adkim", "r"), net) for s in found)
    facts: dict[str, Any] = {
        "author": author,
        "envelope": envelope,
        "signer": [s.domain for s in found] or "—",
    }
    if by_spf and by_dkim:
        yield ok("letter.aligned", **facts)
    elif by_spf or by_dkim:
        yield info("letter.half-aligned", by="SPF" if by_spf else "DKIM", **facts)
    elif policy != "none":
        yield critical("letter.unaligned", policy=policy, **facts)
    else:
        yield warn("letter.unaligned-watched", **facts)


def _same(one: str, other: str, mode: str, net: Network) -> bool:
    if mode.lower() == "s" or not one:
        return one == other
    return one == other or organisation(one, net) == organisation(other, net)


def _way(letter: Letter) -> Iterator[Finding]:
    """G3: what the other side wrote down (RFC 8601), how long it took and whether TLS was used."""
    message = email.message_from_bytes(letter.raw)
    seconds = round(letter.seconds or 0)
    results = _results(message)
    told = {kind: _result(results, kind) for kind in ("spf", "dkim", "dmarc")}
    missing = [kind for kind, result in told.items() if result == ""]
    bad = [f"{kind}={result}" for kind, result in told.items() if result not in ("", "pass")]
    if letter.external and bad:
        yield fail("letter.judged-bad", results=bad)
    elif letter.external and missing:
        yield warn("letter.judged-partly", missing=missing)
    elif letter.external:
        yield ok("letter.judged")
    yield warn("letter.slow", seconds=seconds) if seconds >= QUICK else ok("letter.quick", seconds=seconds)
    yield from _encrypted(message)
    if str(message.get("X-Spam-Flag", message.get("X-Spam", ""))).strip().lower() in ("yes", "true"):
        yield warn("letter.spam")


def _results(message: Message) -> str:
    """Only of the last receiver, who wrote on top: others may say what they like (RFC 8601, 5)."""
    found = [" ".join(str(one).split()) for one in message.get_all("Authentication-Results") or []]
    writer = found[0].partition(";")[0].strip().lower() if found else ""
    return " ".join(one for one in found if one.partition(";")[0].strip().lower() == writer)


def _result(text: str, kind: str) -> str:
    found = re.search(rf"\b{kind}=([a-z]+)", text, re.IGNORECASE)
    return found[1].lower() if found else ""


def _encrypted(message: Message) -> Iterator[Finding]:
    hops = [" ".join(str(hop).split()) for hop in message.get_all("Received") or []]
    if not hops:
        return
    clear = [hop for hop in hops if re.search(r"\bwith E?SMTPA?\b", hop) and "TLS" not in hop]
    outside = [hop for hop in clear if not re.search(r"\b(localhost|127\.0\.0\.1|::1)\b", hop)]
    yield warn("letter.clear", hop=outside[0][:120]) if outside else ok("letter.encrypted")
