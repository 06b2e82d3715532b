"""How full the mailbox is, and which folder fills it. RFC 9208, RFC 8438."""

from collections.abc import Sequence
from dataclasses import dataclass

from . import errors
from .connection import Connection
from .folders import counts_of
from .wire import Atom, FolderName


@dataclass(frozen=True, slots=True)
class Quota:
    used: int  # octets
    limit: int

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.used / self.limit)) if self.limit else 0


def quota(imap: Connection) -> Quota | None:
    """Of the mailbox; None where the server has or tells none."""
    if not imap.has("QUOTA"):
        return None
    try:
        answer = imap.run(Atom("GETQUOTAROOT"), FolderName("INBOX"))
    except errors.Rejected:
        return None
    for item in answer.named("QUOTA"):
        values = item.data[1] if len(item.data) > 1 and isinstance(item.data[1], list) else []
        for name, used, limit in zip(values[::3], values[1::3], values[2::3], strict=False):
            if isinstance(name, bytes) and name.upper() == b"STORAGE" and used.isdigit() and limit.isdigit():
                return Quota(int(used) * 1024, int(limit) * 1024)  # RFC 9208, 5.1: units of 1024 octets
    return None


def sizes(imap: Connection, names: Sequence[str]) -> dict[str, int]:
    """Octets of each folder, where the server counts them (RFC 8438); else nothing."""
    if not imap.has("STATUS=SIZE"):
        return {}
    commands = [(Atom("STATUS"), FolderName(name), [Atom("SIZE")]) for name in names[:500]]
    if not commands:
        return {}
    found = [counts_of(item) for item in imap.run_all(commands, forgive=True)[0].named("STATUS")]
    return {name: values["SIZE"] for name, values in found if "SIZE" in values}
