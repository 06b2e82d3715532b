"""SEARCH, SORT and their extended forms: which messages, in which order.

A criterion is a value of this module; a person's words only ever stand in it as text.
"""

from array import array
from collections.abc import Sequence
from datetime import date

from . import arrivals, errors, ledger, subjects
from .answers import Answer, View, expand
from .arrivals import Kept
from .cache import ORDERS, Bounded
from .connection import Connection
from .wire import Atom, Flag, Value, uid_set

Criteria = tuple[Value, ...]  # search keys, all of which must hold; empty: everything

SORTS = {
    "arrival": "ARRIVAL",
    "date": "DATE",
    "from": "FROM",
    "subject": "SUBJECT",
    "size": "SIZE",
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_NAMED = 4000  # uids in one command
_TEXT_KEYS = {
    "from": "FROM",
    "to": "TO",
    "cc": "CC",
    "bcc": "BCC",
    "subject": "SUBJECT",
    "body": "BODY",
    "text": "TEXT",
}

EVERYTHING: Criteria = ()
WHOLE: Bounded[Kept["array[int]"]] = Bounded(20)  # one a folder and order, 4 octets a message
NOTHING: Criteria = (Atom("NOT"), [Atom("ALL")])
UNREAD: Criteria = (Atom("UNSEEN"),)
READ: Criteria = (Atom("SEEN"),)
FLAGGED: Criteria = (Atom("FLAGGED"),)
ANSWERED: Criteria = (Atom("ANSWERED"),)


def text(field: str, words: str) -> Criteria:
    """`field` is one of from, to, cc, bcc, subject, body, text (header and body)."""
    return (Atom(_TEXT_KEYS[field]), words)


def header(name: str, words: str) -> Criteria:
    return (Atom("HEADER"), name, words)


def keyword(name: str) -> Criteria:
    return (Atom("KEYWORD"), Flag(name))


def larger(octets: int) -> Criteria:
    return (Atom("LARGER"), octets)


def smaller(octets: int) -> Criteria:
    return (Atom("SMALLER"), octets)


def since(day: date) -> Criteria:
    return (Atom("SINCE"), _date(day))


def before(day: date) -> Criteria:
    return (Atom("BEFORE"), _date(day))


def _date(day: date) -> Atom:
    return Atom(f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04d}")


def either(*choices: Criteria) -> Criteria:
    """OR, which IMAP has for two only."""
    if len(choices) == 1:
        return choices[0]
    half = len(choices) // 2  # halves and not one by one: a hundred would be nested a hundred deep
    return (Atom("OR"), _one(either(*choices[:half])), _one(either(*choices[half:])))


def neither(criteria: Criteria) -> Criteria:
    return (Atom("NOT"), _one(criteria))


def both(*parts: Criteria) -> Criteria:
    return tuple(value for part in parts for value in part)


def _one(criteria: Criteria) -> Value:
    return list(criteria) if criteria else [Atom("ALL")]


# Only mixed content holds attachments; Dovecot marks them at delivery when told to.
ATTACHMENTS: Criteria = either(
    (Atom("KEYWORD"), Flag("$HasAttachment")),
    (Atom("HEADER"), "Content-Type", "multipart/mixed"),
    (Atom("HEADER"), "Content-Type", "application/"),
)


def uids(
    imap: Connection,
    folder: str,
    criteria: Criteria = EVERYTHING,
    *,
    sort: str = "arrival",
    reverse: bool = True,
) -> "array[int]":
    """All that match, newest (or largest, or last of the alphabet) first when `reverse`."""
    imap.select(folder)
    return in_view(imap, folder, criteria, sort=sort, reverse=reverse)


def in_view(imap: Connection, folder: str, criteria: Criteria, *, sort: str, reverse: bool) -> "array[int]":
    """The same, of the folder as it was last selected."""
    view = imap.view
    if view is None or view.messages == 0:
        return array("I")
    key = _proof(imap, folder, criteria, (sort, reverse))
    known = ORDERS.get(key) if key else None
    if known is not None:
        return known
    if key and criteria == EVERYTHING and (sort != "arrival") and imap.has("SORT") and not imap.is_virtual:
        return _sorted_whole(imap, folder, view, sort, reverse)
    if (sort == "arrival" and not imap.is_virtual) or not imap.has("SORT"):
        found = _by_subject(imap, view, criteria)
        if found is None:
            found = _search(imap, criteria)
        ordered = array("I", sorted(found, reverse=reverse))
    else:
        ordered = _sort(imap, criteria, sort, reverse)
    if key and (criteria == EVERYTHING or imap.is_as_told()):
        ORDERS.put(key, ordered)
    return ordered


def _by_subject(imap: Connection, view: View, criteria: Criteria) -> list[int] | None:
    """Letters with all of these words in their subjects, without Dovecot looking through all of them.

    None where that is not the whole question, or where a full-text index has ideas of its own of a word.
    """
    keys, words = criteria[::2], [word for word in criteria[1::2] if isinstance(word, str)]
    if not words or any(key != "SUBJECT" for key in keys) or len(keys) != len(words):
        return None
    wanted = [octets for word in words if (octets := subjects.needle(word)) is not None]
    if len(wanted) < len(words) or imap.product != "dovecot" or imap.has("SEARCH=FUZZY"):
        return None
    known = ledger.of(imap, view)
    odd = known.odd() if known else []
    if known is None or 2 * len(odd) > view.messages:
        return None
    found = known.having(wanted)
    for start in range(0, len(odd), _MOST_NAMED):
        found += _search(imap, (Atom("UID"), uid_set(odd[start : start + _MOST_NAMED]), *criteria))
    return found


def _sorted_whole(imap: Connection, folder: str, view: View, sort: str, reverse: bool) -> "array[int]":
    """All of the folder: sorting 100,000 takes Dovecot 200 ms, finding one letter's place among them 5."""
    key = (imap.account, folder, view.uidvalidity, sort, reverse)
    kept = WHOLE.get(key)
    if kept and kept.is_of(view):
        return kept.value
    new = kept.arrived(view, lambda uid: above(imap, uid)) if kept else []
    ordered = None
    if kept and new:
        ordered = arrivals.inserted(
            kept.value, new, lambda uids: _sort(imap, (Atom("UID"), uid_set(uids)), sort, reverse)
        )
    if ordered is None:
        ordered = _sort(imap, EVERYTHING, sort, reverse)
    if len(ordered) == view.messages:
        WHOLE.put(key, Kept(ordered, view.uidnext, view.messages))
    return ordered


def _proof(
    imap: Connection, folder: str, criteria: Criteria, order: tuple[str, bool]
) -> tuple[object, ...] | None:
    """What proves an earlier answer true still; None when nothing can.

    The same uidnext and the same number of messages are the same messages: uids are only ever added above and
    taken away. That is enough for an order; what depends on flags needs the same HIGHESTMODSEQ as well.
    """
    view = imap.view
    same = same_messages(imap, folder, view) if view else None
    if view is None or same is None:
        return None
    if criteria == EVERYTHING:
        return (*same, order)
    return (*same, order, repr(criteria), view.modseq) if view.modseq else None


def same_messages(imap: Connection, folder: str, view: View) -> tuple[object, ...] | None:
    """Two equal answers: the folder holds the same messages. None when the server cannot prove it."""
    if not view.uidvalidity or not view.uidnext:
        return None
    return (imap.account, folder, view.uidvalidity, view.uidnext, view.messages)


def count(imap: Connection, folder: str, criteria: Criteria) -> int:
    imap.select(folder)
    if imap.has("ESEARCH"):
        answer = imap.run(*_search_command(imap, criteria, ["COUNT"]))
        return int(_esearch(answer).get("COUNT", b"0"))
    return len(_search(imap, criteria))


def since_uid(imap: Connection, folder: str, uid: int) -> list[int]:
    """Messages from this uid on. "n:*" always has the last one too, even below n (RFC 3501, 9)."""
    imap.select(folder)
    return above(imap, uid)


def above(imap: Connection, uid: int) -> list[int]:
    return [found for found in _search(imap, (Atom("UID"), Atom(f"{uid}:*"))) if found >= uid]


def matching(imap: Connection, criteria: Criteria) -> list[int]:
    """In the selected folder, now, in no order."""
    return _search(imap, criteria)


def by_guid(imap: Connection, folder: str, guid: str) -> list[int]:
    """Dovecot only: the message with this X-GUID, wherever it went."""
    imap.select(folder)
    return _search(imap, (Atom("X-GUID"), guid))


def _search(imap: Connection, criteria: Criteria) -> list[int]:
    if imap.has("ESEARCH"):
        found = _esearch(imap.run(*_search_command(imap, criteria, ["ALL"]))).get("ALL")
        return expand(found) if found else []
    answer = imap.run(*_search_command(imap, criteria, []))
    return [int(uid) for item in answer.named("SEARCH") for uid in item.data]


def _search_command(imap: Connection, criteria: Criteria, wanted: Sequence[str]) -> list[Value]:
    command: list[Value] = [Atom("UID"), Atom("SEARCH")]
    if wanted:
        command += [Atom("RETURN"), [Atom(word) for word in wanted]]
    if not _is_ascii(criteria):
        command += [Atom("CHARSET"), Atom("UTF-8")]
    return [*command, *(criteria or (Atom("ALL"),))]


def _sort(imap: Connection, criteria: Criteria, sort: str, reverse: bool) -> "array[int]":
    keys: list[Value] = [Atom("REVERSE")] if reverse else []
    keys.append(Atom(SORTS[sort]))
    answer = imap.run(Atom("UID"), Atom("SORT"), keys, Atom("UTF-8"), *(criteria or (Atom("ALL"),)))
    return array("I", [int(uid) for item in answer.named("SORT") for uid in item.data])


def _is_ascii(value: Value | Sequence[Value]) -> bool:
    if isinstance(value, str):
        return value.isascii()
    if isinstance(value, list | tuple):
        return all(_is_ascii(item) for item in value)
    return True


def _esearch(answer: Answer) -> dict[str, bytes]:
    """`* ESEARCH (TAG "P1") UID COUNT 5 ALL 1:3,7` → names and values (RFC 4731)."""
    found = answer.named("ESEARCH")
    if not found:
        raise errors.Unavailable("The mail server did not say what it found.")
    words = [word for word in found[0].data if isinstance(word, bytes) and word.upper() != b"UID"]
    return {k.decode("latin-1").upper(): v for k, v in zip(words[::2], words[1::2], strict=False)}
