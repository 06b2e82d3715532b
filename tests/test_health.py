"""GET /healthz."""

from typing import Any

import pytest
from django.test import Client

from postie_web import health

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("postie_settings")]


@pytest.fixture(autouse=True)
def _asked_anew() -> None:
    health.forget()


def test_all_is_well(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200, answer.json()
    assert set(answer.json()) == {"status", "web", "database", "redis", "imap", "smtp", "api"}


@pytest.mark.parametrize(
    ("part", "setting", "value"),
    [
        ("redis", "REDIS_URL", "redis://127.0.0.1:9/0"),
        ("imap", "IMAP_PORT", 9),
        ("smtp", "SMTP_PORT", 9),
        ("api", "POSTEIO_API_URL", "http://127.0.0.1:9"),
        ("api", "POSTEIO_API_PASSWORD", "wrong-password"),
    ],
)
def test_the_failing_part_is_named(
    client: Client, settings: Any, part: str, setting: str, value: Any
) -> None:
    setattr(settings, setting, value)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    failing = {name for name, said in answer.json().items() if said != "ok"} - {"status"}
    assert failing == {part}
    assert "wrong-password" not in answer.content.decode()


def test_a_container_is_well_while_its_mail_server_is_away(client: Client, settings: Any) -> None:
    settings.IMAP_PORT = 9
    assert client.get("/healthz").status_code == 503
    alone = client.get("/healthz?part=web")
    assert (alone.status_code, alone.json()) == (200, {"status": "ok", "web": "ok"})
    assert client.get("/healthz?part=web&part=imap").status_code == 503
    assert client.get("/healthz?part=nonsense").json() == {"status": "ok"}
