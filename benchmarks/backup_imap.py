"""The bundled mail server asked by IMAP all the time, while something else works beside it.

Who asks is a process of its own: a thread would wait for Python's lock while the inventory is taken, and
the figure would be ours, not the mail server's.
"""

import atexit
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from mailserver.site import place
from tests.stack import BASE, VAR, Stack

LEAST = 400  # rounds before there is a figure
LONGEST = 120  # seconds for an answer
LETTER = b"From: a@kronos.test\r\nSubject: x\r\n\r\ntext\r\n"
_stack: list[Stack] = []


@contextmanager
def beside() -> Iterator[Callable[[int | None], str]]:
    """Gives the 95th percentile of the rounds since the last question; None: of LEAST new ones."""
    stack = _started()
    address, _password = stack.create_mailbox()
    stack.deliver(LETTER, address)
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_ask, args=(stack, address, here, there))
    process.start()

    def ninety_five(least: int | None) -> str:
        here.send(least)
        found: list[float] = sorted(here.recv()) if here.poll(LONGEST) else []
        if not found:
            return "no round"
        return f"{found[int(len(found) * 0.95)] * 1000:.2f} ms of {len(found)} rounds"

    try:
        yield ninety_five
    finally:
        here.close()
        process.join(10)
        process.terminate()


def _ask(stack: Stack, address: str, parent: Connection, pipe: Connection) -> None:
    parent.close()  # else its end would never be heard
    rounds: list[float] = []
    least: int | None = None
    wanted = False
    with stack.imap(address) as imap:
        while True:
            if wanted and len(rounds) >= (least or 0):
                pipe.send(rounds)
                rounds, wanted = [], False
            try:
                if not wanted and pipe.poll():
                    least, wanted = pipe.recv(), True
                    if least is None:
                        rounds, least = [], LEAST
                    continue
            except (EOFError, OSError):
                return
            time.sleep(0.01)
            started = time.perf_counter()
            imap.select("INBOX", readonly=True)
            imap.fetch("1:*", "(FLAGS ENVELOPE)")
            rounds.append(time.perf_counter() - started)


def _started() -> Stack:
    if not _stack:
        _stack.append(Stack(place(VAR / "mailserver"), BASE))
        _stack[0].start()
        atexit.register(_stack[0].stop)
    return _stack[0]
