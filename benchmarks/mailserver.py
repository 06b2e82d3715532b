"""The bundled mail server: start-up, memory, letters a second. Prints the table of docs/benchmarks.md.

usage: python -m benchmarks.mailserver [LETTERS]     as root, like the tests; needs requirements-dev.txt
Letters of 5 kB come from a stranger through port 25 (PROXY twin), ten at a time, one for each connection,
through postscreen, SPF, DMARC, Rspamd, the recipient policy, Sieve and full-text indexing, to ten mailboxes.
"""

import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from mailserver.site import place
from tests.mailserver.outside import Outside, insist, knock, letter
from tests.stack import BASE, VAR, Stack

SENDER, ADDRESS = "ana@sender.test", "198.51.100.10"
PARALLEL = 10
BODY = "Vienes el viernes a almorzar? " * 160
PATIENCE = 120  # seconds for the last letter
PROGRAMS = ("rspamd", "dovecot", "postfix", "mailserver.api", "redis", "unbound")


def seconds_to(do: Callable[[], None]) -> float:
    begin = time.perf_counter()
    do()
    return time.perf_counter() - begin


def family(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from family(int(child))


def megabytes(pid: int) -> float:
    """PSS of a process and all below it: shared pages are counted once."""
    kilobytes = 0
    for member in family(pid):
        with suppress(ProcessLookupError):  # it ended while we counted
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
            kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


def processor_seconds(pid: int) -> float:
    """Of a process, all below it and all that ended below it: the same whatever else the machine does."""
    ticks = 0
    for member in family(pid):
        ticks += sum(map(int, Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def by_program(stack: Stack) -> dict[str, float]:
    """Processor seconds of each program so far, with those that ended; the index apart from Dovecot."""
    supervisor = stack._supervisor.pid
    seconds: defaultdict[str, float] = defaultdict(float)
    for child in map(int, Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()):
        name = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
        program = next((known for known in PROGRAMS if known in name), "the rest")
        seconds[program] += processor_seconds(child)
        for member in family(child):
            if Path(f"/proc/{member}/comm").read_text().strip() == "indexer-worker":
                spent = processor_seconds(member)
                seconds["full-text index"] += spent
                seconds[program] -= spent
    seconds["the rest"] += processor_seconds(supervisor) - sum(seconds.values())
    return seconds


def delivered(stack: Stack) -> int:
    """Letters in all inboxes, counted as files: asking by IMAP would be work for the measured server."""
    inboxes = (stack.root / "data/mail").glob("*/*/Maildir")
    return sum(len(list(inbox.glob("new/*"))) + len(list(inbox.glob("cur/*"))) for inbox in inboxes)


def prepared(stack: Stack, letters: int) -> list[tuple[str, bytes]]:
    """Recipients and their letters, signed. Mailboxes and first contact are not measured."""
    outside = Outside(stack)
    people = [stack.create_mailbox()[0] for _ in range(PARALLEL)]
    for person in people:  # past greylisting, as a stranger is from the second letter on
        insist(stack, outside.signed(letter(SENDER, person, "first"), "sender.test"), SENDER, person, ADDRESS)
    while delivered(stack) < PARALLEL:
        time.sleep(0.1)
    settle(stack)
    recipients = [people[n % PARALLEL] for n in range(letters)]
    return [(one, outside.signed(letter(SENDER, one, body=BODY), "sender.test")) for one in recipients]


def throughput(stack: Stack, letters: list[tuple[str, bytes]]) -> tuple[float, float, float]:
    """(accepted, delivered) a second, and processor seconds of the sender."""
    before = delivered(stack)

    def send(one: tuple[str, bytes]) -> bool:
        return knock(stack, one[1], SENDER, one[0], ADDRESS)[0] == 250

    begin, own = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(PARALLEL) as threads:
        accepted = sum(threads.map(send, letters))
    seconds_accepted, own = time.perf_counter() - begin, time.process_time() - own
    while delivered(stack) < accepted + before:
        if time.perf_counter() - begin > PATIENCE:
            raise SystemExit("letters are missing")
        time.sleep(0.05)
    seconds_delivered = time.perf_counter() - begin
    if accepted < len(letters):
        print(f"{len(letters) - accepted} of {len(letters)} letters were put off")
    return accepted / seconds_accepted, accepted / seconds_delivered, own


def main() -> None:
    letters = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    stack = Stack(place(VAR / "mailserver"), BASE)
    seconds_to(stack.start)  # Rspamd compiles its patterns at the very first start
    stack.stop()
    fresh_start = seconds_to(stack.start)
    stack.stop()
    warm = seconds_to(stack.wake)
    try:
        supervisor = stack._supervisor.pid
        fresh, woke = megabytes(supervisor), by_program(stack)
        ready = prepared(stack, letters)
        began = by_program(stack)
        taken, kept, sending = throughput(stack, ready)
        settle(stack)
        used, now = megabytes(supervisor), by_program(stack)
        worked = {name: spent - began.get(name, 0) for name, spent in now.items()}
    finally:
        stack.stop()
    print("| | measured | goal |\n|---|---|---|")
    print(f"| warm start, every port answering | {warm:.1f} s | ≤ 3 s |")
    print(f"| processor time of that | {sum(woke.values()):.1f} s | |")
    print(f"| start with empty data, first administrator included | {fresh_start:.1f} s | |")
    print(f"| memory, fresh (PSS) | {fresh:.0f} MiB | ≤ 260 MiB |")
    print(f"| memory, after {letters} letters | {used:.0f} MiB | |")
    print(f"| letters accepted a second | {taken:.0f} | ≥ 60 |")
    print(f"| letters delivered a second | {kept:.0f} | |")
    print(f"| processor time a letter, indexed | {sum(worked.values()) / letters * 1000:.0f} ms | |")
    print(f"| of the sender beside it | {sending / letters * 1000:.1f} ms | |")
    shares = ", ".join(
        f"{name} {spent / letters * 1000:.1f}"
        for name, spent in sorted(worked.items(), key=lambda one: -one[1])
    )
    print(f"\nMilliseconds a letter: {shares}")
    print(f"Load of the machine while measuring: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def settle(stack: Stack) -> None:
    """Until the index, which is made at low priority, has every letter."""
    before = -1.0
    while (now := by_program(stack)["full-text index"]) != before:
        before = now
        time.sleep(2)


if __name__ == "__main__":
    main()
