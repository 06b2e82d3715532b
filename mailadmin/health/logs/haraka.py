"""Haraka 2 and 3, the SMTP server of poste.io: `[NOTICE] [UUID.1] [core] message mid="<…>" size=… code=CONT`.

Known from Haraka's own issue tracker and sources; not tried on a running poste.io.
"""

import re
from datetime import datetime

from .event import Event, Foreign

VERSION = "haraka 2/3"
HEAD = re.compile(
    r"(?:\S+ haraka(?:\[\d+\])?: )?\[(?P<level>[A-Z]+)\] "
    r"\[(?P<id>-|[0-9A-F-]{36}(?:\.\d+)*)\] \[(?P<plugin>[^\]]*)\] "
    r"?(?P<rest>.*)",
    re.DOTALL,
)
PAIR = re.compile(r'(?P<key>\w+)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>\S*))')


def parse(at: datetime | None, rest: str) -> Event | None:
    head = HEAD.match(rest)
    if not head:
        raise Foreign
    if head["id"] == "-" or head["level"] in ("DEBUG", "PROTOCOL", "DATA"):
        return None
    return _of(at, head["id"], head["plugin"], head["rest"].strip())


def message_of(identity: str) -> str:
    """UUID.1.2 (an outbound copy) belongs to the message UUID.1."""
    return ".".join(identity.split(".")[:2])


def _of(at: datetime | None, identity: str, plugin: str, rest: str) -> Event | None:
    queue, verb = message_of(identity), rest.partition(" ")[0]
    told = {
        m["key"].strip(): m["quoted"] if m["quoted"] is not None else m["bare"] for m in PAIR.finditer(rest)
    }
    if plugin == "core" and verb in ("sender", "recipient"):
        address = re.match(r"\w+ <([^>]*)>", rest)
        facts = {"sender" if verb == "sender" else "recipient": address[1] if address else ""}
        if told.get("code") in ("CONT", "OK", "NEXT", None):
            return Event(at, "queued" if verb == "sender" else "addressed", queue, facts=facts)
        kind = "put_off" if "SOFT" in told["code"] else "refused"
        return Event(at, kind, queue, facts={**facts, "said": told.get("msg", "")})
    if plugin == "core" and verb == "message":
        return Event(at, "identified", queue, told.get("mid", ""), {"size": told.get("size", "")})
    if plugin == "core" and verb == "queue":
        good = told.get("code") in ("CONT", "OK", None)
        return Event(at, "taken" if good else "refused", queue, facts={"said": told.get("msg", "")})
    if plugin == "core" and verb in ("connect", "disconnect"):
        facts = {"ip": told.get("ip", ""), "host": told.get("rdns", ""), "last": told.get("lr", "")}
        return Event(at, "accepted", queue, facts=facts) if "." in queue else None
    if plugin == "outbound":
        return _outbound(at, queue, rest, told)
    return None


def _outbound(at: datetime | None, queue: str, rest: str, told: dict[str, str]) -> Event | None:
    facts = {"relay": told.get("host", ""), "said": told.get("response", "") or told.get("reason", "")}
    facts |= (
        {"recipient": told.get("rcpt", "").strip("<>")}
        if told.get("rcpt")
        else {"domain": told.get("domain", "")}
    )
    for begins, kind in (
        ("delivered", "sent"),
        ("bounce", "bounced"),
        ("temp fail", "deferred"),
        ("deferred", "deferred"),
    ):
        if rest.lower().startswith(begins):
            return Event(at, kind, queue, facts=facts)
    return None
