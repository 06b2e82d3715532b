"""What every page of the webmail shares: the request's type, folder names in URLs, times spent."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django_htmx.middleware import HtmxDetails

from postie_web.lib.credentials import Credentials
from webmail import connections
from webmail.imap import errors
from webmail.imap.connection import Connection
from webmail.models import Preferences
from webmail.services import preferences
from webmail.services.indexing import INDEXER

Answer = TypeVar("Answer")


class MailRequest(HttpRequest):
    """A request of somebody who is signed in to a mailbox (accounts.http.mail_required)."""

    credentials: Credentials
    htmx: HtmxDetails


def preferences_of(request: HttpRequest) -> Preferences:
    """What this person chose; asked for once a request."""
    known = vars(request).get("preferences")
    if not isinstance(known, Preferences):
        credentials = getattr(request, "credentials", None)
        known = preferences.of(credentials.address) if credentials else Preferences()
        vars(request)["preferences"] = known
    return known


def shown(request: HttpRequest) -> dict[str, object]:
    """Context processor: `preferences`, looked up only where a template asks."""
    return {"preferences": SimpleLazyObject(lambda: preferences_of(request))}


class FolderConverter:
    """A folder's name as one piece of a path.

    Percent-encoding alone does not do: WSGI opens %2F again, and browsers resolve "." and "..". So "/" is
    written "~s", a first "." "~d", and "~" itself "~~".
    """

    regex = r"[^/]+"

    def to_python(self, value: str) -> str:
        name, rest = "", iter(value)
        for character in rest:
            name += {"s": "/", "d": ".", "~": "~"}[next(rest, "")] if character == "~" else character
        return name

    def to_url(self, value: str) -> str:
        escaped = value.replace("~", "~~").replace("/", "~s")
        return f"~d{escaped[1:]}" if escaped.startswith(".") else escaped


class StrictFolderConverter(FolderConverter):
    def to_python(self, value: str) -> str:
        try:
            return super().to_python(value)
        except KeyError as error:
            raise ValueError("no folder's name") from error


@lru_cache(maxsize=1024)
def folder_path(name: str) -> str:
    """The name as it stands in a path; faster than reverse(), for lists."""
    return quote(FolderConverter().to_url(name), safe="~")


class Timings:
    """Server-Timing: where the milliseconds of an answer went, for anyone who opens the browser's tools."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.spent[name] = self.spent.get(name, 0.0) + time.perf_counter() - started

    @contextmanager
    def imap(self, request: MailRequest, folder: str = "") -> Iterator[Connection]:
        """A connection whose waiting is counted as imap, and the work around it as parse."""
        vars(request)["timings"] = self  # for answers that do not write it themselves
        started = time.perf_counter()
        roles = preferences_of(request).roles
        with connections.imap(request.credentials, folder) as imap:
            imap.prefer(roles if isinstance(roles, dict) else {})
            before, cleaned = imap.imap_seconds, self.spent.get("clean", 0.0)
            yield imap
            waited = imap.imap_seconds - before
            wishes, imap.wishes = imap.wishes, set()
        if wishes:
            INDEXER.wish(request.credentials, wishes)
        around = time.perf_counter() - started - waited - self.spent.get("clean", 0.0) + cleaned
        self.spent["imap"] = self.spent.get("imap", 0.0) + waited
        self.spent["parse"] = self.spent.get("parse", 0.0) + around

    @contextmanager
    def cleaning(self, imap: Connection) -> Iterator[None]:
        """The sanitiser's time, without the waiting for what it is given."""
        started, before = time.perf_counter(), imap.imap_seconds
        yield
        around = time.perf_counter() - started - (imap.imap_seconds - before)
        self.spent["clean"] = self.spent.get("clean", 0.0) + around

    def read(self, request: MailRequest, ask: Callable[[Connection], Answer], folder: str = "") -> Answer:
        """Asks the mailbox what changes nothing; once more when the warm session turns out to be dead.

        Dovecot ends a session whose folder was deleted and made anew under it.
        """
        try:
            with self.imap(request, folder) as imap:
                return ask(imap)
        except errors.Lost:
            with self.imap(request, folder) as imap:
                return ask(imap)

    def write(self, response: HttpResponse) -> HttpResponse:
        response.headers["Server-Timing"] = str(self)
        return response

    def __str__(self) -> str:
        return ", ".join(f"{name};dur={seconds * 1000:.1f}" for name, seconds in self.spent.items())


@contextmanager
def missing_is_404(name: str) -> Iterator[None]:
    """A folder that is not there, or whose name cannot be one, is a page that is not there."""
    try:
        yield
    except (errors.NotFound, errors.Rejected) as error:
        raise Http404(name) from error
