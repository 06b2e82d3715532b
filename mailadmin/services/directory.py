"""Lists of domains, mailboxes and aliases: filtered and sorted by the server, or here if it cannot."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound, PosteError
from mailadmin.posteio.resources import Domain, Mailbox, Only, Page
from mailadmin.services import boxes, snapshots

PAGING = 50
MOST_QUOTAS = 200  # one question per mailbox: more would make a page slow
AT_ONCE = 8
SORTS = ("address", "name", "created", "-address", "-name", "-created")


class Kind(StrEnum):
    MAILBOX = "mailbox"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    kind: Kind
    domain: str | None = None
    query: str = ""
    state: str = ""  # "", "active", "suspended", "admin"
    sort: str = "address"  # one of SORTS; "-" in front turns it round

    @property
    def only(self) -> Only:
        return Only(
            domain=self.domain or "",
            aliases=self.kind is Kind.ALIAS,
            suspended={"active": False, "suspended": True}.get(self.state),
            administrators=True if self.state == "admin" else None,
            sort=self.sort if self.sort in SORTS else "",
        )

    def fits(self, box: Mailbox) -> bool:
        text = self.query.lower()
        return any(text in words.lower() for words in (box.address, box.name, *box.redirect_to))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """
    What lives in a domain. `megabytes` is None when there are too many mailboxes to ask each. Not `complete`:
    there is more, but the server does not count for us.
    """

    mailboxes: int
    aliases: int
    megabytes: int | None
    complete: bool = True

    @property
    def is_empty(self) -> bool:
        return self.complete and not self.mailboxes and not self.aliases

    @property
    def bytes(self) -> int | None:
        return None if self.megabytes is None else self.megabytes * 1024 * 1024

    def facts(self) -> snapshots.Facts:
        return {"mailboxes": self.mailboxes, "aliases": self.aliases, "megabytes": self.megabytes}


def domains(poste: Client, query: str, number: int) -> Page[Domain]:
    return poste.domains.list(page=number, paging=PAGING, query=query)


def page(poste: Client, wanted: Wanted, number: int) -> Page[Mailbox]:
    """One page of what is wanted; beyond the last page: the last."""
    words = wanted.query or boxes.words_for(wanted.only)
    found = poste.mailboxes.list(page=number, paging=PAGING, query=words, only=wanted.only)
    if not found.filtered:
        return _sifted(poste, wanted, number)
    if number > found.last_page:
        return poste.mailboxes.list(page=found.last_page, paging=PAGING, query=words, only=wanted.only)
    return found


def everything(poste: Client, wanted: Wanted) -> Iterator[Mailbox]:
    """All of it."""
    return boxes.everything(poste, wanted.only, wanted.query, wanted.fits)


def contents(poste: Client, domain_name: str) -> Contents:
    mailboxes = Only(domain=domain_name, aliases=False)
    counted = boxes.count(poste, mailboxes)
    aliases = boxes.count(poste, Only(domain=domain_name, aliases=True))
    if counted is None or aliases is None:
        return _looked_at(poste, domain_name)
    few = boxes.gather(poste, mailboxes).boxes if counted <= MOST_QUOTAS else None
    return Contents(mailboxes=counted, aliases=aliases, megabytes=_megabytes(poste, few))


def existing(poste: Client, addresses: list[str]) -> set[str]:
    """Which of these are taken: one short question each."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        taken = pool.map(lambda address: _exists(poste, address), addresses)
        return {address for address, there in zip(addresses, taken, strict=True) if there}


def _looked_at(poste: Client, domain_name: str) -> Contents:
    found = boxes.gather(poste, Only(domain=domain_name))
    there = [box for box in found.boxes if not box.redirect_only]
    return Contents(
        mailboxes=len(there),
        aliases=len(found.boxes) - len(there),
        megabytes=_megabytes(poste, there if found.complete else None),
        complete=found.complete,
    )


def _sifted(poste: Client, wanted: Wanted, number: int) -> Page[Mailbox]:
    gathered = boxes.gather(poste, wanted.only, wanted.query, wanted.fits)
    found = sorted(gathered.boxes, key=_key(wanted.sort), reverse=wanted.sort.startswith("-"))
    last = max(1, -(-len(found) // PAGING))
    number = min(number, last)
    return Page(
        items=tuple(found[(number - 1) * PAGING : number * PAGING]),
        number=number,
        last_page=last,
        total=len(found),
        filtered=False,
        complete=gathered.complete,
    )


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


def _megabytes(poste: Client, found: list[Mailbox] | None) -> int | None:
    if found is None or len(found) > MOST_QUOTAS:
        return None
    try:
        return round(sum(poste.mailboxes.quota(box.address).storage_usage for box in found))
    except PosteError:  # this part of the API may be away or missing; the rest is still true
        return None
