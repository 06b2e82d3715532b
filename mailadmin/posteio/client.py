"""The door to poste.io's REST API. Knows nothing of Django."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx

from mailadmin.posteio.errors import Duplicate, NotFound, Rejected, Unauthorized, Unavailable
from mailadmin.posteio.resources import (
    Dkim,
    Domain,
    DomainChange,
    Mailbox,
    MailboxChange,
    NewDomain,
    NewMailbox,
    Only,
    Page,
    Quota,
    Traffic,
    traffic,
)

T = TypeVar("T")
PAGING = 50
MOST_PAGES = 10_000
NOTHING: Mapping[str, str] = {}
EVERYBODY = Only()
DUPLICATE = "already in database"  # the one sentence all poste.io clients know it by


class Client:
    """One per process: it holds a pool of connections. `transport` is the seam for tests."""

    def __init__(
        self,
        base_url: str,
        user: str,
        password: str,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._http = httpx.Client(
            base_url=f"{base_url.rstrip('/')}/admin/api/v1/" if base_url else "http://localhost:9/",
            auth=httpx.BasicAuth(user, password),
            transport=transport or httpx.HTTPTransport(retries=1),
            timeout=timeout,
            follow_redirects=False,
        )
        self.domains = Domains(self)
        self.mailboxes = Mailboxes(self)

    def __repr__(self) -> str:
        return f"Client({str(self._http.base_url)!r})"

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: object) -> Any:
        """A JSON answer. The only call that is made a second time: it changes nothing (RFC 9110, 9.2.2)."""
        parameters = {key: str(value) for key, value in query.items() if value}
        try:
            answer = self._ask("GET", path, params=parameters)
        except Unavailable:
            answer = self._ask("GET", path, params=parameters)
        try:
            return answer.json()
        except (ValueError, RecursionError):
            raise Unavailable("the answer is not JSON") from None

    def read(self, read: Callable[[Any], T], path: str, **query: object) -> T:
        """What does not look like poste.io is as good as no answer."""
        data = self.get(path, **query)
        try:
            return read(data)
        except (LookupError, TypeError, ValueError, AttributeError):
            raise Unavailable("the answer is not what poste.io promises") from None

    def date(self) -> str:
        """What the server thinks the time is: its Date header, or ''. Proves that it answers us at all."""
        return str(self._ask("GET", "domains", params={"paging": "1"}).headers.get("date", ""))

    def queue(self) -> Any:
        """What waits to be sent. Only the bundled server tells; poste.io answers NotFound."""
        return self.get("queue")

    def send(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        self._ask(verb, path, json=body)

    def _ask(self, verb: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = self._http.request(verb, path, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # Only its kind: the words of httpx may quote what we sent.
            raise Unavailable(type(error).__name__) from None
        if answer.is_success:
            return answer
        raise _error(answer)


def _error(answer: httpx.Response) -> Exception:
    match answer.status_code:
        case 401 | 403:
            return Unauthorized(str(answer.status_code))
        case 404:
            return NotFound(answer.request.url.path)
        case 400 | 409 | 422:
            if DUPLICATE in answer.text:
                return Duplicate(answer.request.url.path)
            return Rejected(*_reason(answer))
    return Unavailable(str(answer.status_code))


def _reason(answer: httpx.Response) -> tuple[str, str | None]:
    """The first sentence of a Symfony form error, and its field."""
    try:
        body = answer.json()
        errors = body.get("errors") or {}
        for name, one in (errors.get("children") or {}).items():
            if isinstance(one, Mapping) and one.get("errors"):
                return str(one["errors"][0]), str(name)
        return str((errors.get("errors") or [body.get("message") or ""])[0]), None
    except (ValueError, AttributeError, LookupError, TypeError):
        return "", None


class _Resource(Generic[T]):
    path = ""

    def __init__(self, client: Client) -> None:
        self._client = client

    def _list(
        self, read: Callable[[Any], T], page: int, paging: int, query: str, only: Mapping[str, str] = NOTHING
    ) -> Page[T]:
        def as_page(data: Any) -> Page[T]:
            return Page(
                items=tuple(read(one) for one in data.get("results") or ()),
                number=int(data.get("page") or page),
                last_page=int(data.get("last_page") or 1),
                total=int(data.get("results_count") or 0),
                filtered=set(only) <= set(data.get("filtered") or ()),
            )

        return self._client.read(as_page, self.path, page=page, paging=paging, query=query, **only)

    def _all(self, listed: Callable[[int], Page[T]]) -> Iterator[T]:
        for number in range(1, MOST_PAGES):
            found = listed(number)
            yield from found.items
            if number >= found.last_page or not found.items:
                return

    def _at(self, name: str, part: str = "") -> str:
        if name in ("", ".", ".."):  # would climb in the tree
            raise NotFound("no such name")
        return f"{self.path}/{quote(name, safe='')}{part}"


class Domains(_Resource[Domain]):
    path = "domains"

    def list(self, *, page: int = 1, paging: int = PAGING, query: str = "") -> Page[Domain]:
        return self._list(Domain.from_json, page, paging, query)

    def all(self, *, query: str = "", paging: int = 500) -> Iterator[Domain]:
        return self._all(lambda number: self.list(page=number, paging=paging, query=query))

    def get(self, name: str) -> Domain:
        return self._client.read(Domain.from_json, self._at(name))

    def create(self, new: NewDomain) -> Domain:
        self._client.send("POST", self.path, new.to_json())
        return self.get(new.name)

    def update(self, name: str, change: DomainChange) -> None:
        self._client.send("PATCH", self._at(name), change.to_json())

    def delete(self, name: str) -> None:
        self._client.send("DELETE", self._at(name))

    def dkim(self, name: str) -> Dkim:
        return self._client.read(Dkim.from_json, self._at(name, "/dkim"))

    def create_dkim(self, name: str) -> Dkim:
        self._client.send("PUT", self._at(name, "/dkim"))
        return self.dkim(name)

    def delete_dkim(self, name: str) -> None:
        self._client.send("DELETE", self._at(name, "/dkim"))

    def stats(self, name: str) -> dict[str, Traffic]:
        return self._client.read(traffic, self._at(name, "/stats"))


class Mailboxes(_Resource[Mailbox]):
    path = "boxes"

    def list(
        self, *, page: int = 1, paging: int = PAGING, query: str = "", only: Only = EVERYBODY
    ) -> Page[Mailbox]:
        """Whether `only` was heeded, the page says."""
        return self._list(Mailbox.from_json, page, paging, query, only.parameters())

    def all(self, *, query: str = "", paging: int = 1000) -> Iterator[Mailbox]:
        return self._all(lambda number: self.list(page=number, paging=paging, query=query))

    def pages(
        self, *, query: str = "", paging: int = 1000, only: Only = EVERYBODY
    ) -> Iterator[Page[Mailbox]]:
        """One after the other; each says whether it is filtered."""
        for number in range(1, MOST_PAGES):
            found = self.list(page=number, paging=paging, query=query, only=only)
            yield found
            if number >= found.last_page or not found.items:
                return

    def get(self, address: str) -> Mailbox:
        return self._client.read(Mailbox.from_json, self._at(address))

    def create(self, new: NewMailbox) -> Mailbox:
        self._client.send("POST", self.path, new.to_json())
        return self.get(new.address)

    def update(self, address: str, change: MailboxChange) -> None:
        self._client.send("PATCH", self._at(address), change.to_json())

    def delete(self, address: str) -> None:
        self._client.send("DELETE", self._at(address))

    def quota(self, address: str) -> Quota:
        return self._client.read(Quota.from_json, self._at(address, "/quota"))

    def set_quota(
        self, address: str, *, storage_limit: int | None = None, count_limit: int | None = None
    ) -> None:
        wanted = {"storageLimit": storage_limit, "countLimit": count_limit}
        self._client.send(
            "PATCH",
            self._at(address, "/quota"),
            {key: value for key, value in wanted.items() if value is not None},
        )

    def stats(self, address: str) -> dict[str, Traffic]:
        return self._client.read(traffic, self._at(address, "/stats"))

    def sieve(self, address: str) -> str:
        """The script that sorts incoming mail; empty when there is none."""
        return self._client.read(lambda data: str(data.get("script") or ""), self._at(address, "/sieve"))

    def set_sieve(self, address: str, script: str) -> None:
        self._client.send("PATCH", self._at(address, "/sieve"), {"script": script})
