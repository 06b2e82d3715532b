"""One look at the real server: command, page, metrics; and when parts of it are gone."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone

from mailadmin import connections
from mailadmin.models import BackupRun, HealthRun
from mailadmin.posteio.errors import NotFound
from mailadmin.services import health
from tests.mailserver.test_resilience import control
from tests.stack import eventually

pytestmark = pytest.mark.django_db


def codes(run: HealthRun) -> dict[str, str]:
    return {reading.part: reading.code for reading in health.readings(run)}


@pytest.fixture
def backed_up(db: None) -> None:
    BackupRun.objects.create(state="ok", finished_at=timezone.now())
    health.beat()


@pytest.mark.usefixtures("backed_up")
def test_all_is_well(watched: Any, stack: Any) -> None:
    eventually(lambda: codes(health.look(connections.poste()))["queue"] in ("queue.empty", "queue.moving"))

    def bad() -> list[str]:
        # "clients" looks at what other tests did; a busy machine may once be slow to answer
        found = health.readings(health.look(connections.poste()))
        return [r.part for r in found if r.status in ("warn", "fail") and r.part != "clients"]

    eventually(lambda: not bad(), 60)
    run = health.look(connections.poste())
    found = codes(run)
    for name in ("smtp", "submission", "submissions", "imap", "imaps", "sieve"):
        assert found[f"port.{name}"] == "port.answers"
        assert found[f"certificate.{name}"] == "certificate.good"
    assert found["certificate"] == "certificate.same"
    assert found["clock"] == "clock.right"
    assert found["logs"] == "logs.fresh"
    assert found["beat"] == "beat.beats"
    assert found["redis"] == "redis.answers"


def test_a_stopped_dovecot_is_named_and_nothing_else_waits_for_it(watched: Any, stack: Any) -> None:
    control(stack, "stop", "mail:dovecot")
    try:
        found = codes(health.look(connections.poste()))
    finally:
        control(stack, "start", "mail:dovecot")
    assert {part for part, code in found.items() if code == "port.closed"} == {
        "port.imap",
        "port.imaps",
        "port.sieve",
    }
    assert found["port.smtp"] == found["port.submission"] == "port.answers"
    eventually(lambda: codes(health.look(connections.poste()))["port.imaps"] == "port.answers")


def waiting(recipient: str) -> str:
    """What the queue says of the letters to `recipient`; others may wait too. "" before the first look."""
    try:
        found = connections.poste().queue()["messages"]
    except NotFound:
        return ""
    return str([m for m in found if m["recipients"][0]["address"] == recipient])


def test_the_queue_says_why_a_letter_waits(watched: Any, stack: Any) -> None:
    ana, _ = stack.create_mailbox()
    control(stack, "stop", "mail:sink")
    try:
        letter = f"From: {ana}\r\nTo: x@outside.test\r\nSubject: waits\r\n\r\n.".encode()
        stack.send(letter, ana, ["x@outside.test"])
        eventually(lambda: "refused" in waiting("x@outside.test"))
        reading = next(r for r in health.readings(health.look(connections.poste())) if r.part == "queue")
        assert reading.code == "queue.moving"
        assert "refused" in reading.facts["reason"]
    finally:
        control(stack, "start", "mail:sink")


def test_api_and_redis_away(watched: Any) -> None:
    watched.POSTEIO_API_URL = "http://127.0.0.1:9"
    watched.REDIS_URL = "redis://127.0.0.1:9/0"
    found = codes(health.look(connections.poste()))
    assert found["api"] == "api.silent"
    assert found["redis"] == "redis.silent"
    assert found["clock"] == "clock.untold"
    assert found["port.imaps"] == "port.answers"


@pytest.mark.usefixtures("backed_up")
def test_the_command_prints_json_and_fails_on_what_is_asked(watched: Any) -> None:
    out = StringIO()
    call_command("health", "--json", "--fail-on", "never", stdout=out)
    document = json.loads(out.getvalue())
    run = health.newest()
    assert run
    assert document["status"] == run.status
    assert all(reading["says"] for reading in document["readings"])
    watched.HEALTH_PORTS = "imaps=9"
    with pytest.raises(SystemExit):
        call_command("health", "--fail-on", "warn", stdout=StringIO())
    call_command("health", "--fail-on", "never", stdout=StringIO())


def test_nonsense_in_the_ports_is_said_on_the_page(watched: Any) -> None:
    watched.HEALTH_PORTS = "pop3=110"
    run = health.look(connections.poste())
    assert codes(run)["port"] == "port.unset"


def test_old_runs_get_thinner_and_then_go(db: None) -> None:
    now = timezone.now()
    for minutes in range(0, 60, 5):
        at = (now - timedelta(days=2, hours=3)).replace(minute=0, second=0) + timedelta(minutes=minutes)
        HealthRun.objects.create(at=at, status="pass")
    HealthRun.objects.create(at=now - timedelta(days=100), status="pass")
    health._thin(now)
    assert HealthRun.objects.count() == 1


# Pages


def keep(*readings: Any) -> HealthRun:
    status = str(health.status_of(readings))
    return HealthRun.objects.create(
        at=timezone.now(), status=status, readings=[r.to_json() for r in readings]
    )


def test_the_page_says_what_is_wrong_and_what_to_do(admin: Browser) -> None:
    from mailadmin.health.reading import critical, ok

    health.beat()
    assert "Nobody has looked yet" in admin.get("/admin/health/").content.decode()
    BackupRun.objects.create(state="ok", finished_at=timezone.now())
    keep(ok("port.imaps", "port.answers", name="imaps", port=993))
    assert "All is well." in admin.get("/admin/health/").content.decode()
    keep(critical("port.imaps", "port.closed", name="imaps", port=993, said="ConnectionRefusedError"))
    text = admin.get("/admin/health/").content.decode()
    assert "Something does not work." in text
    assert "Port 993 (imaps) does not accept connections" in text
    assert "Start the mail server" in text
    fragment = admin.get("/admin/health/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    spanish = admin.get("/admin/health/", headers={"Accept-Language": "es"}).content.decode()
    assert "El puerto 993 (imaps) no acepta conexiones" in spanish


def test_a_clockwork_that_stands_still_is_said(admin: Browser) -> None:
    from mailadmin.health.reading import ok

    run = keep(ok("redis", "redis.answers"))
    HealthRun.objects.filter(pk=run.pk).update(at=timezone.now() - timedelta(hours=2))
    assert "stands still" in admin.get("/admin/health/").content.decode()


def test_only_system_administrators_look(domain_admin: Browser, person: Browser) -> None:
    for path in ("/admin/health/", "/admin/health/run/"):
        assert person.get(path).status_code == 403 or path.endswith("run/")
        assert domain_admin.get("/admin/health/").status_code == 403
        assert domain_admin.post("/admin/health/run/").status_code == 403
    assert "/admin/health/" not in domain_admin.get("/admin/").content.decode()


def test_metrics_need_their_token(client: Browser, db: None, settings: Any) -> None:
    from mailadmin.health.reading import ok

    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "prometheus-reads-this-7"
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    health.beat()
    keep(
        ok("port.imaps", "port.answers", name="imaps", port=993, milliseconds=12),
        ok('disk:/da"ta', "disk.room", path="/data", free=1000, total=5000, days=None),
        ok("queue", "queue.empty", count=0, hours=0),
    )
    answer = client.get("/metrics", headers={"Authorization": "Bearer prometheus-reads-this-7"})
    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'postie_health_status{part="port.imaps"} 0' in lines
    assert 'postie_port_seconds{on="imaps"} 0.012' in lines
    assert 'postie_disk_free_bytes{on="/da\\"ta"} 1000' in lines
    assert "postie_queue_messages 0" in lines
    for line in lines:
        assert line.startswith("#") or len(line.rsplit(" ", 1)) == 2
