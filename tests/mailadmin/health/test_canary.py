"""The canary through the real server, and every way it can fail to come home."""

import json
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone

from mailadmin import connections
from mailadmin.health import canary as flight
from mailadmin.health import proof
from mailadmin.health.reading import Status
from mailadmin.models import CanaryTrip
from mailadmin.services import canary, census, health, statistics
from tests.mailserver.test_resilience import control
from tests.stack import eventually

pytestmark = pytest.mark.django_db
DOMAIN = "canary.test"
ADDRESS = f"postie-canary@{DOMAIN}"


@pytest.fixture
def bird(watched: Any, stack: Any) -> Iterator[Callable[..., CanaryTrip]]:
    """Flies once; its domain signs."""
    stack.create_domain(DOMAIN)
    watched.CANARY_MAILBOX = ADDRESS

    def fly(patience: float = 20.0) -> CanaryTrip:
        trip = canary.fly(connections.poste(), patience)
        assert trip is not None
        return trip

    try:
        assert stack.api.put(f"domains/{DOMAIN}/dkim").status_code == 204
        # a new key signs within seconds: the map is looked at every now and then
        eventually(lambda: fly().code == "canary.home", 40)
        yield fly
    except AssertionError as failed:
        failed.add_note(str(list(CanaryTrip.objects.values_list("code", "facts")[:3])))
        raise
    finally:
        stack.api.delete(f"domains/{DOMAIN}")


def test_it_comes_home_signed_leaves_no_trace_and_is_no_statistic(
    bird: Callable[..., CanaryTrip], stack: Any
) -> None:
    trip = bird()
    assert (trip.status, trip.code) == ("pass", "canary.home")
    assert trip.milliseconds
    account = canary.account_for(connections.poste(), ADDRESS)
    for folder in ("INBOX", "Junk", "Sent", "Trash"):
        assert stack.messages(ADDRESS, folder, account.password) == []
    poste = connections.poste()
    eventually(lambda: sum(one.incoming for one in poste.mailboxes.stats(ADDRESS).values()))
    eventually(
        lambda: (
            sum(one.incoming for one in poste.domains.stats(DOMAIN).values())
            == sum(one.incoming for one in poste.mailboxes.stats(ADDRESS).values())
        )
    )
    told = statistics.without_canary(poste, DOMAIN, poste.domains.stats(DOMAIN))
    assert sum(one.incoming + one.outgoing for one in told.values()) == 0
    assert census.thorough(poste, DOMAIN, again=True).mailboxes == 0


def test_rspamd_is_away(bird: Callable[..., CanaryTrip], stack: Any) -> None:
    control(stack, "stop", "mail:rspamd")
    try:
        trip = bird()
    finally:
        control(stack, "start", "mail:rspamd")
    assert trip.code == "canary.deferred", trip.facts
    assert "put the canary mail off" in health.line(canary.of(trip)).says
    assert canary.of(trip).critical
    eventually(lambda: bird().status == "pass", 60)


@contextmanager
def limit_of_zero(stack: Any) -> Iterator[None]:
    """Every letter is put off: 450, as greylisting does it."""
    with sqlite3.connect(stack.root / "data/db/mail.sqlite3", timeout=10) as database:
        database.execute("INSERT OR REPLACE INTO settings VALUES ('recipients_per_hour', '0')")
    try:
        yield
    finally:
        with sqlite3.connect(stack.root / "data/db/mail.sqlite3", timeout=10) as database:
            database.execute("DELETE FROM settings WHERE name = 'recipients_per_hour'")


def test_put_off_as_by_a_greylist(bird: Callable[..., CanaryTrip], stack: Any) -> None:
    with limit_of_zero(stack):
        trip = bird()
    assert trip.code == "canary.deferred"
    assert trip.facts["said"].startswith("450 4.7.1")


def test_into_junk(bird: Callable[..., CanaryTrip], stack: Any) -> None:
    connections.poste().mailboxes.set_sieve(ADDRESS, 'require "fileinto"; fileinto "Junk";')
    trip = bird()
    assert (trip.status, trip.code, trip.facts["folder"]) == ("fail", "canary.junk", "Junk")
    account = canary.account_for(connections.poste(), ADDRESS)
    assert stack.messages(ADDRESS, "Junk", account.password) == []


def test_the_dkim_key_is_gone(bird: Callable[..., CanaryTrip], stack: Any) -> None:
    keys = [path for path in (stack.root / "data/dkim").glob(f"{DOMAIN}*") if path.suffix == ".key"]
    assert keys
    hidden = keys[0].with_suffix(".hidden")
    keys[0].rename(hidden)
    try:
        eventually(lambda: bird().status == "fail", 40)
        trip = CanaryTrip.objects.first()
        assert trip
    finally:
        hidden.rename(keys[0])
    # the bundled server sends nothing unsigned
    assert trip.code == "canary.deferred"
    assert "DKIM" in trip.facts["said"]


def test_dovecot_is_down(bird: Callable[..., CanaryTrip], stack: Any) -> None:
    control(stack, "stop", "mail:dovecot")
    try:
        trip = bird()
    finally:
        control(stack, "start", "mail:dovecot")
    # Postfix may still know the password; then the letter goes out and nobody can read it
    assert trip.code in ("canary.deferred", "canary.no_submission", "canary.no_imap")
    assert canary.reading(timezone.now()).critical
    eventually(lambda: bird().status == "pass", 60)


def test_imap_alone_is_down_and_the_letter_is_taken_away_next_time(
    bird: Callable[..., CanaryTrip], stack: Any, watched: Any
) -> None:
    port, watched.IMAP_PORT = watched.IMAP_PORT, 9
    trip = bird()
    assert (trip.code, trip.facts["said"]) == ("canary.no_imap", "ConnectionRefusedError")
    watched.IMAP_PORT = port
    account = canary.account_for(connections.poste(), ADDRESS)
    eventually(lambda: len(stack.messages(ADDRESS, "INBOX", account.password)) == 1)
    assert bird().status == "pass"
    assert stack.messages(ADDRESS, "INBOX", account.password) == []


def test_a_letter_that_waits_in_the_queue_is_missing_and_then_late(
    bird: Callable[..., CanaryTrip], stack: Any
) -> None:
    configuration = str(stack.root / "etc/postfix")

    def postfix(*words: str) -> None:
        subprocess.run(
            [words[0], "-c", configuration, *words[1:]], check=True, timeout=30, capture_output=True
        )

    postfix("postconf", "-e", "defer_transports=dlmtp")
    postfix("postfix", "reload")
    try:
        trip = bird(1.0)
        assert trip.code == "canary.missing"
    finally:
        postfix("postconf", "-X", "defer_transports")
        postfix("postfix", "reload")
    postfix("postqueue", "-f")

    def told() -> str:
        bird()
        return CanaryTrip.objects.get(pk=trip.pk).code

    eventually(lambda: told() == "canary.late", 60)
    late = CanaryTrip.objects.get(pk=trip.pk)
    assert late.status == "fail"
    assert late.milliseconds


def test_the_server_restarts_under_it(bird: Callable[..., CanaryTrip], stack: Any) -> None:
    restart = threading.Thread(target=control, args=(stack, "restart", "mail:dovecot", "mail:postfix"))
    restart.start()
    trips = [bird(5.0) for _ in range(3)]
    restart.join()
    assert all(trip.code.startswith("canary.") for trip in trips)
    eventually(lambda: bird().status == "pass", 60)


def test_somebody_changed_its_password_or_suspended_it(bird: Callable[..., CanaryTrip], stack: Any) -> None:
    stack.api.patch(f"boxes/{ADDRESS}", json={"passwordPlaintext": "another-long-password-1"})
    assert eventually(lambda: bird().status == "pass", 40)
    stack.api.patch(f"boxes/{ADDRESS}", json={"disabled": True})
    assert eventually(lambda: bird().code == "canary.no_login", 40)


def test_the_api_is_away(bird: Callable[..., CanaryTrip], watched: Any) -> None:
    watched.POSTEIO_API_URL = "http://127.0.0.1:9"
    assert bird().status == "pass"  # its password is kept: mail itself still works
    watched.CANARY_MAILBOX = f"other@{DOMAIN}"
    assert bird().code == "canary.no_mailbox"


def test_a_wrong_certificate_stops_it_as_it_stops_people(
    bird: Callable[..., CanaryTrip], watched: Any
) -> None:
    watched.SMTP_SERVER_NAME = "mail.other.test"
    trip = bird()
    assert trip.code == "canary.no_submission"
    assert "mail.other.test" in trip.facts["said"]


def test_the_command(bird: Callable[..., CanaryTrip], watched: Any) -> None:
    out = StringIO()
    call_command("canary", "--json", stdout=out)
    document = json.loads(out.getvalue())
    assert document["code"] == "canary.home"
    assert "came home" in document["says"]
    watched.CANARY_MAILBOX = ""
    with pytest.raises(CommandError):
        call_command("canary")


# What a letter proves: pure

KEY = proof.Key("kronos.test", "postie", "AAAA")


def judged(headers: str, folder: str = "INBOX", milliseconds: int = 500, key: proof.Key = KEY) -> str:
    raw = f"{headers}From: a@kronos.test\r\n\r\nhello\r\n".encode()
    return proof.judge(flight.Found("t", folder, None, raw), milliseconds, key, "mail.kronos.test").code


def test_what_a_letter_proves() -> None:
    none = proof.Key("kronos.test")
    assert judged("", key=none) == "canary.home_unsigned"
    assert judged("", milliseconds=40_000, key=none) == "canary.slow"
    assert judged("") == "canary.unsigned"
    assert judged("DKIM-Signature: v=1; d=other.test; s=x; b=x\r\n") == "canary.unsigned"
    assert judged("DKIM-Signature: v=1; d=kronos.test; s=x; b=x\r\n") == "canary.bad_signature"


def test_only_our_own_server_is_believed() -> None:
    none = proof.Key("kronos.test")
    ours = "Authentication-Results: mail.kronos.test; dkim=fail (bad) header.d=kronos.test; spf=pass\r\n"
    theirs = ours.replace("mail.kronos.test;", "mail.evil.test;")
    assert judged(ours, key=none) == "canary.not_believed"
    assert judged(theirs, key=none) == "canary.home_unsigned"


def test_the_error_budget_of_a_month(db: None, settings: Any) -> None:
    settings.CANARY_MAILBOX = ADDRESS
    now = timezone.localtime().replace(day=20, hour=12)
    assert canary.reading(now).code == "canary.never"
    for n in range(100):
        status = "fail" if n < 3 else "pass"
        at = now - timedelta(minutes=10 * n)
        CanaryTrip.objects.create(token=f"{n:032x}", at=at, status=status, code="canary.home")
    CanaryTrip.objects.create(
        token="f" * 32, at=now - timedelta(days=40), status="fail", code="canary.missing"
    )
    budget = canary.budget(now)
    assert (budget.trips, budget.failures, budget.allowed, budget.left) == (100, 3, 22, 19)
    assert canary.reading(now + timedelta(hours=1)).code == "canary.silent"
    settings.CANARY_MAILBOX = ""
    assert canary.reading(now).status is Status.UNKNOWN


def test_the_page_tells_the_day_in_words(admin: Browser, settings: Any) -> None:
    settings.CANARY_MAILBOX = "postie-canary@kronos.test"
    assert "Canary mail" in admin.get("/admin/health/canary/").content.decode()
    now = timezone.now()
    CanaryTrip.objects.create(
        token="0" * 32, at=now, status="pass", code="canary.home", milliseconds=700, facts={"seconds": "0.7"}
    )
    CanaryTrip.objects.create(
        token="1" * 32,
        at=now - timedelta(minutes=10),
        status="fail",
        code="canary.deferred",
        facts={"said": "451 <script>alert(1)</script>"},
    )
    text = admin.get("/admin/health/canary/").content.decode()
    assert "The canary mail came home in 0.7 s" in text
    assert "1 of 2 did not come home" in text
    assert "<script>alert" not in text
    spanish = admin.get("/admin/health/canary/", headers={"Accept-Language": "es"}).content.decode()
    assert "El canario volvió en 0.7 s" in spanish


def test_a_bad_door_says_its_kind_and_no_secret(tmp_path: Path) -> None:
    account = flight.Account(address="a@b.test", password="secret-word-1")
    door = flight.Door(host="127.0.0.1", port=9, security="none")
    with pytest.raises(flight.Failed) as refused:
        flight.submit(door, account, b"")
    assert refused.value.said == "ConnectionRefusedError"
    assert "secret-word-1" not in repr(account)
