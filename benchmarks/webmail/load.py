"""Eight people at once, each opening lists and letters in a loop."""

import multiprocessing
import random
import statistics
import time
from collections.abc import Sequence
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

from .measure import FAILURES, quantile
from .meter import Meter, wait_for_quiet
from .peers import Peer

MOST = 100_000  # requests of one person
Told = tuple[list[tuple[str, float]], int]


def _person(
    kind: type[Peer],
    user: str,
    uids: Sequence[int],
    pages: int,
    seconds: float,
    gate: Barrier,
    told: "Queue[Told]",
) -> None:
    chance = random.Random(user + str(multiprocessing.current_process().pid))
    times: list[tuple[str, float]] = []
    failed = 0
    try:
        peer = kind(user)
        peer.login()
        peer.list(1)
        gate.wait(90)
        end = time.monotonic() + seconds
        while time.monotonic() < end and len(times) < MOST:
            for what in ("list", "open"):
                started = time.perf_counter()
                try:
                    if what == "list":
                        peer.list(chance.randint(1, pages))
                    else:
                        peer.open(chance.choice(list(uids)))
                    times.append((what, (time.perf_counter() - started) * 1000))
                except FAILURES:
                    failed += 1
        peer.close()
    except (*FAILURES, RuntimeError):
        failed += 1
    told.put((times, failed))


def run(
    kind: type[Peer], label: str, users: Sequence[str], uids: Sequence[int], pages: int, seconds: float
) -> dict[str, Any]:
    wait_for_quiet(20)
    gate = multiprocessing.Barrier(len(users) + 1)
    told: Queue[Told] = multiprocessing.Queue()
    people = [
        multiprocessing.Process(target=_person, args=(kind, user, uids, pages, seconds, gate, told))
        for user in users
    ]
    for person in people:
        person.start()
    gate.wait(90)
    with Meter() as meter:
        got = [told.get(timeout=seconds + 120) for _ in people]
        for person in people:
            person.join(30)
    times = [one for found, _ in got for one in found]
    values = [milliseconds for _, milliseconds in times] or [0.0]
    row = {
        "box": label,
        "act": "load",
        "peer": kind.name,
        "n": len(times),
        "rps": round(len(times) / seconds, 1),
        "p50": round(statistics.median(values), 1),
        "p95": round(quantile(values, 0.95), 1),
        "failed": sum(failed for _, failed in got),
        "cpu": {
            name: round(s * 1000 / max(1, len(times)), 1)
            for name, s in meter.cpu.items()
            if name in kind.services
        },
        "foreign": round(meter.foreign, 2),
    }
    print(row, flush=True)
    return row
