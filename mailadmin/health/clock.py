"""Is the clock right? A wrong one breaks certificates, signatures, second factors and every forecast."""

from datetime import datetime
from email.utils import parsedate_to_datetime

from .reading import Reading, fail, ok, unknown, warn

WARN_SECONDS, FAIL_SECONDS = 30, 300


def judge(now: datetime, date_header: str, last_run: datetime | None) -> Reading:
    """`date_header`: what the mail server thinks (RFC 9110, 6.6.1). `last_run`: when we looked last."""
    if last_run is not None and (last_run - now).total_seconds() > WARN_SECONDS:
        return fail("clock", "clock.jumped", seconds=round((last_run - now).total_seconds()))
    try:
        theirs = parsedate_to_datetime(date_header)
        seconds = round(abs((theirs - now).total_seconds()))
    except (TypeError, ValueError):
        return unknown("clock", "clock.untold")
    if seconds >= FAIL_SECONDS:
        return fail("clock", "clock.wrong", seconds=seconds)
    if seconds >= WARN_SECONDS:
        return warn("clock", "clock.wrong", seconds=seconds)
    return ok("clock", "clock.right", seconds=seconds)
