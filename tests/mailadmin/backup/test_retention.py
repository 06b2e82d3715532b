"""When nothing may be thrown away."""

from datetime import UTC, datetime, timedelta

import pytest

from mailadmin.backup.retention import Policy, preview

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PROVEN = NOW - timedelta(days=1)
MANY = [f"keep{n}" for n in range(10)]


def test_a_proven_backup_may_forget_the_old() -> None:
    assert preview(MANY, ["old"], proven_at=PROVEN, now=NOW, shrunk=False).refusal == ""


@pytest.mark.parametrize(
    ("keep", "remove", "proven", "shrunk", "refusal"),
    [
        (MANY, ["old"], None, False, "not-proven"),
        (MANY, ["old"], NOW - timedelta(days=8), False, "not-proven"),
        (MANY, ["old"], PROVEN, True, "shrunk"),
        (["a", "b"], ["old"], PROVEN, False, "too-few-left"),
        (MANY, [f"old{n}" for n in range(11)], PROVEN, False, "too-many-at-once"),
    ],
)
def test_refusals(
    keep: list[str], remove: list[str], proven: datetime | None, shrunk: bool, refusal: str
) -> None:
    assert preview(keep, remove, proven_at=proven, now=NOW, shrunk=shrunk).refusal == refusal


def test_policy_as_restic_takes_it() -> None:
    expected = ["--keep-daily", "7", "--keep-weekly", "5", "--keep-monthly", "12", "--keep-yearly", "3"]
    assert Policy().arguments() == expected
    assert Policy(yearly=0).arguments() == expected[:-2]
