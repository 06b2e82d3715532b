"""What a session holds, how long it lives, and what a thief of the database finds."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from postie_web.accounts.models import Failures, User
from postie_web.accounts.services import roles, sessions, throttle
from postie_web.lib import sealing
from postie_web.lib.credentials import Credentials
from postie_web.lib.logs import JsonFormatter

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery-9"


@pytest.fixture
def signed_in(client: Client) -> Client:
    """Ana, as the sign-in leaves her: a row for the session, two cookies for her."""
    user = User.objects.create(address="ana@kronos.test")
    request = client.get("/login").wsgi_request
    half = sessions.begin(request, user, Credentials(address=user.address, password=PASSWORD))
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    client.cookies[settings.KEY_COOKIE_NAME] = half
    return client


def test_a_dump_of_the_database_and_the_secret_key_open_nothing(signed_in: Client) -> None:
    half = signed_in.cookies[settings.KEY_COOKIE_NAME].value
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        dump: list[str] = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            dump.extend(str(row) for row in cursor.fetchall())
    stored = Session.objects.get().get_decoded()
    assert PASSWORD not in json.dumps(stored) + "".join(dump)
    assert half not in json.dumps(stored) + "".join(dump)
    for guess in ("", settings.SECRET_KEY, "ana@kronos.test", stored[sessions.SEALED][:43]):
        with pytest.raises(sealing.Broken):
            sealing.unseal(stored[sessions.SEALED], guess, settings.SECRET_KEY, "ana@kronos.test")
    assert sealing.unseal(stored[sessions.SEALED], half, settings.SECRET_KEY, "ana@kronos.test") == PASSWORD


def _age(key: str, seconds: int) -> None:
    row = Session.objects.get()
    data = row.get_decoded() | {}
    data[key] -= seconds
    row.session_data = SessionStore().encode(data)
    row.save()


def test_a_session_nobody_uses_ends(signed_in: Client) -> None:
    assert str(signed_in.get("/login").wsgi_request.user) == "ana@kronos.test"
    _age(sessions.SEEN, settings.SESSION_IDLE_SECONDS + 10)
    assert signed_in.get("/login").wsgi_request.user.is_anonymous
    assert not Session.objects.filter(
        session_key=signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    ).exists()


def test_a_session_ends_at_last_however_busy(signed_in: Client) -> None:
    _age(sessions.BEGAN, settings.SESSION_LONGEST_SECONDS + 10)
    assert signed_in.get("/login").wsgi_request.user.is_anonymous


def test_a_torn_key_cookie_asks_to_sign_in_again(signed_in: Client) -> None:
    signed_in.cookies[settings.KEY_COOKIE_NAME] = "torn"
    answer = signed_in.get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login?next=")


def _paths(patterns: Any, prefix: str = "/") -> list[str]:
    found = []
    for one in patterns:
        route = prefix + str(getattr(one.pattern, "_route", ""))
        found.extend(_paths(one.url_patterns, route) if hasattr(one, "url_patterns") else [route])
    return found


VALUES = {"int": "1", "str": "kronos.test", "folder": "INBOX", "slug": "a", "uuid": "0" * 32, "path": "INBOX"}


def _concrete(route: str) -> str:
    """`/folder/<folder:name>/` → `/folder/INBOX/`."""
    pieces = route.replace("<", ">").split(">")
    return "".join(
        VALUES.get(p.partition(":")[0], "kronos.test") if n % 2 else p for n, p in enumerate(pieces)
    )


def test_no_address_takes_a_form_without_its_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    exempt = {"/healthz"}
    taken = []
    for path in {_concrete(route) for route in _paths(get_resolver().url_patterns)} - exempt:
        answer = strict.post(path, {"name": "value"})
        if answer.status_code not in (403, 404, 405):
            taken.append((path, answer.status_code))
    assert taken == []


def test_the_network_of_an_ipv6_visitor_counts_as_one() -> None:
    assert throttle.network("2001:db8::1") == throttle.network("2001:db8::ffff")
    assert throttle.network("192.0.2.1") != throttle.network("192.0.2.2")


def test_waits_double_up_to_a_limit_one_can_live_with() -> None:
    door = throttle.doors("ana@kronos.test", "192.0.2.1")[0]
    assert [door.wait(n) for n in (5, 6, 7, 8, 9, 1000)] == [0, 30, 60, 120, 120, 120]


def test_success_frees_the_account_but_not_the_network() -> None:
    at = throttle.doors("ana@kronos.test", "192.0.2.1")
    for _ in range(3):
        throttle.enter(at)
    throttle.succeeded(at)
    counts = {row.door: row.count for row in Failures.objects.all()}
    assert counts == {at[1].key: 2}


def test_a_role_the_api_has_not_confirmed_lately_is_lost(settings: Any) -> None:
    settings.POSTEIO_API_URL = "http://127.0.0.1:9"
    user = User.objects.create(address="chief@kronos.test", role=User.Role.SYSTEM_ADMIN)
    user.role_confirmed_at = timezone.now() - timedelta(minutes=10)
    roles.confirm(user)
    assert user.is_system_admin
    user.role_confirmed_at = timezone.now() - timedelta(minutes=20)
    roles.confirm(user)
    assert user.role == User.Role.USER


def test_logs_hold_no_query_and_no_secret() -> None:
    record = logging.LogRecord("postie", logging.INFO, "", 0, "GET /search/?q=private x://u:pw@h/", (), None)
    vars(record).update(password="hunter2", session_key="a", path="/x?token=abc", cookie="c")
    line = JsonFormatter().format(record)
    assert json.loads(line)["message"] == "GET /search/?… x://…@h/"
    assert not any(secret in line for secret in ("private", "hunter2", "abc", "u:pw"))


def test_each_request_leaves_one_line_without_its_query(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "postie.access")
    client.get("/login?next=/search/%3Fq%3Dprivate")
    lines = [record for record in caplog.records if record.name == "postie.access"]
    assert [vars(line)["path"] for line in lines] == ["/login"]
    assert "private" not in caplog.text
