"""How long snapshots are kept, and when nothing may be thrown away at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .results import Snapshot

FEWEST_LEFT = 3
LARGEST_SHARE = 0.5  # of the complete snapshots, in one go
LONGEST_UNPROVEN = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    daily: int = 7
    weekly: int = 5
    monthly: int = 12
    yearly: int = 3

    def arguments(self) -> list[str]:
        kept = {"daily": self.daily, "weekly": self.weekly, "monthly": self.monthly, "yearly": self.yearly}
        return [word for name, n in kept.items() if n for word in (f"--keep-{name}", str(n))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a retention run would do; `refusal` is a code from REFUSALS, or empty when it may run."""

    keep: tuple[str, ...]
    remove: tuple[str, ...]
    refusal: str = ""


REFUSALS = ("too-few-left", "too-many-at-once", "not-proven", "shrunk")


def preview(
    keep: Sequence[str],
    remove: Sequence[str],
    *,
    proven_at: datetime | None,
    now: datetime,
    shrunk: bool,
) -> Preview:
    """`proven_at`: when a snapshot was last verified; `shrunk`: the newest one is suspiciously small."""
    refusal = ""
    if shrunk:
        refusal = "shrunk"
    elif proven_at is None or now - proven_at > LONGEST_UNPROVEN:
        # The next good backup may be the first good one for a while: keep the old ones until then.
        refusal = "not-proven"
    elif remove and len(keep) < FEWEST_LEFT:
        refusal = "too-few-left"
    elif len(remove) > LARGEST_SHARE * (len(keep) + len(remove)):
        refusal = "too-many-at-once"
    return Preview(keep=tuple(keep), remove=tuple(remove), refusal=refusal)


def newest_complete(snapshots: Sequence[Snapshot]) -> Snapshot | None:
    return max((s for s in snapshots if s.is_complete), key=lambda s: s.time, default=None)
