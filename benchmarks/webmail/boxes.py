"""The accounts that are measured: what is known of them, and what another mail program does to them."""

import json
import random
import re
import time
from functools import cache
from typing import Any

from .imapraw import Imap
from .mailbox.plan import Box as Plan
from .place import ROOT

COMMON = "informe pedido cliente proyecto oficina meeting invoice report deadline shipment customer release"


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "mail/manifest.json").read_text())
    return found


@cache
def box_of(name: str) -> "Box":
    """Looking for the truth takes Dovecot half a minute on the big one: once a run."""
    return Box(name)


class Box:
    """What is known of an account: uids to open, words to look for with their true number of hits."""

    def __init__(self, name: str) -> None:
        self.name, self.user = name, f"{name}@bench.test"
        key = re.sub("(fts|sd)$", "", name)  # midfts holds the same messages as mid
        known = manifest()
        facts = known.get(key, known["mid"])
        truth = Imap(f"{key}@bench.test")
        self.exists = truth.select("INBOX")
        self.html40 = [uid for uid in map(truth.uid_of, facts["html40"][:30]) if uid] or _html(truth)
        truth.command(f"UID FETCH {','.join(map(str, self.html40))} (BODYSTRUCTURE ENVELOPE BODY.PEEK[])")
        self.deep = 500 if self.exists >= 50_000 else self.exists // 100
        self.common = [(word, _count(truth, word)) for word in COMMON.split()]
        self.rare = [(word, _count(truth, word)) for word in _rare(key, facts, known)]
        truth.close()
        self._other: Imap | None = None
        self._appended = 0

    def outside(self) -> Imap:
        """Another mail program on the same account: it changes what the webmail must notice. Not timed."""
        if self._other is None:
            self._other = Imap(self.user)
            self._other.select("INBOX")
        return self._other

    def flag_outside(self, number: int) -> None:
        sign = "+" if (number // 50) % 2 == 0 else "-"
        self.outside().command(f"UID STORE {1000 + number % 50} {sign}FLAGS ($Forwarded)")

    def append_outside(self, number: int) -> None:
        self._appended += 1
        letter = (
            f"From: Nuevo <n{number}@acme.test>\r\nTo: {self.user}\r\nSubject: bench-append {number}\r\n"
            f"Message-ID: <bench-append-{time.time()}.{number}@acme.test>\r\n"
            f"Date: Sun, 15 Jun 2025 15:00:00 +0000\r\n\r\nhola {number}\r\n"
        )
        imap = Imap(self.user)
        imap.command("APPEND INBOX", letter.encode())
        imap.close()

    def clean(self) -> None:
        imap = Imap(self.user)
        imap.select("INBOX")
        for uid in imap.command("UID SEARCH SUBJECT bench-append").uids():
            imap.command(f"UID STORE {uid} +FLAGS.SILENT (\\Deleted)")
        imap.command("EXPUNGE")
        imap.close()

    def close(self) -> None:
        if self._other:
            self._other.close()
            self._other = None


def _html(truth: Imap) -> list[int]:
    """Letters of about 40 KB of HTML and nothing attached, in a box the manifest does not know."""
    found = truth.command("UID SEARCH LARGER 30000 SMALLER 52000").uids()
    reply = truth.command(f"UID FETCH {','.join(map(str, found))} (BODYSTRUCTURE)")
    lines = [line for line in reply.lines if b'"html"' in line and b'"attachment"' not in line]
    return [int(uid[1]) for line in lines if (uid := re.search(rb"UID (\d+)", line))][:20]


def _count(truth: Imap, word: str) -> int:
    reply = truth.command(f"UID SEARCH RETURN (COUNT) SUBJECT {word}")
    found = re.search(rb"COUNT (\d+)", b" ".join(reply.lines))
    return int(found[1]) if found else 0


def _rare(key: str, facts: dict[str, Any], known: dict[str, Any]) -> list[str]:
    """Numbers that stand in few subjects."""
    if key not in known:
        return []
    plan = Plan(key, facts["folders"]["INBOX"], known["seed"] + (1 if key == "big" else 2))
    chance, found = random.Random(1), dict[str, None]()
    while len(found) < 24:
        number = re.search(r"#(\d{5})\b", plan.subject(plan.root[chance.randrange(plan.n)])[1])
        if number:
            found[number[1]] = None
    return list(found)
