"""The measurements: each act of each webmail, turn and turn about, every answer checked."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .boxes import Box
from .meter import Meter, wait_for_quiet
from .peers import PAGE, Facts, Peer, Wrong
from .postie import Postie

BUDGET = 30.0  # seconds for one act of one webmail
FAILURES = (Wrong, OSError, ValueError, KeyError, StopIteration, AttributeError)


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """`do(peer, i)` is timed; `before(i)` and `after(peer)` are not."""

    do: Callable[[Any, int], Facts | None]
    count: int = 20
    before: Callable[[int], None] = _nothing
    after: Callable[[Any], None] = _nothing
    warms: bool = True  # one that does not count comes first
    only: type[Peer] | None = None


def acts(box: Box) -> dict[str, Act]:
    def uid(number: int) -> int:
        return box.html40[number % len(box.html40)]

    def back(peer: Peer) -> None:
        peer.list(1)

    def search(words: Sequence[tuple[str, int]]) -> Callable[[Peer, int], Facts]:
        def do(peer: Peer, number: int) -> Facts:
            word, want = words[number % len(words)]
            return {**peer.search(word), "want": want}

        return do

    def after_folder(peer: Peer) -> None:
        getattr(peer, "after_folder", lambda: peer.list(1))()

    def unthread(peer: Peer) -> None:
        peer.unthread()
        peer.list(1)

    def unthread_and_clean(peer: Peer) -> None:
        unthread(peer)
        box.clean()

    def read_on(peer: Peer) -> None:
        """Until Postie has read ahead what the first search asked for, in the process of this connection."""
        end = time.monotonic() + ((45 if box.exists >= 50_000 else 8) if isinstance(peer, Postie) else 0)
        while time.monotonic() < end:
            time.sleep(2)
            peer.list(1)

    folders = ("Archive", "Listas.python")
    found = {
        "page": Act(do=lambda peer, i: peer.page(), count=12, after=back),
        "list": Act(do=lambda peer, i: peer.list(1)),
        "list, changed": Act(do=lambda peer, i: peer.list(1), before=box.flag_outside),
        "list, deep": Act(do=lambda peer, i: peer.list(box.deep + i)),
        "rows, deep": Act(do=lambda peer, i: peer.list_only(box.deep + 40 + i), only=Postie),
        "by date": Act(do=lambda peer, i: peer.list(1, "date")),
        "by date, changed": Act(
            do=lambda peer, i: peer.list(1, "date"),
            before=box.append_outside,
            after=lambda peer: box.clean(),
            count=8,
        ),
        "open": Act(do=lambda peer, i: peer.open(uid(i)), after=back),
        "folder": Act(do=lambda peer, i: peer.folder(folders[i % 2]), after=after_folder),
        "seen": Act(do=lambda peer, i: peer.seen(uid(i // 2), on=i % 2 == 1)),
        "flag": Act(do=lambda peer, i: peer.flag(uid(i // 2), on=i % 2 == 0)),
        "check": Act(do=lambda peer, i: peer.check(), after=back),
        "check, new": Act(
            do=lambda peer, i: peer.check(),
            before=box.append_outside,
            after=lambda peer: box.clean(),
            count=8,
            warms=False,
        ),
        "search, first": Act(do=search(box.common[-1:]), count=1, after=read_on, warms=False),
        "search, common": Act(do=search(box.common[:-1]), count=11, after=back, warms=False),
        "threads": Act(do=lambda peer, i: peer.threads(), count=12, after=unthread),
        "threads, changed": Act(
            do=lambda peer, i: peer.threads(),
            before=box.append_outside,
            after=unthread_and_clean,
            count=6,
        ),
    }
    if box.rare:
        found["search, rare"] = Act(do=search(box.rare), count=12, after=back, warms=False)
    return found


@dataclass(slots=True)
class Samples:
    milliseconds: list[float] = field(default_factory=list)
    octets: list[int] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)  # seconds by service
    wrong: list[str] = field(default_factory=list)
    foreign: float = 0.0

    def add(self, other: "Samples") -> None:
        self.milliseconds += other.milliseconds
        self.octets += other.octets
        self.requests += other.requests
        self.wrong += other.wrong
        self.foreign = max(self.foreign, other.foreign)
        for name, seconds in other.cpu.items():
            self.cpu[name] = self.cpu.get(name, 0.0) + seconds


def sample(peer: Peer, name: str, act: Act, numbers: Sequence[int]) -> Samples:
    found = Samples()
    end = time.monotonic() + BUDGET
    if act.warms:
        act.before(numbers[0])
        act.do(peer, numbers[0])
    with Meter() as meter:
        for number in numbers:
            act.before(number)
            peer.reset()
            started = time.perf_counter()
            facts = act.do(peer, number) or {}
            found.milliseconds.append((time.perf_counter() - started) * 1000)
            found.octets.append(peer.octets)
            found.requests.append(peer.requests)
            if "want" in facts and facts["want"] != facts["total"]:
                found.wrong.append(f"{facts['total']} hits, the truth is {facts['want']}")
            if name == "check, new" and facts["new"] < 1:
                found.wrong.append("new mail not seen")
            if time.monotonic() > end:
                break
    act.after(peer)
    found.foreign = meter.foreign
    found.cpu = {service: meter.cpu.get(service, 0.0) for service in peer.services}
    return found


def signed_in(kinds: Sequence[type[Peer]], box: Box) -> dict[str, Peer]:
    peers: dict[str, Peer] = {}
    for kind in kinds:
        peer = kind(box.user)
        try:
            peer.login()
            peer.list(1)
        except FAILURES as error:
            print(f"{box.name} {kind.name}: left out: {type(error).__name__} {error}", flush=True)
            continue
        peers[kind.name] = peer
    return peers


def run_box(
    box: Box, kinds: Sequence[type[Peer]], wanted: Sequence[str], rounds: int, quiet: float
) -> list[dict[str, Any]]:
    """Rows of results; webmails in turn and in reverse turn, so that drift hits all alike."""
    peers = signed_in(kinds, box)
    results = []
    for name, act in acts(box).items():
        if wanted and name not in wanted:
            continue
        turns = 1 if name in ("page",) or not act.warms else rounds
        each = -(-act.count // turns)
        found: dict[str, Samples] = {}
        for turn in range(turns):
            for peer_name in list(peers) if turn % 2 == 0 else list(peers)[::-1]:
                if act.only and not isinstance(peers[peer_name], act.only):
                    continue
                wait_for_quiet(quiet)
                try:
                    got = sample(peers[peer_name], name, act, range(turn * each, turn * each + each))
                except NotImplementedError:
                    continue
                except FAILURES as error:
                    print(f"{box.name} {name} {peer_name}: {type(error).__name__} {error}", flush=True)
                    peers |= signed_in([type(peers[peer_name])], box)
                    continue
                found.setdefault(peer_name, Samples()).add(got)
        for peer_name, samples in found.items():
            results.append(summary(box.name, name, peer_name, samples))
            print(line(results[-1]), flush=True)
    for peer in peers.values():
        peer.close()
    box.close()
    return results


def summary(box: str, act: str, peer: str, samples: Samples) -> dict[str, Any]:
    count = len(samples.milliseconds)
    return {
        "box": box,
        "act": act,
        "peer": peer,
        "n": count,
        "p50": round(statistics.median(samples.milliseconds), 2),
        "p95": round(quantile(samples.milliseconds, 0.95), 2),
        "octets": int(statistics.median(samples.octets)),
        "requests": int(statistics.median(samples.requests)),
        "cpu": {name: round(s * 1000 / count, 1) for name, s in samples.cpu.items()},
        "foreign": round(samples.foreign, 2),
        "wrong": samples.wrong[:5],
    }


def quantile(values: Sequence[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(q * (len(ordered) - 1))))]


def line(row: dict[str, Any]) -> str:
    wrong = f" WRONG {row['wrong']}" if row["wrong"] else ""
    return (
        f"{row['box']:6} {row['act']:18} {row['peer']:16} n {row['n']:3} p50 {row['p50']:8.1f} p95 {row['p95']:8.1f} ms "
        f"{row['octets']:7} B {row['requests']} requests, CPU {row['cpu']}, others {row['foreign']}{wrong}"
    )


assert PAGE == 50  # noqa: S101  acts() counts on it
