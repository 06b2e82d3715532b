"""What a probe says. A reading holds a code and facts; its words (words.py) are found when it is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """`unknown`: could not be measured. It is said, and never alarms."""

    PASS = "pass"  # noqa: S105
    UNKNOWN = "unknown"
    WARN = "warn"
    FAIL = "fail"


ORDER = {status: number for number, status in enumerate(Status)}


@dataclass(frozen=True, slots=True)
class Reading:
    """`part` names one thing that is watched ("port.imaps"), whatever is said of it: history hangs on it."""

    part: str
    status: Status
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    critical: bool = False

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "status": str(self.status)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Reading":
        return cls(
            data["part"],
            Status(data["status"]),
            data["code"],
            dict(data.get("facts") or {}),
            bool(data.get("critical")),
        )


def worst(readings: Iterable[Reading]) -> Status:
    """What could not be measured counts only when nothing else was."""
    measured = [r.status for r in readings if r.status is not Status.UNKNOWN]
    return max(measured, key=ORDER.__getitem__, default=Status.UNKNOWN)


def ok(part: str, code: str, **facts: Any) -> Reading:
    return Reading(part, Status.PASS, code, facts)


def warn(part: str, code: str, **facts: Any) -> Reading:
    return Reading(part, Status.WARN, code, facts)


def fail(part: str, code: str, **facts: Any) -> Reading:
    return Reading(part, Status.FAIL, code, facts)


def critical(part: str, code: str, **facts: Any) -> Reading:
    """People notice: three in a row are told at once."""
    return Reading(part, Status.FAIL, code, facts, critical=True)


def unknown(part: str, code: str, **facts: Any) -> Reading:
    return Reading(part, Status.UNKNOWN, code, facts)
