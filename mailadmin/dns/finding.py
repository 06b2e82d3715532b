"""What a check says. A finding holds a code and facts; its words are looked up when it is shown.

Celery stores findings that are read later, perhaps in another language: so no sentence is ever stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """`unknown` (could not be measured) is never counted against a domain: rule E1."""

    PASS = "pass"  # noqa: S105
    INFO = "info"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "n/a"


# From harmless to harmful; used to sort and for `--fail-on`.
ORDER = {s: n for n, s in enumerate(("n/a", "pass", "info", "unknown", "warn", "fail"))}


@dataclass(frozen=True, slots=True)
class Finding:
    """`on` tells findings of one code apart: a host, a selector, an address."""

    status: Status
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    on: str = ""
    critical: bool = False

    @property
    def asked(self) -> datetime | None:
        """When it was measured, if it was kept since; else with its report."""
        kept = self.facts.get("asked")
        return datetime.fromisoformat(kept) if kept else None

    @property
    def key(self) -> str:
        """One check of one thing, whatever its verdict: history and acceptances hang on it."""
        return f"{self.code}:{self.on}" if self.on else self.code

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "status": str(self.status)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Finding":
        return cls(
            Status(data["status"]),
            data["code"],
            dict(data.get("facts") or {}),
            data.get("on") or "",
            bool(data.get("critical")),
        )


def ok(code: str, *, on: str = "", **facts: Any) -> Finding:
    return Finding(Status.PASS, code, facts, on)


def info(code: str, *, on: str = "", **facts: Any) -> Finding:
    return Finding(Status.INFO, code, facts, on)


def warn(code: str, *, on: str = "", **facts: Any) -> Finding:
    return Finding(Status.WARN, code, facts, on)


def fail(code: str, *, on: str = "", **facts: Any) -> Finding:
    return Finding(Status.FAIL, code, facts, on)


def critical(code: str, *, on: str = "", **facts: Any) -> Finding:
    """Mail flow is broken or DNSSEC is bogus: alerts go out as soon as it is confirmed."""
    return Finding(Status.FAIL, code, facts, on, critical=True)


def unknown(code: str, *, on: str = "", **facts: Any) -> Finding:
    return Finding(Status.UNKNOWN, code, facts, on)


def not_applicable(code: str, *, on: str = "", **facts: Any) -> Finding:
    return Finding(Status.NOT_APPLICABLE, code, facts, on)


@dataclass(frozen=True, slots=True)
class Words:
    """English; %(name)s are facts. `check` is the id in docs/dns.md, `rfc` the place that decides."""

    check: str
    says: str
    why: str = ""
    fix: str = ""
    rfc: str = ""


def _(text: str) -> str:
    """Marks a sentence for scripts/messages.py. It is translated when it is shown."""
    return text


def listed(value: Any) -> str:
    """A fact as it stands in a sentence."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return ", ".join(str(item) for item in value)
    return str(value)


def fill(sentence: str, facts: Mapping[str, Any]) -> str:
    return sentence % {name: listed(value) for name, value in facts.items()} if sentence else ""
