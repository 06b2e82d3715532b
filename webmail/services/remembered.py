"""Searches that were kept, the last ones, and what to offer while one is typed."""

from collections.abc import Iterator

from django.db.models import Q

from webmail.models import Contact, SavedSearch
from webmail.services.labels import Labels

_RECENT = 10
_MOST_SAVED = 100
_MOST_OFFERED = 8
OPERATORS = (
    "from:", "to:", "cc:", "subject:", "body:", "has:attachment", "filename:", "larger:5M", "smaller:",
    "is:unread", "is:starred", "is:answered", "label:", "in:inbox", "in:archive", "in:sent", "in:trash",
    "before:", "after:", "older_than:1y", "newer_than:7d",
)  # fmt: skip


def note(account: str, query: str) -> None:
    """One of the last few; a kept one only moves up."""
    query = query.strip()[:500]
    if not query:
        return
    SavedSearch.objects.update_or_create(account=account.lower(), query=query)
    recent = SavedSearch.objects.filter(account=account.lower(), name="")
    old = list(recent.values_list("pk", flat=True)[_RECENT:])
    if old:
        SavedSearch.objects.filter(pk__in=old).delete()


def keep(account: str, query: str, name: str) -> bool:
    """False when there are too many, or nothing to keep."""
    query, name = query.strip()[:500], name.strip()[:100]
    if not query or not name or len(saved(account)) >= _MOST_SAVED:
        return False
    SavedSearch.objects.update_or_create(account=account.lower(), query=query, defaults={"name": name})
    return True


def forget(account: str, number: int) -> None:
    SavedSearch.objects.filter(account=account.lower(), pk=number).delete()


def saved(account: str) -> list[SavedSearch]:
    return list(SavedSearch.objects.filter(account=account.lower()).exclude(name="").order_by("name"))


def recent(account: str) -> list[SavedSearch]:
    return list(SavedSearch.objects.filter(account=account.lower(), name="")[:_RECENT])


def offers(account: str, text: str, labels: Labels) -> list[tuple[str, str]]:
    """(what the box would say, words beside it): earlier searches, then people, operators and labels."""
    head, _space, last = text[:500].rpartition(" ")
    head = f"{head} " if head else ""
    found: dict[str, str] = {}
    for value, words in (*_earlier(account, text), *_completions(account, last, labels)):
        whole = value if words == value else f"{head}{value}"
        if whole != text:
            found.setdefault(whole, words)
    return list(found.items())[:_MOST_OFFERED]


def _earlier(account: str, text: str) -> Iterator[tuple[str, str]]:
    known = SavedSearch.objects.filter(account=account.lower())
    matching = known.filter(Q(query__icontains=text) | Q(name__icontains=text)) if text else known
    for one in matching[:4]:
        yield one.query, one.query


def _completions(account: str, last: str, labels: Labels) -> Iterator[tuple[str, str]]:
    if not last:
        return
    operator, colon, rest = last.partition(":")
    if colon and operator.lower() == "label":
        yield from (
            (f"label:{_quoted(x.name)}", x.name) for x in labels.known if rest.lower() in x.name.lower()
        )
    elif colon and operator.lower() in ("from", "to", "cc"):
        yield from ((f"{operator}:{one.address}", str(one)) for one in _people(account, rest))
    else:
        yield from ((one, "") for one in OPERATORS if one.startswith(last.lower()))
        yield from ((f"from:{one.address}", str(one)) for one in _people(account, last))


def _people(account: str, part: str) -> list[Contact]:
    mine = Contact.objects.filter(account=account.lower())
    return list(mine.filter(Q(name__icontains=part) | Q(address__icontains=part))[:_MOST_OFFERED])


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
