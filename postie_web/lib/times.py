"""Times of day as an operator writes them."""

import re
import zlib

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def clock_time(text: str) -> dict[str, int]:
    """'02:30' → {"hour": 2, "minute": 30}, as crontab takes it; ValueError for anything else."""
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a time of day like 02:30")
    return {"hour": int(found[1]), "minute": int(found[2])}


def nightly(name: str) -> str:
    """'02:30' to '03:15', always the same for a name."""
    minutes = 150 + zlib.crc32(name.encode()) % 46
    return f"{minutes // 60:02}:{minutes % 60:02}"
