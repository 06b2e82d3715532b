"""APPEND: a message into a folder."""

import re
from collections.abc import Iterable
from datetime import datetime

from . import errors
from .connection import Connection
from .wire import Atom, Blob, Flag, FolderName, Value

_LINE_END = re.compile(rb"\r\n|\r|\n")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def append(
    imap: Connection, folder: str, message: bytes, flags: Iterable[str] = (), when: datetime | None = None
) -> int | None:
    """Stores the message; returns its uid where the server tells (RFC 4315), else None."""
    command: list[Value] = [Atom("APPEND"), FolderName(folder), [Flag(flag) for flag in sorted(flags)]]
    if when is not None:
        # RFC 3501: date-time is always in English, whatever the locale.
        command.append(
            f"{when.day:02d}-{_MONTHS[when.month - 1]}-{when:%Y %H:%M:%S} {when.strftime('%z') or '+0000'}"
        )
    command.append(Blob(_LINE_END.sub(b"\r\n", message)))
    try:
        answer = imap.run(*command)
    except errors.Rejected as error:
        if error.code == "TRYCREATE":
            raise errors.NotFound(folder) from error
        raise
    found = answer.code("APPENDUID")
    return int(found.code_data[1]) if found and len(found.code_data) > 1 else None
