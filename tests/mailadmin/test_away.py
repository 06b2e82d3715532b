"""The mail server away: one calm page, and what does not need it still works."""

import httpx
from django.test import Client as Browser

from tests.mailadmin.conftest import Wire


def test_the_server_away_is_one_calm_page_and_the_log_still_opens(admin: Browser, wire: Wire) -> None:
    wire.fail = lambda request: httpx.Response(502)
    for path in ("/admin/", "/admin/mailboxes/", "/admin/domains/kronos.test/"):
        answer = admin.get(path)
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers
    assert admin.get("/admin/activity/").status_code == 200
    fragment = admin.get("/admin/mailboxes/", headers={"HX-Request": "true"})
    assert fragment.status_code == 503
    assert "<html" not in fragment.content.decode()


def test_a_refused_key_is_the_same_calm_page(admin: Browser, wire: Wire) -> None:
    wire.fail = lambda request: httpx.Response(401)
    assert admin.get("/admin/domains/").status_code == 503
