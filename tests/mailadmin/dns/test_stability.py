"""Rule E2: no alarm for a blink."""

import random
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailadmin.dns.finding import Status
from mailadmin.dns.stability import Observation, settle
from tests.mailadmin.dns.partners import NOW


def seen(*entries: tuple[int, str], critical: bool = False) -> list[Observation]:
    return [Observation(NOW + timedelta(minutes=m), Status(status), critical) for m, status in entries]


def test_one_different_result_changes_nothing() -> None:
    assert settle(seen((0, "pass"), (60, "fail"))).status is Status.PASS


def test_two_results_a_quarter_of_an_hour_apart_are_a_change() -> None:
    settled = settle(seen((0, "pass"), (60, "fail"), (75, "fail")))
    assert settled.status is Status.FAIL
    assert settled.since == NOW + timedelta(minutes=60)


def test_two_results_within_minutes_are_not() -> None:
    assert settle(seen((0, "pass"), (60, "fail"), (65, "fail"))).status is Status.PASS


def test_three_critical_results_need_no_quarter() -> None:
    entries = seen((0, "pass"), (60, "fail"), (64, "fail"), (68, "fail"), critical=True)
    assert settle(entries).status is Status.FAIL


def test_unknown_never_changes_anything() -> None:
    assert settle(seen((0, "pass"), (60, "unknown"), (120, "unknown"))).status is Status.PASS
    assert settle(seen((0, "pass"), (60, "fail"), (70, "unknown"), (90, "fail"))).status is Status.FAIL


def test_flapping_is_one_word() -> None:
    settled = settle(seen((0, "pass"), (60, "fail"), (120, "pass"), (180, "fail")))
    assert settled.unstable
    assert settled.status is Status.PASS


def test_thirty_days_of_flapping_give_no_false_alarm() -> None:
    """Every 30 minutes; single lost answers and single wrong ones, as a bad network gives them."""
    dice = random.Random(20260601)
    history: list[Observation] = []
    status, alarms = Status.PASS, 0
    for minute in range(0, 30 * 24 * 60, 30):
        roll = dice.random()
        wrong = roll < 0.1 and (not history or history[-1].status is Status.PASS)
        result = Status.FAIL if wrong else Status.UNKNOWN if roll < 0.2 else Status.PASS
        history.append(Observation(NOW + timedelta(minutes=minute), result))
        settled = settle(history[-48:])
        alarms += settled.status is Status.FAIL and status is not Status.FAIL
        status = settled.status
    assert alarms == 0


@settings(suppress_health_check=[HealthCheck.too_slow])  # a loaded machine is no fault of the rule
@given(st.lists(st.sampled_from(list(Status)), max_size=30))
def test_the_settled_state_was_seen_twice_or_first(statuses: list[Status]) -> None:
    history = [Observation(NOW + timedelta(minutes=20 * n), s) for n, s in enumerate(statuses)]
    settled = settle(history)
    measured = [s for s in statuses if s is not Status.UNKNOWN]
    assert settled.status in measured if measured else settled.status is Status.UNKNOWN
