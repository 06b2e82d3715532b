"""The bundled mail server asked by IMAP all the time, while something else works beside it."""

import atexit
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mailserver.site import place
from tests.stack import BASE, VAR, Stack

LEAST = 400  # rounds before there is a figure
LETTER = b"From: a@kronos.test\r\nSubject: x\r\n\r\ntext\r\n"
_stack: list[Stack] = []


@contextmanager
def beside() -> Iterator[Callable[[], str]]:
    stack = _started()
    address, _password = stack.create_mailbox()
    stack.deliver(LETTER, address)
    rounds: list[float] = []
    over = threading.Event()

    def ask() -> None:
        with stack.imap(address) as imap:
            while not over.wait(0.01):
                started = time.perf_counter()
                imap.select("INBOX", readonly=True)
                imap.fetch("1:*", "(FLAGS ENVELOPE)")
                rounds.append(time.perf_counter() - started)

    thread = threading.Thread(target=ask)
    thread.start()

    def ninety_five() -> str:
        while len(rounds) < LEAST:
            time.sleep(0.1)
        found = sorted(rounds)
        return f"{found[int(len(found) * 0.95)] * 1000:.2f} ms of {len(found)} rounds"

    try:
        yield ninety_five
    finally:
        over.set()
        thread.join()


def _started() -> Stack:
    if not _stack:
        _stack.append(Stack(place(VAR / "mailserver"), BASE))
        _stack[0].start()
        atexit.register(_stack[0].stop)
    return _stack[0]
