"""Which messages answer which: Message-ID, In-Reply-To and References (RFC 5322, 3.6.4).

For servers without THREAD, and to follow a conversation from one folder into another.
"""

import re
from collections.abc import Iterable, Sequence

from . import fetch, search
from .cache import Bounded
from .connection import Connection
from .search import Criteria
from .wire import Atom, uid_set

_MOST_THREADED = 5000  # without THREAD: the newest messages that are put together; older ones stand alone
_MOST_IDS = 200  # of one message; a longer chain keeps its first and its last ones
_AT_ONCE = 500
_BRACKETS = re.compile(rb"<\s*([^<>\s]{1,500})\s*>")
_FIELD = re.compile(
    rb"^(message-id|in-reply-to|references):(.*(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE
)
_HEADER = Atom("BODY.PEEK[HEADER.FIELDS (MESSAGE-ID IN-REPLY-TO REFERENCES)]<0.65536>")

Ids = tuple[str, ...]  # a message's own first (or empty), then those it names; without angle brackets
_KNOWN: Bounded[Ids] = Bounded(20_000)


def ids(imap: Connection, folder: str, uids: Sequence[int]) -> dict[int, Ids]:
    """What each message calls itself and what it answers."""
    view = imap.select(folder)
    key = (imap.account, folder, view.uidvalidity)
    found = {uid: known for uid in uids if (known := _KNOWN.get((*key, uid))) is not None}
    missing = [uid for uid in uids if uid not in found]
    for start in range(0, len(missing), _AT_ONCE):
        chunk = missing[start : start + _AT_ONCE]
        answer = imap.run(Atom("UID"), Atom("FETCH"), uid_set(chunk), (Atom("UID"), _HEADER))
        for uid, values in fetch.by_uid(answer).items():
            octets = next((v for k, v in values.items() if k.startswith(b"BODY[")), None)
            if octets is not None and uid in chunk:
                found[uid] = read(octets)
                _KNOWN.put((*key, uid), found[uid])
    return found


def read(header: bytes) -> Ids:
    own, named = "", []
    for field, value in _FIELD.findall(header):
        if field.lower() == b"message-id":
            own = own or next(iter(_ids(value)), "")
        else:
            named += _ids(value)
    named = list(dict.fromkeys(named))
    if len(named) > _MOST_IDS:
        named = named[:10] + named[10 - _MOST_IDS :]
    return (own, *(name for name in named if name != own))


def _ids(value: bytes) -> list[str]:
    found = _BRACKETS.findall(value)
    if not found:  # some programs forget the brackets; words without an @ are no identifiers
        found = [word for word in value.split()[:_MOST_IDS] if b"@" in word and len(word) <= 500]
    return [word.decode("utf-8", "replace") for word in found]


def threads(imap: Connection, folder: str) -> list[list[int]]:
    """The folder's conversations, found by ourselves."""
    uids = sorted(search.in_view(imap, folder, search.EVERYTHING, sort="arrival", reverse=False))
    known = ids(imap, folder, uids[-_MOST_THREADED:])
    return [*([uid] for uid in uids[:-_MOST_THREADED]), *together(known)]


def together(known: dict[int, Ids]) -> list[list[int]]:
    """Messages that are linked, however they are; loops and missing members do no harm."""
    parent: dict[str | int, str | int] = {}

    def root(node: str | int) -> str | int:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for uid, names in known.items():
        for name in names:
            if name:
                parent[root(name)] = root(uid)
    found: dict[str | int, list[int]] = {}
    for uid in known:
        found.setdefault(root(uid), []).append(uid)
    return list(found.values())


def naming(names: Iterable[str]) -> Criteria:
    """Messages that are called so, or answer what is."""
    fields = ("Message-ID", "References", "In-Reply-To")
    return search.either(*(search.header(field, name) for name in names for field in fields))
