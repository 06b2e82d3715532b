"""What changes in a mailbox, folder by folder, as soon as the server tells.

NOTIFY names every folder that changed, half a second later (Dovecot's own delay). IDLE hears of the inbox
only, so all others are asked about from time to time. After a pause all is asked anew: nothing is lost.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from postie_web.lib.credentials import Credentials
from webmail.imap import door, errors
from webmail.imap.parser import Response
from webmail.imap.wire import Atom, FolderName, Value, decode_folder

from . import imap

log = logging.getLogger("postie.push")
MOST_FOLDERS = 1000
_EVENTS = [Atom(name) for name in ("MessageNew", "MessageExpunge", "FlagChange", "MailboxName")]
_WORDS = {b"MESSAGES": "messages", b"UNSEEN": "unread", b"UIDNEXT": "uidnext", b"HIGHESTMODSEQ": "modseq"}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A folder's numbers, as STATUS gives them."""

    messages: int = 0
    unread: int = 0
    uidnext: int = 0
    modseq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds; tests are in a hurry."""

    silence: float = 240.0  # then we ask whether the line still stands; below any NAT's limit
    around: float = 60.0  # without NOTIFY: how often the other folders are asked about
    first_wait: float = 1.0
    longest_wait: float = 60.0


Told = Callable[[str, State | None], None]  # folder and its numbers; None: it is gone


class Watch:
    """Runs until cancelled, or until the server refuses the password."""

    def __init__(self, server: door.Server, credentials: Credentials, told: Told, pace: Pace) -> None:
        self._server, self._credentials, self._told, self._pace = server, credentials, told, pace
        self.states: dict[str, State] = {}
        self.is_up = False

    async def run(self) -> None:
        wait = self._pace.first_wait
        while True:
            try:
                await self._once()
            except errors.Unauthorized:
                raise
            except errors.ImapError as error:
                log.info("watch ended", extra={"reason": str(error)[:200]})
            wait = self._pace.first_wait if self.is_up else min(wait * 2, self._pace.longest_wait)
            self.is_up = False
            # A restarted server is not asked by everybody in the same second.
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - no secret

    async def _once(self) -> None:
        session = await imap.open_session(self._server, self._credentials)
        try:
            if session.has("NOTIFY"):
                await self._notified(session)
            else:
                await self._idle(session)
        finally:
            session.close()

    # NOTIFY

    async def _notified(self, session: imap.Session) -> None:
        seen = {"INBOX"}
        await self._status(session, "INBOX")  # Dovecot makes it when asked; NOTIFY alone does not name it
        await self._notify(session, seen)
        self._forget_all_but(seen)
        self.is_up = True
        while True:
            item = await session.read(self._pace.silence)
            if item is None:
                await session.run(Atom("NOOP"), hear=self._take)
            elif item.code == "NOTIFICATIONOVERFLOW":
                await self._notify(session, set())
            else:
                self._take(item)

    async def _notify(self, session: imap.Session, seen: set[str]) -> None:
        def hear(item: Response) -> None:
            seen.add(self._take(item))

        command: list[Value] = [Atom("NOTIFY"), Atom("SET"), Atom("STATUS"), [Atom("personal"), [*_EVENTS]]]
        await session.run(*command, hear=hear)

    # IDLE

    async def _idle(self, session: imap.Session) -> None:
        await self._look_around(session)
        self.is_up = True
        if session.has("IDLE"):
            await session.run(Atom("EXAMINE"), FolderName("INBOX"))
        while True:
            if session.has("IDLE"):
                inbox_only = await self._wait(session)
            else:
                await asyncio.sleep(self._pace.around / 2)
                inbox_only = False
            if inbox_only:
                await self._status(session, "INBOX")
            else:
                await self._look_around(session)

    async def _wait(self, session: imap.Session) -> bool:
        """Until something happens in the inbox (True), or it is time for the others (RFC 2177)."""
        await session.send_line(b"IDLE\r\n")
        happened = False
        loop = asyncio.get_running_loop()
        until = loop.time() + self._pace.around
        while not happened and (left := until - loop.time()) > 0:
            item = await session.read(left)
            happened = item is not None and item.name in ("EXISTS", "EXPUNGE", "FETCH")
        await session.send_line(b"DONE\r\n", tagged=False)
        while True:
            item = await session.read(self._server.timeout)
            if item is None:
                raise errors.Unavailable("The mail server did not answer.")
            if session.is_tagged and item.name != "+":
                return happened

    async def _look_around(self, session: imap.Session) -> None:
        names: list[str] = []

        def hear(item: Response) -> None:
            if item.name == "LIST" and len(item.data) > 2 and isinstance(item.data[2], bytes):
                attributes = {word.lower() for word in item.data[0] or []}
                if not attributes & {b"\\noselect", b"\\nonexistent"}:
                    names.append(_decoded(item.data[2]))

        await session.run(Atom("LIST"), "", "*", hear=hear)
        names = names[:MOST_FOLDERS]
        for name in names:
            try:
                await self._status(session, name)
            except (errors.Rejected, errors.NotFound):
                self._tell(name, None)
        self._forget_all_but(set(names))

    async def _status(self, session: imap.Session, name: str) -> None:
        wanted = ["MESSAGES", "UNSEEN", "UIDNEXT", *(["HIGHESTMODSEQ"] if session.has("CONDSTORE") else [])]
        await session.run(Atom("STATUS"), FolderName(name), [Atom(word) for word in wanted], hear=self._take)

    # what is known

    def _take(self, item: Response) -> str:
        """The folder it is about, or nothing."""
        if item.name == "STATUS" and len(item.data) > 1 and isinstance(item.data[1], list):
            name, flat = _decoded(item.data[0]), item.data[1]
            pairs = zip(flat[::2], flat[1::2], strict=False)
            values = {_WORDS[k]: int(v) for k, v in pairs if k in _WORDS and v and v.isdigit()}
            # Only what changed is told (RFC 5465, 5.1 ff.); a folder not seen before brings everything.
            self._tell(name, replace(self.states.get(name, State()), **values))
            return name
        if item.name == "LIST" and len(item.data) > 2 and isinstance(item.data[2], bytes):
            name = _decoded(item.data[2])
            if b"\\nonexistent" in {word.lower() for word in item.data[0] or []}:
                self._tell(name, None)
            return name
        return ""

    def _forget_all_but(self, names: set[str]) -> None:
        for name in self.states.keys() - names:
            self._tell(name, None)

    def _tell(self, name: str, state: State | None) -> None:
        if self.states.get(name) == state or (name not in self.states and len(self.states) >= MOST_FOLDERS):
            return
        if state is None:
            self.states.pop(name, None)
        else:
            self.states[name] = state
        self._told(name, state)


def _decoded(octets: bytes) -> str:
    name = decode_folder(octets)
    return "INBOX" if name.upper() == "INBOX" else name
