"""One conversation: a command goes out whole, its answer comes in whole, or the connection is dead.

imapclient opens the door (door.py); after that the words are ours, because its search, fetch and flag calls
can be injected and desynchronised by ordinary input, and it has no ESEARCH, LIST-STATUS, NOTIFY or COPYUID.
"""

import itertools
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO

from . import errors
from .answers import Answer, View, is_number, means_missing, read_response, tells_of_change
from .parser import Response, response
from .wire import Atom, FolderName, Value, encode

_TIMEOUTS = (TimeoutError, OSError, ssl.SSLError, EOFError)

Command = Sequence[Value]
_MOST_REFRESHES = 3


class Connection:
    """Not thread-safe: whoever has it owns it (pool.py sees to that)."""

    def __init__(
        self, sock: socket.socket, file: BinaryIO, capabilities: frozenset[str] = frozenset()
    ) -> None:
        self._socket = sock
        self._file = file
        self._tags = (b"P%d" % number for number in itertools.count(1))
        self.capabilities = capabilities
        self.enabled: frozenset[str] = frozenset()
        self.is_fresh = False  # asked a moment ago, by the pool
        self._stale = False  # has the selected folder changed since the server last told UIDNEXT and MODSEQ?
        self.account = ""  # whose: part of every cache key
        self.product = ""  # "dovecot", where the server says so
        self.view: View | None = None
        self.is_broken = False
        self.imap_seconds = 0.0  # time spent waiting, for Server-Timing
        self.roles: dict[str, str] = {}  # role → folder, where this person knows better than the server
        self.memory: dict[str, object] = {}  # what lives and dies with this session, e.g. the namespaces
        self.wishes: set[str] = set()  # folders of which something should be kept (ledger.py)

    def has(self, capability: str) -> bool:
        return capability in self.capabilities

    def prefer(self, roles: dict[str, str]) -> None:
        """From now on these folders have these roles, whatever the server says."""
        if roles != self.roles:
            self.roles = roles
            self.memory.clear()

    @property
    def is_virtual(self) -> bool:
        """Is the selected folder Dovecot's virtual one, whose messages are elsewhere? (folders.tree knows)"""
        return bool(self.view and self.product == "dovecot" and self.view.name == self.memory.get("all"))

    # commands

    def run(self, *command: Value) -> Answer:
        """Sends one command and reads all of its answer. Raises what a NO means."""
        return self.run_all([command])[0]

    def run_all(self, commands: Sequence[Command], *, forgive: bool = False) -> list[Answer]:
        """Sends several commands at once: one round trip. They share what came untagged, in whatever order.

        Only for commands that do not change what the others mean (RFC 9051, 5.5). `forgive`: NO is no error.
        """
        plus, utf8 = self.has("LITERAL+"), "UTF8=ACCEPT" in self.enabled
        # Everything is encoded, and may be refused, before the first octet leaves.
        return self._run_encoded(
            [encode(command, literal_plus=plus, utf8=utf8) for command in commands], forgive
        )

    def run_secret(self, *lines: bytes) -> Answer:
        """AUTHENTICATE: lines of our own making, each after the first upon the server's "+"."""
        return self._run_encoded([[line + b"\r\n" for line in lines]])[0]

    def _run_encoded(self, encoded: list[list[bytes]], forgive: bool = False) -> list[Answer]:
        if self.is_broken:
            raise errors.Unavailable("This connection to the mail server is closed.")
        self.is_broken = True  # until the answer is complete: an exception in between must not go unnoticed
        started = time.perf_counter()
        try:
            answers = self._exchange(encoded)
        except _TIMEOUTS as error:
            self.close()
            raise errors.Unavailable("The mail server did not answer.") from error
        except errors.Unavailable:
            self.close()
            raise
        self.is_broken = False
        self.imap_seconds += time.perf_counter() - started
        for answer in answers:
            if not (forgive and answer.final.name == "NO"):
                self._raise_for(answer.final)
        return answers

    def _exchange(self, encoded: list[list[bytes]]) -> list[Answer]:
        if all(len(chunks) == 1 for chunks in encoded):
            tags = [next(self._tags) for _ in encoded]
            self._socket.sendall(b"".join(t + b" " + c[0] for t, c in zip(tags, encoded, strict=True)))
            return self._read_answers(tags)
        return [self._exchange_with_literals(chunks) for chunks in encoded]

    def _exchange_with_literals(self, chunks: list[bytes]) -> Answer:
        tag = next(self._tags)
        answer = Answer()
        self._socket.sendall(tag + b" " + chunks[0])
        for chunk in chunks[1:]:
            # RFC 3501, 7.5: the server says "+", or refuses the command before it has the octets.
            if self._read_until(answer, tag) is not None:
                return answer
            self._socket.sendall(chunk)
        if self._read_until(answer, tag) is None:
            raise errors.Unavailable("The mail server asked for more where nothing was left to say.")
        return answer

    def _read_answers(self, tags: Sequence[bytes]) -> list[Answer]:
        """Dovecot may finish a command before an earlier one, so tags come in any order."""
        shared: list[Response] = []
        answers = {tag: Answer(untagged=shared) for tag in tags}
        open_tags = set(tags)
        while open_tags:
            answer = Answer(untagged=shared)
            tag = self._read_until(answer, *open_tags)
            if tag is None:
                raise errors.Unavailable("The mail server asked for more where nothing was left to say.")
            answers[tag].final = answer.final
            open_tags.remove(tag)
        return list(answers.values())

    def _read_until(self, answer: Answer, *tags: bytes) -> bytes | None:
        """Reads up to a tagged response (its tag is returned) or a "+" (None)."""
        while True:
            pieces = read_response(self._file)
            head, _, rest = pieces[0].partition(b" ")
            pieces[0] = rest
            if head == b"*":
                self._take(answer, response(pieces))
            elif head in tags:
                answer.final = response(pieces)
                self._see_code(answer.final)
                return head
            elif head == b"+":
                return None
            else:
                raise errors.Unavailable("The mail server answered to something that was not asked.")

    # what answers tell about the selected folder

    def _take(self, answer: Answer, item: Response) -> None:
        if item.name == "BYE":
            raise errors.Lost(item.text or "The mail server said goodbye.")
        answer.untagged.append(item)
        self._stale = self._stale or tells_of_change(item)
        if item.name == "EXISTS" and item.number is not None:
            self._see(messages=item.number)
        elif item.name == "EXPUNGE" and self.view:
            self._see(messages=self.view.messages - 1)
        elif item.name == "CAPABILITY":
            self.capabilities = frozenset(word.decode("latin-1").upper() for word in item.data)
        elif item.name == "ENABLED":
            self.enabled |= {word.decode("latin-1").upper() for word in item.data}
        else:
            self._see_code(item)

    def _see_code(self, item: Response) -> None:
        number = int(item.code_data[0]) if item.code_data and is_number(item.code_data[0]) else 0
        if item.code == "UIDVALIDITY":
            self._see(uidvalidity=number)
        elif item.code == "UIDNEXT":
            self._see(uidnext=number)
        elif item.code == "HIGHESTMODSEQ":
            self._see(modseq=number)
        elif item.code == "READ-ONLY":
            self._see(read_only=True)
        elif item.code == "PERMANENTFLAGS" and item.code_data:
            self._see(keywords_allowed=b"\\*" in item.code_data[0])
        elif item.code == "CAPABILITY":
            self.capabilities = frozenset(word.decode("latin-1").upper() for word in item.code_data)

    def _see(self, **changes: int | bool) -> None:
        if self.view is not None:
            values = {name: getattr(self.view, name) for name in View.__slots__}
            self.view = View(**{**values, **changes})

    def _raise_for(self, final: Response) -> None:
        if final.name == "OK":
            return
        if final.code == "SERVERBUG" or "deleted under us" in final.text:
            # Dovecot, when the folder was deleted or made anew while it was open: only a new session helps.
            self.close()
            raise errors.Lost(final.text)
        if final.name == "NO":
            raise errors.from_no(final.text, final.code)
        # A BAD is our own mistake; the server may have read less or more than we think, so do not go on.
        self.close()
        raise errors.Unavailable("The mail server did not understand us.")

    # the selected folder

    def select(self, folder: str) -> View:
        """Makes `folder` the selected one and up to date: one round trip, or two after a change.

        INBOX stays open: opening it anew would make Dovecot read a big Maildir's uidlist again. Any other
        folder may have been deleted and made anew under the same name, which an open one never hears of.
        """
        if self.view is not None and self.view.name == folder == "INBOX":
            self.sync()
            for _ in range(_MOST_REFRESHES):
                if not self._stale:
                    break
                self._refresh(folder)
            return self.view
        self.view = View(name=folder)
        try:
            self.run(Atom("SELECT"), FolderName(folder))
        except errors.ImapError as error:
            self.view = None  # RFC 3501, 6.3.1: a failed SELECT leaves nothing selected
            raise errors.NotFound(folder) if means_missing(error) else error from None
        self._stale = False
        return self.view

    def sync(self) -> None:
        """Hears what others have changed. Free right after the pool's check, which asked the same."""
        if self.is_fresh:
            self.is_fresh = False
        else:
            self.run(Atom("NOOP"))

    def is_as_told(self) -> bool:
        """Do UIDNEXT and HIGHESTMODSEQ of the view still name what we see?"""
        return not self._stale

    def _refresh(self, folder: str) -> None:
        """UIDNEXT and HIGHESTMODSEQ of the view: EXISTS and FETCH do not bring them.

        STATUS may already count what this session has not heard of. So NOOP is asked after it: when that
        tells of nothing, the numbers are those of what we see; else they are asked again.
        """
        names = [Atom("UIDNEXT"), Atom("UIDVALIDITY")]
        if self.view and self.view.modseq:
            names.append(Atom("HIGHESTMODSEQ"))
        self._stale = False
        answer = self.run_all([(Atom("STATUS"), FolderName(folder), names), (Atom("NOOP"),)])[0]
        for item in answer.named("STATUS"):
            values = dict(zip(item.data[1][::2], item.data[1][1::2], strict=False))
            self._see(uidnext=int(values.get(b"UIDNEXT", 0)), modseq=int(values.get(b"HIGHESTMODSEQ", 0)))

    def unselect(self) -> None:
        """Leaves the folder without expunging anything (RFC 3691)."""
        if self.view is not None and self.has("UNSELECT"):
            self.run(Atom("UNSELECT"))
        self.view = None

    # the end

    def close(self) -> None:
        self.is_broken = True
        self.view = None
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._socket.close()

    def log_out(self) -> None:
        with suppress(errors.ImapError, OSError):
            self._socket.settimeout(2)
            self._socket.sendall(next(self._tags) + b" LOGOUT\r\n")
        self.close()
