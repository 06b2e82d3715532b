"""NAMESPACE (RFC 2342): which folders are one's own, and which belong to others."""

from dataclasses import dataclass

from . import errors
from .connection import Connection
from .parser import Data
from .wire import Atom, decode_folder

PERSONAL, OTHERS, SHARED = "", "others", "shared"


@dataclass(frozen=True, slots=True)
class Namespace:
    kind: str
    prefix: str  # "" · "INBOX." · "shared/"
    delimiter: str

    def holds(self, name: str) -> bool:
        return name.startswith(self.prefix) or name + self.delimiter == self.prefix


def of(imap: Connection) -> tuple[Namespace, ...]:
    """Asked once a session. Servers without the command have one namespace, which is one's own."""
    known = imap.memory.get("namespaces")
    if isinstance(known, tuple):
        return known
    found: tuple[Namespace, ...] = ()
    if imap.has("NAMESPACE"):
        try:
            answers = imap.run(Atom("NAMESPACE")).named("NAMESPACE")
        except errors.Rejected:
            answers = []
        found = tuple(one for answer in answers[:1] for one in _read(answer.data))
    imap.memory["namespaces"] = found
    return found


def _read(data: list[Data]) -> list[Namespace]:
    return [
        Namespace(kind, decode_folder(one[0] or b""), (one[1] or b"").decode("utf-8", "replace"))
        for kind, group in zip((PERSONAL, OTHERS, SHARED), data, strict=False)
        if isinstance(group, list)
        for one in group
        if isinstance(one, list) and len(one) > 1
    ]


def kind(imap: Connection, name: str) -> str:
    """Whose folder that is: the longest prefix counts."""
    holding = [one for one in of(imap) if one.holds(name)]
    return max(holding, key=lambda one: len(one.prefix)).kind if holding else PERSONAL


def prefix(imap: Connection) -> str:
    """What one's own new folders must begin with: "INBOX." where everything lies below the inbox."""
    own = [one.prefix for one in of(imap) if one.kind == PERSONAL]
    return "" if "" in own else next((p for p in own if p.upper().startswith("INBOX")), "")
