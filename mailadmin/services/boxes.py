"""
Many boxes at once, in bounded time and memory. The bundled server filters and sorts by itself; poste.io's
list has one free-text filter and mixes mailboxes and aliases: there we read, tell apart and stop at a limit.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import Mailbox, Only, Page

MOST_READ = 10_000
SECONDS = 8.0  # a page of the panel is not worth more waiting
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Gathered:
    """Not `complete`: the server has more than we were willing to look at."""

    boxes: list[Mailbox]
    complete: bool


def count(poste: Client, only: Only) -> int | None:
    """One question. None when the server does not know our filters."""
    found = poste.mailboxes.list(page=1, paging=1, query=words_for(only), only=only)
    return found.total if found.filtered else None


def gather(
    poste: Client,
    only: Only,
    query: str = "",
    fits: Callable[[Mailbox], bool] = lambda box: True,
) -> Gathered:
    """`fits` is asked about what the server finds for `query` when it did not filter by itself."""
    boxes: list[Mailbox] = []
    looked_at, until = 0, time.monotonic() + SECONDS
    for page in poste.mailboxes.pages(
        query=query or words_for(only), paging=min(AT_ONCE, MOST_READ), only=only
    ):
        boxes += _kept(page, only, fits)
        looked_at += len(page.items)
        if page.number < page.last_page and (looked_at >= MOST_READ or time.monotonic() > until):
            return Gathered(boxes, complete=False)
    return Gathered(boxes, complete=True)


def everything(
    poste: Client, only: Only, query: str = "", fits: Callable[[Mailbox], bool] = lambda box: True
) -> Iterator[Mailbox]:
    """All of it, however long that takes; one page of it in memory."""
    for page in poste.mailboxes.pages(query=query or words_for(only), paging=AT_ONCE, only=only):
        yield from _kept(page, only, fits)


def words_for(only: Only) -> str:
    """What makes a server that does not know our filters answer less."""
    return f"@{only.domain}" if only.domain else ""


def _kept(page: Page[Mailbox], only: Only, fits: Callable[[Mailbox], bool]) -> list[Mailbox]:
    if page.filtered:
        return list(page.items)
    return [box for box in page.items if only.fits(box) and fits(box)]
