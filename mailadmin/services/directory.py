"""
Lists of domains, mailboxes and aliases. poste.io's list has one free-text filter and mixes mailboxes and
aliases, so they are told apart, filtered and sorted here, from everything that its own filter leaves.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound, PosteError
from mailadmin.posteio.resources import Domain, Mailbox, Page
from mailadmin.services import snapshots

PAGING = 50
MOST_QUOTAS = 200  # one question per mailbox: more would make a page slow
FEW = 50  # so many single questions cost less than reading everything


class Kind(StrEnum):
    MAILBOX = "mailbox"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    kind: Kind
    domain: str | None = None
    query: str = ""
    state: str = ""  # "", "active", "suspended", "admin"
    sort: str = "address"  # "address", "name", "created"; "-" in front turns it round


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What lives in a domain. `megabytes` is None when there are too many mailboxes to ask each."""

    mailboxes: int
    aliases: int
    megabytes: int | None

    @property
    def bytes(self) -> int | None:
        return None if self.megabytes is None else self.megabytes * 1024 * 1024

    def facts(self) -> snapshots.Facts:
        return {"mailboxes": self.mailboxes, "aliases": self.aliases, "megabytes": self.megabytes}


def domains(poste: Client, query: str, number: int) -> Page[Domain]:
    return poste.domains.list(page=number, paging=PAGING, query=query)


def page(poste: Client, wanted: Wanted, number: int) -> Page[Mailbox]:
    """One page of what is wanted; beyond the last page: the last."""
    found = sorted(everything(poste, wanted), key=_key(wanted.sort), reverse=wanted.sort.startswith("-"))
    last = max(1, -(-len(found) // PAGING))
    number = min(number, last)
    part = found[(number - 1) * PAGING : number * PAGING]
    return Page(items=tuple(part), number=number, last_page=last, total=len(found))


def everything(poste: Client, wanted: Wanted) -> Iterator[Mailbox]:
    """All of it, in the server's order."""
    for box in poste.mailboxes.all(query=wanted.query or (f"@{wanted.domain}" if wanted.domain else "")):
        if _fits(box, wanted):
            yield box


def contents(poste: Client, domain_name: str) -> Contents:
    boxes = list(everything(poste, Wanted(kind=Kind.MAILBOX, domain=domain_name)))
    aliases = sum(1 for _box in everything(poste, Wanted(kind=Kind.ALIAS, domain=domain_name)))
    return Contents(mailboxes=len(boxes), aliases=aliases, megabytes=_megabytes(poste, boxes))


def existing(poste: Client, addresses: list[str]) -> set[str]:
    """Which of these are taken."""
    if len(addresses) > FEW:
        return {box.address for box in poste.mailboxes.all()} & set(addresses)
    return {address for address in addresses if _exists(poste, address)}


def _fits(box: Mailbox, wanted: Wanted) -> bool:
    if box.redirect_only != (wanted.kind is Kind.ALIAS):
        return False
    if wanted.domain and box.address.rpartition("@")[2] != wanted.domain:
        return False  # the free-text filter also finds @kronos.test.pe for @kronos.test
    text = wanted.query.lower()
    if text and not any(text in words.lower() for words in (box.address, box.name, *box.redirect_to)):
        return False
    match wanted.state:
        case "active":
            return not box.suspended
        case "suspended":
            return box.suspended
        case "admin":
            return box.super_admin or box.domain_admin
    return True


def _key(sort: str) -> Callable[[Mailbox], tuple[str, str]]:
    match sort.lstrip("-"):
        case "name":
            return lambda box: (box.name.lower(), box.address)
        case "created":
            return lambda box: (box.created.isoformat() if box.created else "", box.address)
    return lambda box: (box.address, "")


def _exists(poste: Client, address: str) -> bool:
    try:
        poste.mailboxes.get(address)
    except NotFound:
        return False
    return True


def _megabytes(poste: Client, boxes: list[Mailbox]) -> int | None:
    if len(boxes) > MOST_QUOTAS:
        return None
    try:
        return round(sum(poste.mailboxes.quota(box.address).storage_usage for box in boxes))
    except PosteError:  # this part of the API may be away or missing; the rest is still true
        return None
