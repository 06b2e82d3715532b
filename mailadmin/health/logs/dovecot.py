"""Dovecot 2.3 and 2.4: `lmtp(ana@kronos.test)<12><session>: Info: sieve: msgid=<…>: stored mail into …`."""

import re
from datetime import datetime

from .event import Event, Foreign

VERSION = "dovecot 2.3"
HEAD = re.compile(
    r"(?:\S+ )?(?:dovecot(?:\[\d+\])?: )?(?P<service>[a-z][a-z0-9-]*)(?P<who>(?:\([^)]*\))?(?:<[^>]*>)*): "
    r"(?:(?P<level>Info|Warning|Error|Fatal|Panic|Debug): )?(?P<rest>.*)",
    re.DOTALL,
)
USER = re.compile(r"^\(([^()\s,]+@[^()\s,]+)")
SESSION = re.compile(r"<([^<>]+)>$")
STORED = re.compile(
    r"(?:sieve: )?msgid=(?P<id><[^>]*>|\S*): (?:stored mail into|saved mail to)"
    r" (?:mailbox )?'?(?P<folder>[^']*)'?"
)
OTHER = re.compile(r"(?:sieve: )?msgid=(?P<id><[^>]*>|\S*): (?P<said>.*)")
SERVICES = {
    *(
        "lmtp",
        "lda",
        "imap",
        "pop3",
        "imap-login",
        "pop3-login",
        "managesieve",
        "managesieve-login",
        "master",
    ),
    *(
        "auth",
        "auth-worker",
        "indexer",
        "indexer-worker",
        "doveadm",
        "anvil",
        "log",
        "config",
        "stats",
        "dict",
    ),
    *(
        "quota-status",
        "submission",
        "submission-login",
        "ssl-params",
        "old-stats",
        "replicator",
        "imap-hibernate",
    ),
    *("lmtp-login", "script", "doveconf", "script-login"),
}


def parse(at: datetime | None, rest: str) -> Event | None:
    head = HEAD.match(rest)
    if not head or head["service"] not in SERVICES:
        raise Foreign
    if head["service"] not in ("lmtp", "lda"):
        return None  # people reading their mail are nobody's story
    user, session = USER.match(head["who"] or ""), SESSION.search(head["who"] or "")
    facts = {"recipient": user[1] if user else "", "session": session[1] if session else ""}
    said = head["rest"]
    if found := STORED.match(said):
        return Event(at, "stored", "", found["id"], {**facts, "folder": found["folder"]})
    if found := OTHER.match(said):
        return Event(at, _kind(found["said"]), "", found["id"], {**facts, "said": found["said"][:200]})
    return None


def _kind(said: str) -> str:
    for begins, kind in (
        ("forwarded to", "forwarded"),
        ("redirect action", "forwarded"),
        ("sent vacation", "answered"),
        ("vacation action", "answered"),
        ("marked message to be discarded", "dropped"),
        ("discard action", "dropped"),
        ("discarded", "dropped"),
        ("rejected", "returned"),
        ("failed", "not_stored"),
        ("save failed", "not_stored"),
    ):
        if said.startswith(begins):
            return kind
    return "noted"
