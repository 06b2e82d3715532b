"""Is the snapshot what the manifest says was there? Asked of the snapshot itself, not of restic's summary."""

import random
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import layout, maildirs
from .results import Node

LEAST_SHARE = 0.8  # of files and bytes of the run before: less is suspicious
SPOTS = 20
MOST_NAMED = 5


@dataclass(kw_only=True)
class Comparison:
    """`lost`: on the server, yet not in the snapshot. `left`: its owner deleted or moved it meanwhile."""

    messages: int = 0
    maildirs: int = 0
    lost: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)  # key → path in the snapshot


def compare(wanted: Iterable[str], nodes: Iterable[Node], data: Path, beat: Callable[[], None]) -> Comparison:
    """`wanted`: message keys of the manifest."""
    found = Comparison()
    for number, node in enumerate(nodes):
        if key := layout.key_of(node.path, layout.as_shown(str(data))):
            found.paths[key] = node.path
        elif node.kind == "dir" and node.name == "Maildir":
            found.maildirs += 1
        if number % 1000 == 0:
            beat()
    found.messages = len(found.paths)
    for key in wanted:
        if key not in found.paths:
            (found.lost if is_there(data, key) else found.left).append(key)
    return found


def is_there(data: Path, key: str) -> bool:
    folder, _, name = key.rpartition("/")
    return maildirs.find(data / folder, name).exists()


def shrunk(now: Mapping[str, int], before: Mapping[str, Any]) -> str:
    """Which of files and bytes fell below 80 % of the last complete run; empty when none."""
    for what in ("files", "bytes"):
        if now[what] < LEAST_SHARE * int(before.get(what, 0)):
            return what
    return ""


def spots(keys: Iterable[str], seed: str) -> list[str]:
    """Some messages of the snapshot, the same for the same run."""
    every = sorted(keys)
    return random.Random(seed).sample(every, min(SPOTS, len(every)))  # noqa: S311 a sample, no secret


def same_as_live(data: Path, key: str, read_back: Path) -> bool | None:
    """None: the message left the server meanwhile, there is nothing to compare with."""
    folder, _, name = key.rpartition("/")
    with suppress(FileNotFoundError):
        live = maildirs.digest(maildirs.find(data / folder, name))
        return read_back.exists() and maildirs.digest(read_back) == live
    return None
