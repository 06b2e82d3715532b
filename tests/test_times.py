"""Times of day in settings."""

import pytest

from postie_web.lib.times import clock_time, nightly


def test_a_time_of_day_is_read_or_refused() -> None:
    assert clock_time("02:30") == {"hour": 2, "minute": 30}
    for wrong in ("24:00", "2.30", "", "02:60", "half past two"):
        with pytest.raises(ValueError, match="time of day"):
            clock_time(wrong)


def test_the_night_run_is_between_half_past_two_and_a_quarter_past_three() -> None:
    times = {nightly(f"mail{n}.example.org") for n in range(200)}
    assert min(times) >= "02:30"
    assert max(times) <= "03:15"
    assert len(times) > 30
    assert nightly("mail.example.org") == nightly("mail.example.org")
