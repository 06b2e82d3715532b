"""
The poste.io REST API (/admin/api/v1/), complete and typed. One Client per process: it keeps its connections.

    poste = Client("https://mail.example.org/admin/api/v1", "admin@example.org", password)
    for mailbox in poste.mailboxes.all(query="ann"): …
"""

from collections.abc import Callable, Iterator
from typing import Any, Self, TypeVar

import httpx

from mailadmin.posteio.errors import Unavailable
from mailadmin.posteio.http import Http, path
from mailadmin.posteio.resources import (
    Dkim,
    Domain,
    DomainChange,
    Json,
    Mailbox,
    MailboxChange,
    NewDomain,
    NewMailbox,
    Page,
    Quota,
    Traffic,
)

T = TypeVar("T")
PAGING = 50
PAGING_ALL = 500
MOST_PAGES = 2000


class Client:
    """Its password is in no repr and in no error."""

    def __init__(
        self,
        base_url: str,
        user: str,
        password: str,
        transport: httpx.BaseTransport | None = None,
        timeout: float = 10.0,
    ) -> None:
        self.base_url = base_url
        self.user = user
        self._http = Http(base_url, user, password, transport, timeout)
        self.domains = Domains(self._http)
        self.mailboxes = Mailboxes(self._http)

    def __repr__(self) -> str:
        return f"Client({self.user})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()


class Domains:
    def __init__(self, http: Http) -> None:
        self._http = http

    def list(self, page: int = 1, paging: int = PAGING, query: str = "") -> Page[Domain]:
        return _page(self._http, "/domains", Domain.from_json, page, paging, query)

    def all(self, query: str = "") -> Iterator[Domain]:
        return _all(lambda page: self.list(page, PAGING_ALL, query))

    def get(self, name: str) -> Domain:
        return _read(Domain.from_json, self._http.get(path("domains", name)))

    def create(self, new: NewDomain) -> Domain:
        self._http.post("/domains", new.to_json())
        return self.get(new.name)

    def update(self, name: str, change: DomainChange) -> None:
        self._http.patch(path("domains", name), change.to_json())

    def delete(self, name: str) -> None:
        """With all mailboxes and all mail."""
        self._http.delete(path("domains", name))

    def dkim(self, name: str) -> Dkim:
        """NotFound when there is no key."""
        return _read(Dkim.from_json, self._http.get(path("domains", name, "dkim")))

    def create_dkim(self, name: str) -> Dkim:
        """A new key; one that was there stops signing."""
        self._http.put(path("domains", name, "dkim"))
        return self.dkim(name)

    def delete_dkim(self, name: str) -> None:
        self._http.delete(path("domains", name, "dkim"))

    def stats(self, name: str) -> dict[str, Traffic]:
        """Period ("2024-03") → messages, oldest first."""
        return _traffic(self._http.get(path("domains", name, "stats")))


class Mailboxes:
    """Mailboxes and aliases: for poste.io both are boxes."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def list(self, page: int = 1, paging: int = PAGING, query: str = "") -> Page[Mailbox]:
        return _page(self._http, "/boxes", Mailbox.from_json, page, paging, query)

    def all(self, query: str = "") -> Iterator[Mailbox]:
        return _all(lambda page: self.list(page, PAGING_ALL, query))

    def get(self, address: str) -> Mailbox:
        return _read(Mailbox.from_json, self._http.get(path("boxes", address)))

    def create(self, new: NewMailbox) -> Mailbox:
        self._http.post("/boxes", new.to_json())
        return self.get(new.address)

    def update(self, address: str, change: MailboxChange) -> None:
        self._http.patch(path("boxes", address), change.to_json())

    def delete(self, address: str) -> None:
        """With all its mail."""
        self._http.delete(path("boxes", address))

    def quota(self, address: str) -> Quota:
        return _read(Quota.from_json, self._http.get(path("boxes", address, "quota")))

    def set_quota(
        self, address: str, storage_limit: int | None = None, count_limit: int | None = None
    ) -> None:
        """Megabytes and messages; 0 takes the limit away, None leaves it."""
        limits = {"storageLimit": storage_limit, "countLimit": count_limit}
        self._http.patch(path("boxes", address, "quota"), {k: v for k, v in limits.items() if v is not None})

    def sieve(self, address: str) -> str:
        """The filter script; empty when there is none."""
        return _read(
            lambda data: str(data.get("script") or ""), self._http.get(path("boxes", address, "sieve"))
        )

    def set_sieve(self, address: str, script: str) -> None:
        self._http.patch(path("boxes", address, "sieve"), {"script": script})

    def stats(self, address: str) -> dict[str, Traffic]:
        return _traffic(self._http.get(path("boxes", address, "stats")))


def _page(http: Http, where: str, read: Callable[[Json], T], page: int, paging: int, query: str) -> Page[T]:
    parameters: dict[str, str | int] = {"page": page, "paging": paging}
    if query:
        parameters["query"] = query
    return _read(lambda data: _as_page(data, read), http.get(where, **parameters))


def _as_page(data: Json, read: Callable[[Json], T]) -> Page[T]:
    items = tuple(read(one) for one in data.get("results") or [])
    return Page(
        items=items,
        page=int(data.get("page") or 1),
        last_page=int(data.get("last_page") or 1),
        total=int(data.get("results_count") or len(items)),
    )


def _all(list_page: Callable[[int], Page[T]]) -> Iterator[T]:
    for number in range(1, MOST_PAGES + 1):
        page = list_page(number)
        yield from page.items
        if number >= page.last_page or not page.items:
            return


def _traffic(data: Any) -> dict[str, Traffic]:
    # An empty PHP array becomes [] where an empty object is meant.
    if data == []:
        return {}
    return _read(lambda found: {str(period): Traffic.from_json(one) for period, one in found.items()}, data)


def _read(read: Callable[[Json], T], data: Any) -> T:
    """Something that is not what the API promises is as good as no answer."""
    try:
        if not isinstance(data, dict):
            data = dict(data)
        return read(data)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unavailable("the answer is not what poste.io promises") from None
