"""Pages come from the server; one that does not filter is read up to a limit, and the page says so."""

from collections.abc import Callable

import httpx
import pytest
from django.test import Client as Browser

from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import MailboxChange, Only
from mailadmin.services import boxes
from mailserver.api.filters import NAMES
from tests.mailadmin.conftest import Wire

HONEST = "more addresses than Postie can look through"


@pytest.fixture
def forgetful(wire: Wire) -> Wire:
    """A server that, like poste.io, does not know our filters."""
    inner = wire.inner

    class Without(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            kept = {key: value for key, value in request.url.params.items() if key not in NAMES}
            request.url = request.url.copy_with(params=httpx.QueryParams(kept))
            return await inner.handle_async_request(request)

    wire.inner = Without()
    return wire


@pytest.fixture
def many(poste: Client, wire: Wire) -> Callable[[int], None]:
    """Rows straight into the table: 130 more people."""

    def make(number: int) -> None:
        database = wire.database
        with database.change() as connection:
            connection.executemany(
                "INSERT INTO boxes (address, domain, user, home, name, created, updated)"
                " VALUES (?, 'other.test', ?, ?, 'Someone', 0, 0)",
                [(f"p{n:06}@other.test", f"p{n:06}", f"other.test/p{n:06}") for n in range(number)],
            )

    return make


def test_a_page_of_a_big_server_is_one_question(
    admin: Browser, wire: Wire, many: Callable[[int], None]
) -> None:
    many(130)
    wire.asked.clear()
    text = admin.get("/admin/mailboxes/?page=2").content.decode()
    assert [path for _verb, path in wire.asked].count("/admin/api/v1/boxes") == 1
    assert "134 in all" in text
    assert "Page 2 of 3" in text
    assert "p000060@other.test" in text
    assert "info@kronos.test" not in text


def test_the_census_of_a_big_server_reads_nobody(
    admin: Browser, wire: Wire, many: Callable[[int], None]
) -> None:
    many(600)
    wire.asked.clear()
    text = admin.get("/admin/census/").content.decode()
    assert ">604 mailboxes</a>" in text
    assert ">1 alias</a>" in text
    assert len(wire.asked) == 4
    assert HONEST not in text


@pytest.mark.parametrize("state", ["", "active", "suspended", "admin"])
@pytest.mark.parametrize("sort", ["address", "-name", "created"])
def test_a_server_without_filters_shows_the_same(
    admin: Browser, poste: Client, wire: Wire, state: str, sort: str, request: pytest.FixtureRequest
) -> None:
    poste.mailboxes.update("eva@other.test", MailboxChange(suspended=True))
    where = f"/admin/mailboxes/?state={state}&sort={sort}"
    knowing = admin.get(where).content.decode().partition("mailbox-table")[2]
    request.getfixturevalue("forgetful")
    ignorant = admin.get(where).content.decode().partition("mailbox-table")[2]
    assert _addresses(knowing) == _addresses(ignorant) != []
    assert HONEST not in ignorant


def test_beyond_the_limit_the_page_says_so(
    admin: Browser, forgetful: Wire, many: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    many(130)
    monkeypatch.setattr(boxes, "MOST_READ", 20)
    for where in ("mailboxes/", "mailboxes/?q=other.test", "aliases/", "census/"):
        forgetful.asked.clear()
        text = admin.get(f"/admin/{where}").content.decode()
        assert HONEST in text, where
        assert len(forgetful.asked) < 6
    assert "in all" not in admin.get("/admin/mailboxes/").content.decode()
    assert "At least" in admin.get("/admin/census/").content.decode()
    assert "at least 20" in " ".join(admin.get("/admin/domains/other.test/").content.decode().split())
    assert "At least this dies" in admin.get("/admin/domains/other.test/delete/").content.decode()


def test_a_server_without_filters_is_counted_by_looking(admin: Browser, forgetful: Wire) -> None:
    text = admin.get("/admin/census/").content.decode()
    assert ">4 mailboxes</a>" in text
    assert ">1 alias</a>" in text
    assert HONEST not in text


def test_an_export_is_whole_on_either_server(
    admin: Browser, wire: Wire, many: Callable[[int], None], request: pytest.FixtureRequest
) -> None:
    many(1200)
    knowing = b"".join(admin.get("/admin/mailboxes/export/"))
    request.getfixturevalue("forgetful")
    ignorant = b"".join(admin.get("/admin/mailboxes/export/"))
    assert knowing == ignorant
    assert knowing.count(b"@other.test") == 1201


def test_what_fits_is_judged_alike_here_and_there(poste: Client) -> None:
    for only in (Only(aliases=True), Only(administrators=True), Only(domain="other.test")):
        there = {box.address for box in poste.mailboxes.list(only=only).items}
        here = {box.address for box in poste.mailboxes.all() if only.fits(box)}
        assert there == here


def _addresses(text: str) -> list[str]:
    return [part.partition('"')[0] for part in text.split('name="address" value="')[1:]]
