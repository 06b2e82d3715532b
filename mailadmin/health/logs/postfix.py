"""Postfix 3 as postlogd and syslog write it: `… postfix/smtpd[12]: 4Xy…: client=…`."""

import re
from datetime import datetime

from .event import Event, Foreign

VERSION = "postfix 3"
HEAD = re.compile(r"(?:\S+ )?postfix(?P<services>(?:/[\w.-]+)+)\[(?P<pid>\d+)\]: (?P<rest>.*)", re.DOTALL)
QUEUE = re.compile(
    r"(?P<queue>[0-9A-F]{6,15}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,20}): (?P<rest>.*)", re.DOTALL
)
CLIENT = re.compile(
    r"client=(?P<host>[^\[]*)\[(?P<ip>[^\]]*)\](?::\d+)?(?:, .*?sasl_username=(?P<user>\S+))?"
)
ORIGIN = re.compile(r"orig_client=[^\[]*\[([^\]]*)\]")
SENT = re.compile(
    r"to=<(?P<recipient>[^>]*)>(?:, orig_to=<(?P<asked>[^>]*)>)?, relay=(?P<relay>.*?), (?:conn_use=\d+, )?"
    r"delay=(?P<delay>[\d.]+), .*?dsn=(?P<dsn>[\d.]+), status=(?P<status>\w+) \((?P<said>.*)\)"
)
MILESTONES = (
    (
        "subject",
        re.compile(r"(?:warning|info): header Subject: (?P<subject>.*?)(?: from \S+\[[^]]*\])?(?:; |$)"),
    ),
    ("identified", re.compile(r"(?:resent-)?message-id=(?P<id><[^>]*>|\S*)")),
    ("queued", re.compile(r"from=<(?P<sender>[^>]*)>, size=(?P<size>\d+), nrcpt=(?P<count>\d+)")),
    ("finished", re.compile(r"removed")),
    ("expired", re.compile(r"from=<(?P<sender>[^>]*)>, status=expired")),
    ("notified", re.compile(r"sender (?:non-delivery|delivery status) notification: (?P<child>\w+)")),
)
IDLE = ("uid=", "skipped", "warning", "replace:", "prepend:", "info:", "enabling", "host ", "lost ")
REJECT = re.compile(
    r"(?P<how>milter-reject|reject|milter-hold|milter-discard|discard|hold): (?P<stage>[\w-]+)"
    r"(?: command)? from (?P<host>[^\[]*)\[(?P<ip>[^\]]*)\](?::\d+)?: (?P<said>.*?)"
    r"(?:;(?: from=<(?P<sender>[^>]*)>)?(?: to=<(?P<recipient>[^>]*)>)?(?: proto=.*)?)?$"
)
TLS = re.compile(
    r"(?:Anonymous|Untrusted|Trusted|Verified) TLS connection established (from|to) \S+: (TLSv[\d.]+)"
)
QUIET = re.compile(
    r"(?:connect|disconnect|lost connection|timeout|CONNECT|PASS|DISCONNECT|HANGUP|PREGREET|DNSBL|COMMAND"
    r"|NON-SMTP|BARE|ALLOWLIST|DENYLIST|WHITELIST|cache|discarding EHLO|statistics|warning|daemon|improper"
    r"|SSL_accept|refreshing|reload|terminating|starting|addr |setting up|too many|master|connect to "
    r"|Untrusted|Anonymous|Trusted|Verified|certificate|fatal|error|panic|skipping|enabling|host )"
)


def parse(at: datetime | None, rest: str) -> Event | None:
    """An event; None for a line that belongs to no message. Raises Foreign."""
    head = HEAD.match(rest)
    if not head:
        raise Foreign
    service = head["services"].rpartition("/")[2]
    if tls := TLS.match(head["rest"]):
        return Event(at, "tls", facts={"process": _process(head), "tls": tls[2], "way": tls[1]})
    if head["rest"].startswith("NOQUEUE: "):
        return _rejected(at, head["rest"].removeprefix("NOQUEUE: "), "")
    queued = QUEUE.match(head["rest"])
    if not queued:
        if QUIET.match(head["rest"]):
            return None
        raise Foreign
    return _of_message(at, service, queued["queue"], queued["rest"], _process(head))


def _process(head: "re.Match[str]") -> str:
    return f"{head['services']}[{head['pid']}]"


def _of_message(at: datetime | None, service: str, queue: str, rest: str, process: str) -> Event | None:
    if found := SENT.match(rest):
        return _handed_on(at, service, queue, found)
    if found := CLIENT.match(rest):
        origin = ORIGIN.search(rest)
        facts = {
            "host": found["host"],
            "ip": origin[1] if origin else found["ip"],
            "user": found["user"] or "",
        }
        return Event(at, "accepted", queue, facts={**facts, "process": process})
    for kind, pattern in MILESTONES:
        if found := pattern.match(rest):
            facts = _facts(found)
            return Event(at, kind, queue, facts.pop("id", ""), facts)
    return None if rest.startswith(IDLE) else _rejected(at, rest, queue)


def _handed_on(at: datetime | None, service: str, queue: str, found: "re.Match[str]") -> Event:
    facts = _facts(found)
    if found["status"] == "sent":
        inside = service == "lmtp" or "dovecot" in found["relay"] or service == "virtual"
        kind = "delivered" if inside else "sent"
    else:
        kind = {"deferred": "deferred", "bounced": "bounced"}.get(found["status"], "undeliverable")
    if session := re.search(r"> (\S+) Saved", found["said"]):
        facts["session"] = session[1]
    return Event(at, kind, queue, facts=facts)


def _rejected(at: datetime | None, rest: str, queue: str) -> Event:
    found = REJECT.match(rest)
    if not found:
        raise Foreign
    late = re.search(r"\b4\d\d\b|\b4\.\d\.\d", found["said"]) is not None
    kind = "put_off" if late else "refused"
    if found["how"].endswith("discard"):
        kind = "discarded"
    if found["how"].endswith("hold"):
        kind = "held"
    return Event(at, kind, queue, facts=_facts(found))


def _facts(found: "re.Match[str]") -> dict[str, str]:
    return {key: value for key, value in found.groupdict().items() if value}
