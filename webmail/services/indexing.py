"""Fills the ledgers (imap/ledger.py) beside the clicks: one thread a process, a thousand letters at a time.

It borrows the person's own warm connection for each piece, never opens a mailbox of somebody who signed out,
and rests half as long as it worked: a click waits for a piece at most.
"""

import logging
import threading
import time
from collections.abc import Iterable

from postie_web.lib.credentials import Credentials
from webmail import connections
from webmail.imap import errors, ledger

log = logging.getLogger("postie.webmail")
_MOST_WAITING = 50
_MOST_PIECES = ledger.LARGEST // 1000 + 10


class Indexer:
    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], Credentials] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._is_ending = False

    def wish(self, credentials: Credentials, folders: Iterable[str]) -> None:
        with self._lock:
            for folder in folders:
                if len(self._waiting) < _MOST_WAITING:
                    self._waiting.setdefault((credentials.address.lower(), folder), credentials)
            if self._waiting and not (self._thread and self._thread.is_alive()):
                self._is_ending = False
                self._thread = threading.Thread(target=self._work, name="indexing", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Until nothing is waiting."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def end(self) -> None:
        """After the piece at hand."""
        with self._lock:
            self._is_ending = True
            self._waiting.clear()
        self.wait()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting or self._is_ending:
                    self._thread = None
                    return
                (_, folder), credentials = next(iter(self._waiting.items()))
            try:
                self._fill(credentials, folder)
            except errors.ImapError as error:
                log.info("a folder was not read ahead: %s", type(error).__name__)
            finally:
                with self._lock:
                    self._waiting.pop((credentials.address.lower(), folder), None)

    def _fill(self, credentials: Credentials, folder: str) -> None:
        for _ in range(_MOST_PIECES):
            if self._is_ending or not connections.is_warm(credentials):
                return
            began = time.monotonic()
            with connections.imap(credentials, folder) as imap:
                goes_on = ledger.grow(imap, folder)
            if not goes_on:
                return
            time.sleep(min((time.monotonic() - began) / 2, 1.0))


INDEXER = Indexer()
