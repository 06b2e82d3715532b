"""Postfix asks before it takes a letter (SMTPD_POLICY_README): may this one have it, may that one send it?"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping

from . import scripts
from .brake import is_exempt
from .database import Database
from .dovecot import Dovecot, DovecotAway
from .redirects import Destinations, destinations

DUNNO = "DUNNO"
# Read, and taken away again, by the filter (rspamd.local.lua).
PASSES = "PREPEND X-Postie-Passes: on"
MB = 1024 * 1024
LONGEST = 64 * 1024
HOUR = 3600
RECIPIENTS_PER_HOUR = 500  # by account; settings.recipients_per_hour
RECIPIENTS_PER_HOUR_AND_ADDRESS = 2000  # by client address; settings.recipients_per_hour_and_address
REMEMBERED = 100_000
Question = Mapping[str, str]
Judge = Callable[[Question], Awaitable[str]]


async def serve(port: int, judge: Judge) -> asyncio.Server:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while True:
                block = await reader.readuntil(b"\n\n")
                lines = block.decode("utf-8", "replace").splitlines()
                answer = await judge(dict(line.split("=", 1) for line in lines if "=" in line))
                writer.write(f"action={answer}\n\n".encode())
                await writer.drain()
        writer.close()

    return await asyncio.start_server(talk, "127.0.0.1", port, limit=LONGEST)


class RecipientPolicy:
    """Refuses at RCPT what would bounce later: nobody there, shut, or full, also behind aliases."""

    def __init__(self, database: Database, dovecot: Dovecot):
        self.database, self.dovecot = database, dovecot

    async def __call__(self, question: Question) -> str:
        recipient = question.get("recipient", "").lower()
        if not self.database.row("SELECT 1 FROM domains WHERE name = ?", recipient.rpartition("@")[2]):
            return DUNNO
        found = destinations(self.database, recipient)
        reachable = found.boxes or found.elsewhere
        if found.disabled and not reachable:
            return "550 5.2.1 This mailbox is switched off"
        if not reachable:
            return "550 5.1.1 There is no such mailbox here"
        size = _whole(question.get("size"))
        full = [box for box in sorted(found.boxes) if await self._is_full(box, size)]
        if not full:
            return PASSES if self._passes(question, found) else DUNNO
        if len(full) == len(found.boxes) and not found.elsewhere:
            return "552 5.2.2 This mailbox is full"
        # Refused for good, the others of the group would never get it; taken, it would bounce at a stranger.
        return "452 4.2.2 One of the mailboxes behind this address is full. Please try again later"

    def _passes(self, question: Question, found: Destinations) -> bool:
        """A stranger's, and it may go on to somewhere else: only such a letter needs our seal (ARC)."""
        if question.get("sasl_username"):
            return False
        return bool(found.elsewhere) or any(self._filters_on(box) for box in found.boxes)

    def _filters_on(self, address: str) -> bool:
        row = self.database.row("SELECT home FROM boxes WHERE address = ?", address)
        return row is not None and scripts.sends_on(self.database.mail_root / row["home"])

    async def _is_full(self, address: str, size: int) -> bool:
        row = self.database.row("SELECT storage_limit, count_limit FROM boxes WHERE address = ?", address)
        if row is None or not (row["storage_limit"] or row["count_limit"]):
            return False
        try:
            used, count = await asyncio.to_thread(self.dovecot.usage, address)
        except DovecotAway:
            return False  # the queue waits for Dovecot anyway
        too_big = bool(row["storage_limit"]) and used + max(size, 1) > row["storage_limit"] * MB
        return too_big or (bool(row["count_limit"]) and count >= row["count_limit"])


class SubmissionLimits:
    """A stolen password must not send a million letters: recipients per hour, by account and by address."""

    def __init__(self, database: Database):
        self.database = database
        self._sent: dict[str, deque[tuple[float, int]]] = {}

    async def __call__(self, question: Question) -> str:
        user = question.get("sasl_username", "").lower()
        if not user:
            return DUNNO
        number = max(1, _whole(question.get("recipient_count")))
        limits = {f"user {user}": self.database.setting("recipients_per_hour", RECIPIENTS_PER_HOUR)}
        address = question.get("client_address", "")
        if not is_exempt(address):  # everybody writes from the webmail's one address
            limits[f"address {address}"] = self.database.setting(
                "recipients_per_hour_and_address", RECIPIENTS_PER_HOUR_AND_ADDRESS
            )
        for who, limit in limits.items():
            if self._within_an_hour(who) + number > limit:
                return f"450 4.7.1 More than {limit} recipients within an hour. Please try again later"
        for who in limits:
            self._sent.setdefault(who, deque()).append((time.monotonic(), number))
        if len(self._sent) > REMEMBERED:
            self._sent = {who: sent for who, sent in self._sent.items() if self._within_an_hour(who)}
        return DUNNO

    def _within_an_hour(self, who: str) -> int:
        sent = self._sent.get(who, deque())
        while sent and sent[0][0] < time.monotonic() - HOUR:
            sent.popleft()
        return sum(number for _, number in sent)


def _whole(text: str | None) -> int:
    """Postfix sends digits or nothing."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else 0
