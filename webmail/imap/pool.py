"""Warm connections: at most two per signed-in user and process, so that a click need not sign in.

On a Maildir of 100,000 messages a new session costs about 100 ms, a warm one 2 (docs/benchmarks.md).
Two, because a long search must not make the same person's next click wait.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from postie_web.lib.credentials import Credentials

from . import errors
from .connection import Connection
from .wire import Atom

Opener = Callable[[Credentials], Connection]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    per_user: int = 2
    total: int = 400
    idle_seconds: float = 600.0  # below Dovecot's 30 minutes, RFC 3501, 5.4
    age_seconds: float = 3600.0  # a changed password ends old sessions at the latest now
    wait_seconds: float = 15.0
    back_off_seconds: float = 5.0  # after a failure to open, doubling up to eight times


@dataclass(slots=True)
class _Warm:
    connection: Connection
    born: float
    used: float


@dataclass(slots=True)
class _Shelf:
    """One user's connections."""

    idle: list[_Warm] = field(default_factory=list)
    busy: int = 0
    most: int = 0  # fewer than Limits.per_user once the server has refused one more; 0: not yet
    failures: int = 0
    closed_until: float = 0.0


def _fitting(idle: list[_Warm], folder: str, *, may_open: bool) -> _Warm | None:
    """The idle connection that has the folder open; else one that need not leave INBOX for it.

    None: better open another. Leaving a big INBOX makes Dovecot read all of its uidlist at the return.
    """
    latest = idle[::-1]
    if not folder:
        return latest[0]
    opened = [(warm.connection.view.name if warm.connection.view else "", warm) for warm in latest]
    exact = next((warm for name, warm in opened if name == folder), None)
    other = next((warm for name, warm in opened if name != "INBOX"), None)
    return exact or other or (None if may_open else latest[0])


class Pool:
    """`clock` is the seam for tests of ageing."""

    def __init__(
        self, opener: Opener, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._open = opener
        self._limits = limits or Limits()
        self._clock = clock
        self._shelves: dict[bytes, _Shelf] = {}
        self._changed = threading.Condition()
        self._secret = secrets.token_bytes(32)

    @contextmanager
    def connection(self, credentials: Credentials, folder: str = "") -> Iterator[Connection]:
        """The only way to have one: it comes back, or is closed when anything went wrong in between.

        `folder` is what will be looked at: one connection keeps INBOX open, the other goes where it is sent.
        """
        key = self._key(credentials)
        warm = self._borrow(key, credentials, folder)
        try:
            yield warm.connection
        finally:
            self._give_back(key, warm)

    def forget(self, credentials: Credentials) -> None:
        """At logout: this user's idle connections are closed now, busy ones when they come back."""
        with self._changed:
            shelf = self._shelves.pop(self._key(credentials), None)
        for warm in shelf.idle if shelf else []:
            warm.connection.log_out()

    def knows(self, credentials: Credentials) -> bool:
        """Is this person signed in here, with a warm connection?"""
        with self._changed:
            return self._key(credentials) in self._shelves

    def close(self) -> None:
        with self._changed:
            shelves, self._shelves = list(self._shelves.values()), {}
        for shelf in shelves:
            for warm in shelf.idle:
                warm.connection.log_out()

    def count(self) -> int:
        with self._changed:
            return self._total()

    def _key(self, credentials: Credentials) -> bytes:
        # Keyed by a secret of this process: a dump of the table says nothing about passwords.
        text = "\0".join((credentials.address.lower(), credentials.password, credentials.client_address))
        return hmac.digest(self._secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256)

    def _total(self) -> int:
        return sum(shelf.busy + len(shelf.idle) for shelf in self._shelves.values())

    # borrowing

    def _borrow(self, key: bytes, credentials: Credentials, folder: str) -> _Warm:
        while True:
            warm = self._take_idle_or_a_place(key, folder)
            if warm is None:
                try:
                    return self._open_new(key, credentials)
                except errors.TooMany:
                    if not self._can_wait(key):
                        raise
                    continue
            if self._is_healthy(warm):
                return warm
            self._drop(key, warm)

    def _can_wait(self, key: bytes) -> bool:
        """The server allows no further connection, but we have one that will be free."""
        with self._changed:
            shelf = self._shelves.setdefault(key, _Shelf())
            shelf.most = shelf.busy + len(shelf.idle)
            return shelf.most > 0

    def _take_idle_or_a_place(self, key: bytes, folder: str) -> _Warm | None:
        """An idle connection; or None, with a place reserved for a new one."""
        deadline = self._clock() + self._limits.wait_seconds
        with self._changed:
            while True:
                self._sweep()
                shelf = self._shelves.setdefault(key, _Shelf())
                may_open = shelf.busy + len(shelf.idle) < (shelf.most or self._limits.per_user)
                if shelf.idle and (warm := _fitting(shelf.idle, folder, may_open=may_open)):
                    shelf.busy += 1
                    shelf.idle.remove(warm)
                    return warm
                if shelf.closed_until > self._clock():
                    raise errors.Unavailable("The mail server could not be reached a moment ago.")
                if may_open and self._make_room():
                    shelf.busy += 1
                    return None
                remaining = deadline - self._clock()
                if remaining <= 0 or not self._changed.wait(remaining):
                    raise errors.Unavailable("All connections to the mail server are busy.")

    def _make_room(self) -> bool:
        if self._total() < self._limits.total:
            return True
        idle = [(warm.used, shelf, warm) for shelf in self._shelves.values() for warm in shelf.idle]
        if not idle:
            return False
        _, shelf, oldest = min(idle, key=lambda item: item[0])
        shelf.idle.remove(oldest)
        oldest.connection.log_out()
        return True

    def _open_new(self, key: bytes, credentials: Credentials) -> _Warm:
        try:
            connection = self._open(credentials)
        except BaseException as error:
            with self._changed:
                shelf = self._shelves.setdefault(key, _Shelf())
                shelf.busy = max(0, shelf.busy - 1)
                if isinstance(error, errors.Unavailable) and not isinstance(error, errors.TooMany):
                    shelf.failures = min(shelf.failures + 1, 4)
                    if shelf.failures > 1:  # the first failure may be a restart: try again at once
                        wait = self._limits.back_off_seconds * 2 ** (shelf.failures - 2)
                        shelf.closed_until = self._clock() + wait
                self._changed.notify_all()
            raise
        with self._changed:
            self._shelves.setdefault(key, _Shelf()).failures = 0
        now = self._clock()
        return _Warm(connection, born=now, used=now)

    def _is_healthy(self, warm: _Warm) -> bool:
        """Asks, every time: a session may have died of a restart, or of a folder renamed under it. The first
        select() then need not ask again, so this costs nothing."""
        try:
            warm.connection.run(Atom("NOOP"))
        except errors.ImapError:
            return False
        warm.connection.is_fresh = True
        return True

    # giving back

    def _give_back(self, key: bytes, warm: _Warm) -> None:
        now = self._clock()
        keep = not warm.connection.is_broken and now - warm.born < self._limits.age_seconds
        with self._changed:
            shelf = self._shelves.get(key)
            if shelf is not None:  # None: signed out meanwhile
                shelf.busy = max(0, shelf.busy - 1)
                if keep:
                    warm.used = now
                    shelf.idle.append(warm)
            self._changed.notify_all()
        if shelf is None or not keep:
            warm.connection.log_out()

    def _drop(self, key: bytes, warm: _Warm) -> None:
        warm.connection.close()
        with self._changed:
            if key in self._shelves:
                self._shelves[key].busy = max(0, self._shelves[key].busy - 1)
            self._changed.notify_all()

    def _sweep(self) -> None:
        """Closes what has been idle too long, and forgets users without connections."""
        limit = self._clock() - self._limits.idle_seconds
        for key, shelf in list(self._shelves.items()):
            for warm in [w for w in shelf.idle if w.used < limit]:
                shelf.idle.remove(warm)
                warm.connection.log_out()
            if (
                not shelf.idle
                and not shelf.busy
                and shelf.closed_until < self._clock()
                and not shelf.failures
            ):
                del self._shelves[key]
