"""Checks D1 to D11 and D13 to D15: what is published, against the keys the server signs with."""

import hashlib
from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Any

from mailadmin.dns.finding import Finding, critical, fail, info, ok, warn
from mailadmin.dns.network import Network
from mailadmin.dns.subject import Key, Subject

from .judge import judge_strength, judge_use
from .record import KeyRecord, RecordFault, parse, to_text
from .reported import check_reported
from .words import WORDS as WORDS

DAYS = 365
FIRST_SEEN = "dkim-key:"  # and the fingerprint: when a key was first met in a domain


def check_dkim(subject: Subject, net: Network) -> Iterator[Finding]:
    if subject.parked:
        return
    yield from check_reported(subject, net)
    if not subject.keys:
        yield fail("dkim.no-selector") if subject.signs else info("dkim.not-signing")
        return
    yield ok("dkim.selectors", selectors=[key.selector for key in subject.keys])
    kinds = set()
    for key in subject.keys:
        record = yield from _selector(subject, key, net)
        if record is not None:
            kinds.add(record.kind)
        yield from _age(subject, key, net)
        yield from _shared(subject, key)
    if kinds == {"ed25519"}:
        yield warn("dkim.only-ed25519")
    for selector in sorted(subject.retired):
        texts = net.texts(f"{selector}._domainkey.{subject.name}")
        if any("p=" in text and not text.partition("p=")[2].strip("; ") for text in texts):
            yield info("dkim.revoked-on-purpose", on=selector, selector=selector)


def _selector(subject: Subject, key: Key, net: Network) -> Generator[Finding, None, KeyRecord | None]:
    name = f"{key.selector}._domainkey.{subject.name}"
    wanted = f'{name}. IN TXT "{to_text(key.public)}"'
    texts = net.texts(name)
    if not texts:
        yield fail("dkim.missing", on=key.selector, selector=key.selector, name=name, record=wanted)
        return None
    if len(texts) > 1:
        # RFC 6376, 3.6.2.2: the results are undefined.
        yield fail("dkim.several", on=key.selector, name=name, count=len(texts), record=wanted)
        return None
    yield ok("dkim.present", on=key.selector, name=name)
    yield from _strings(key, name, texts[0])
    try:
        record = parse(texts[0])
    except RecordFault as fault:
        yield fail(f"dkim.{fault.code}", on=key.selector, name=name, detail=fault.detail, record=wanted)
        return None
    yield ok("dkim.syntax-good", on=key.selector, name=name)
    yield from _judge(record, key, wanted)
    return record


def _strings(key: Key, name: str, text: str) -> Iterator[Finding]:
    """D15: traces of a provider's form."""
    for character in ('"', "\\", "“", "”"):
        if character in text:
            yield fail("dkim.stray-character", on=key.selector, name=name, character=character)
            return
    yield ok("dkim.strings", on=key.selector)


def _judge(record: KeyRecord, key: Key, wanted: str) -> Iterator[Finding]:
    on = key.selector
    if record.revoked:
        yield fail("dkim.revoked", on=on, selector=on, record=wanted)
        return
    yield from judge_strength(record, on)
    if record.public == key.public:
        yield ok("dkim.same-key", on=on, fingerprint=fingerprint(key.public))
    else:
        yield critical(
            "dkim.other-key",
            on=on,
            selector=on,
            published=fingerprint(record.public),
            ours=fingerprint(key.public),
            record=wanted,
        )
    yield from judge_use(record, on)


def _age(subject: Subject, key: Key, net: Network) -> Iterator[Finding]:
    """D13. When the mail server does not say when it made the key: since we first saw it."""
    memory = FIRST_SEEN + fingerprint(key.public)
    seen = subject.memory.get(memory) or net.now().isoformat()
    days = (net.now() - (key.created or datetime.fromisoformat(seen))).days
    facts: dict[str, Any] = {"days": days, "remember": {memory: seen}}
    if days > 2 * DAYS:
        yield warn("dkim.old", on=key.selector, **facts)
    elif days > DAYS:
        yield info("dkim.ageing", on=key.selector, **facts)
    else:
        yield ok("dkim.young", on=key.selector, **facts)


def _shared(subject: Subject, key: Key) -> Iterator[Finding]:
    other = subject.other_keys.get(fingerprint(key.public), subject.name)
    if other != subject.name:
        yield info("dkim.shared", on=key.selector, domain=other)


def fingerprint(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]
