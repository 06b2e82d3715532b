"""One message found and brought back out of a mailbox with very many, cold and warm.

usage: python -m benchmarks.restore [--messages 100000] [--bytes 40000] [--folder DIRECTORY]
       … --bytes 2000 is over in two minutes: what a look costs is the listing, not the size of the mail
A maildir is made, backed up with restic, and one message is restored into a real Dovecot of its own.
CPU seconds stand beside the clock: a busy machine stretches only the clock. Nothing leaves 127.0.0.1.
"""

import argparse
import os
import random
import resource
import shutil
import tempfile
import time
from pathlib import Path

from mailadmin.backup.catalogue import Wanted
from mailadmin.backup.past import Door, Past
from mailadmin.backup.restic import Repository
from tests.webmail import dovecot
from webmail.imap.connection import Connection
from webmail.imap.deposit import Letter, Shelf

ADDRESS = "ana@kronos.test"
FIRST = 1_700_000_000


class Clock:
    """Prints each step: seconds by the clock, CPU seconds of ours and of restic."""

    def __init__(self) -> None:
        self.total = self.cpu = 0.0
        self._then, self._cpu = time.monotonic(), _cpu()

    def lap(self, what: str) -> None:
        now, cpu = time.monotonic(), _cpu()
        self.total += now - self._then
        self.cpu += cpu - self._cpu
        print(f"  {what:46} {now - self._then:7.2f} s   CPU {cpu - self._cpu:6.2f} s", flush=True)
        self._then, self._cpu = time.monotonic(), _cpu()


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in usages)


def make(data: Path, messages: int, size: int) -> None:
    folder = data / "mail/kronos.test/ana/Maildir/cur"
    folder.mkdir(parents=True)
    source = random.Random(1)  # noqa: S311 - the same mail every time
    words = [source.randbytes(4).hex() for _ in range(2000)]
    for number in range(messages):
        head = (
            f"From: Ana {number} <ana{number}@outside.test>\r\nTo: {ADDRESS}\r\nSubject: Carta {number}\r\n"
            f"Date: Mon, 23 Nov 2026 10:00:00 -0500\r\nMessage-ID: <{number}@outside.test>\r\n\r\n"
        )
        body = " ".join(source.choices(words, k=max(1, size // 9)))
        path = folder / f"{FIRST + number}.M{number:06}P1.mail,S={size}:2,S"
        path.write_text(head + body)
        os.utime(path, (FIRST + number * 60, FIRST + number * 60))


def restore_one(past: Past, imap: Connection, what: str) -> None:
    print(f"{what}:")
    clock = Clock()
    look = past.look(past.moments()[0], ADDRESS)
    clock.lap("the mailbox as it was")
    rows, total = look.page(Wanted(folder="", limit=25))
    clock.lap(f"a page of 25 of {total}")
    shelf = Shelf(imap, f"Restored {what}")
    for letter in look.letters([rows[7]]):
        back = Letter(octets=letter.octets, flags=letter.flags, arrived=letter.arrived)
        if not shelf.put(letter.folder, back):
            raise SystemExit("It was there already.")
    clock.lap("one message read and put back")
    print(f"  {'in all':46} {clock.total:7.2f} s   CPU {clock.cpu:6.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--bytes", type=int, default=40_000)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="postie-restore-", dir=options.folder))
    try:
        make(root / "data", options.messages, options.bytes)
        (root / "password").write_text("only-for-this-run")
        repository = Repository.at(str(root / "repository"), root / "password", root / "cache")
        repository.create()
        done = repository.backup([root / "data"], ["poste", "complete"])
        size = f"{done.files} messages, {done.bytes / 1e9:.2f} GB"
        print(f"{size}, backed up in {done.seconds:.1f} s; load {os.getloadavg()[0]:.1f}")
        door = Door(
            location=str(root / "repository"),
            password="only-for-this-run",  # noqa: S106
            directory=root / "past",
            cache=root / "cache",
        )
        with dovecot.dovecot() as server, door.open() as past:
            imap = server.open()
            restore_one(past, imap, "cold")
            restore_one(past, imap, "warm")
            imap.log_out()
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
