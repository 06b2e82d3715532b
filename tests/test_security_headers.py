"""What every answer carries."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/login", "/no-such-page"])
def test_scripts_only_from_ourselves(client: Client, path: str) -> None:
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert "no-store" in answer["Cache-Control"]


def test_every_answer_has_an_id(client: Client) -> None:
    first, second = client.get("/login"), client.get("/login")
    assert len(first["X-Request-ID"]) == 16
    assert first["X-Request-ID"] != second["X-Request-ID"]


def test_a_strangers_forwarded_headers_are_thrown_away(client: Client) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Request-ID": "chosen-by-a-stranger"}
    answer = client.get("/login", headers=headers)
    assert answer["X-Request-ID"] != "chosen-by-a-stranger"
    assert vars(answer.wsgi_request)["client_address"] == "127.0.0.1"
