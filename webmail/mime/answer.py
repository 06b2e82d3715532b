"""Reply, reply to all, forward: to whom, under which subject, with which quote."""

import re
from dataclasses import dataclass

from webmail.types import Address, Envelope

from . import addresses, compose

_PREFIX = re.compile(
    r"^\s*(?:(?:re|r|aw|sv|vs|antw|antwort|odp|res|rif|ref|fwd?|rv|wg|tr|enc|i|pd|doorst)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*)+",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"^\s*(?:re|aw|sv|vs|antw|antwort|odp|res|rif)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]", re.IGNORECASE
)
_PASSED_ON = re.compile(r"^\s*(?:fwd?|rv|wg|tr|enc|doorst)\s*[:：]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()


def reply_subject(subject: str) -> str:
    """One Re:, whatever stood there in whichever language."""
    return (
        subject.strip() if _ANSWERS.match(subject) and not _twice(subject) else f"Re: {bare_subject(subject)}"
    )


def forward_subject(subject: str) -> str:
    return (
        subject.strip()
        if _PASSED_ON.match(subject) and not _twice(subject)
        else f"Fwd: {bare_subject(subject)}"
    )


def bare_subject(subject: str) -> str:
    return _PREFIX.sub("", subject[:2000], count=1).strip()


def _twice(subject: str) -> bool:
    found = _PREFIX.match(subject[:2000])
    return bool(found and len(re.findall(r"[:：]", found[0])) > 1)


def recipients(envelope: Envelope, own: frozenset[str], *, everyone: bool, followup: str = "") -> Recipients:
    """`own`: the writer's addresses, lower case. `followup`: Mail-Followup-To, heeded for everyone."""
    if everyone and followup:
        wanted = _others(addresses.parse(followup.encode()), own)
        if wanted:
            return Recipients(to=wanted)
    back = envelope.reply_to or envelope.sender
    from_me = bool(envelope.sender) and all(a.address.lower() in own for a in envelope.sender)
    if from_me:
        # Answering my own letter goes on with those I wrote to.
        to = _others(envelope.to, own) or envelope.to
        return Recipients(to=to, cc=_others(envelope.cc, own, to) if everyone else ())
    to = _others(back, own) or back
    if not everyone:
        return Recipients(to=to)
    to = (*to, *_others(envelope.to, own, to))
    return Recipients(to=to, cc=_others(envelope.cc, own, to))


def _others(
    people: tuple[Address, ...], own: frozenset[str], besides: tuple[Address, ...] = ()
) -> tuple[Address, ...]:
    seen = {*own, *(a.address.lower() for a in besides)}
    kept = []
    for person in people:
        key = person.address.lower()
        if "@" in key and key not in seen:
            seen.add(key)
            kept.append(person)
    return tuple(kept)


def references(envelope: Envelope, header: str) -> tuple[str, ...]:
    """RFC 5322, 3.6.4: what the parent referred to, then the parent."""
    known = compose.message_ids(header) or compose.message_ids(envelope.in_reply_to)[:1]
    parent = compose.message_ids(envelope.message_id)
    return tuple(dict.fromkeys((*known, *parent)))


def quoted(text: str) -> str:
    """With > before each line, without the signature, at most as long as somebody would read."""
    lines = text.strip("\n").split("\n")
    for position, line in enumerate(lines):
        if line == "-- ":
            lines = lines[:position]
            break
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines[:5000])
