"""What restic answers, as types: snapshots, nodes, the summary of a pass, and how to judge it."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from .outcome import Outcome, classify, telling
from .process import Finished

COMPLETE = "complete"
VANISHED = re.compile(r"/(cur|new|tmp)/")


class ResticError(Exception):
    """A command that did not do its work. `outcome` says which kind, `stderr` its last words."""

    def __init__(self, outcome: Outcome, stderr: Sequence[str]):
        self.outcome = outcome
        self.stderr = list(stderr)
        super().__init__(f"{outcome}: {self.last_words}")

    @property
    def last_words(self) -> str:
        return telling(self.outcome, self.stderr)


class DeletionRefused(ResticError):
    """The repository takes, but gives nothing up: append-only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    id: str
    time: datetime
    paths: tuple[str, ...]
    tags: tuple[str, ...]
    hostname: str
    original: str = ""  # the snapshot it took the place of, with other tags

    @property
    def short_id(self) -> str:
        return self.id[:8]

    @property
    def is_complete(self) -> bool:
        return COMPLETE in self.tags

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Snapshot":
        return cls(
            id=data["id"],
            time=moment(data["time"]),
            paths=tuple(data.get("paths") or ()),
            tags=tuple(data.get("tags") or ()),
            hostname=data.get("hostname", ""),
            original=data.get("original") or "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A file or folder in a snapshot."""

    path: str
    kind: str  # file · dir · symlink
    size: int = 0
    mtime: datetime | None = None

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name


@dataclass(kw_only=True)
class Pass:
    """What one `restic backup` did."""

    outcome: Outcome = Outcome.FAILED
    snapshot_id: str = ""
    files: int = 0
    bytes: int = 0
    bytes_added: int = 0
    seconds: float = 0.0
    vanished: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    fraction: float
    files: int
    bytes: int
    current: str = ""


OnProgress = Callable[[Progress], None]


def hear(line: str, summary: dict[str, Any], on_progress: OnProgress | None) -> None:
    try:
        data = json.loads(line)
    except ValueError:
        return  # restic mixes text into its JSON now and then
    if data.get("message_type") == "summary":
        summary.update(data)
    elif data.get("message_type") == "status" and on_progress:
        current = (data.get("current_files") or [""])[0]
        on_progress(
            Progress(
                fraction=float(data.get("percent_done") or 0),
                files=int(data.get("files_done") or 0),
                bytes=int(data.get("bytes_done") or 0),
                current=current,
            )
        )


def judge(finished: Finished, summary: Mapping[str, Any]) -> Pass:
    result = Pass(
        snapshot_id=str(summary.get("snapshot_id", "")),
        files=int(summary.get("total_files_processed", 0)),
        bytes=int(summary.get("total_bytes_processed", 0)),
        bytes_added=int(summary.get("data_added", 0)),
        seconds=finished.seconds,
    )
    for line in finished.stderr:
        if _is_vanished(line):
            result.vanished += 1
        elif line.strip():
            result.errors.append(line)
    result.outcome = classify(finished.code, finished.stderr)
    if any("does not exist, skipping" in line for line in finished.stderr):
        # A lost mount: restic 0.14 says 0 all the same.
        result.outcome = Outcome.INCOMPLETE
    elif result.outcome is Outcome.INCOMPLETE and result.vanished and not _real_errors(result.errors):
        result.outcome = Outcome.OK_WITH_VANISHED
    return result


def _is_vanished(line: str) -> bool:
    try:
        data = json.loads(line)
    except ValueError:
        return "no such file or directory" in line and bool(VANISHED.search(line))
    said = str(data.get("error", ""))
    return "no such file or directory" in said and bool(VANISHED.search(str(data.get("item", "")) + said))


def _real_errors(lines: Sequence[str]) -> list[str]:
    # The closing sentence that restic adds whenever any file was unreadable is no error of its own.
    return [line for line in lines if "at least one source file could not be read" not in line]


def moment(text: str) -> datetime:
    """RFC 3339 as Go prints it, with nanoseconds; datetime knows microseconds, and leaves out the rest."""
    return datetime.fromisoformat(text)
