"""Rspamd 2 and 3: one line per message, `rspamd_task_write_log: id: <…>, qid: <…>, …: [2.10/15.00] […]`."""

import re
from datetime import datetime

from .event import Event, Foreign

VERSION = "rspamd 3"
HEAD = re.compile(
    r"(?:\S+ rspamd\[\d+\]: )?(?:#\d+\([\w ]+\) )?(?:<[^>]*>; )?(?P<module>[\w-]+); (?P<rest>.*)", re.DOTALL
)
TASK = re.compile(
    r"(?:rspamd_task_write_log|rspamd_log_task)?:? ?id: <(?P<id>[^>]*)>, "
    r"(?:qid: <(?P<queue>[^>]*)>, )?ip: (?P<ip>[^,]*), "
    r"(?:user: (?P<user>[^,]*), )?(?:smtp_)?from: <(?P<sender>[^>]*)>.*?"
    r"\(default: (?P<flag>\w) \((?P<action>[\w ]+)\): "
    r"\[(?P<score>-?[\d.]+)/(?P<limit>-?[\d.]+)\] \[(?P<symbols>.*?)\]"
)
WORTH = re.compile(r"([A-Z][A-Z0-9_]{2,40})\((-?\d+\.\d+)\)")
MOST_REASONS = 4


def parse(at: datetime | None, rest: str) -> Event | None:
    head = HEAD.match(rest)
    if not head:
        raise Foreign
    if "task_write_log" not in head["rest"]:
        return None
    found = TASK.search(head["rest"])
    if not found or head["rest"].count("qid: <") > 1:  # the second one comes out of a forged Message-ID
        raise Foreign
    weights = sorted(
        ((float(w), name) for name, w in WORTH.findall(found["symbols"])), key=lambda one: -abs(one[0])
    )
    facts = {
        "score": f"{float(found['score']):.1f}",
        "limit": f"{float(found['limit']):.0f}",
        "action": found["action"],
        "sender": found["sender"],
        "reasons": ", ".join(f"{name} {weight:+.1f}" for weight, name in weights[:MOST_REASONS] if weight),
        "signed": "DKIM_SIGNED" in found["symbols"],
    }
    return Event(at, "filtered", found["queue"] or "", f"<{found['id']}>", facts)
