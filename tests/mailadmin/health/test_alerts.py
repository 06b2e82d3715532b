"""Told when it has settled, told once, told when it is over; and the outside switch."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from mailadmin.health.reading import Reading, critical, ok, unknown, warn, worst
from mailadmin.models import HealthAlert, HealthRun
from mailadmin.services import health_alerts

pytestmark = pytest.mark.django_db
START = timezone.now().replace(microsecond=0) - timedelta(hours=5)


class Days:
    """Runs five minutes apart, and what was sent."""

    def __init__(self) -> None:
        self.at: datetime = START
        self.sent: list[tuple[str, str]] = []

    def run(self, *readings: Reading, times: int = 1) -> None:
        for _ in range(times):
            self.at += timedelta(minutes=5)
            found = [r.to_json() for r in readings]
            HealthRun.objects.create(at=self.at, status=worst(readings), readings=found)
            health_alerts.tell(lambda title, text: self.sent.append((title, text)))


@pytest.fixture
def days() -> Days:
    return Days()


WELL = ok("port.imaps", "port.answers", name="imaps", port=993)
DEAD = critical("port.imaps", "port.closed", name="imaps", port=993, said="ConnectionRefusedError")


def test_a_dead_port_is_told_once_and_so_is_its_end(days: Days) -> None:
    days.run(WELL, times=3)
    days.run(DEAD, times=2)
    assert days.sent == []  # a restart is no alarm
    days.run(DEAD, times=4)
    assert len(days.sent) == 1
    assert "Port 993 (imaps) does not accept connections" in days.sent[0][1]
    assert "Start the mail server" in days.sent[0][1]
    days.run(WELL, times=5)
    assert len(days.sent) == 2
    assert "✓ Well again: Port 993 (imaps) answers." in days.sent[1][1]
    assert not HealthAlert.objects.exists()


def test_what_is_dead_from_the_first_run_is_told_too(days: Days) -> None:
    days.run(DEAD, times=4)
    assert len(days.sent) == 1


def test_one_bad_run_and_what_was_not_measured_alarm_nobody(days: Days) -> None:
    days.run(WELL, times=3)
    for _ in range(3):
        days.run(DEAD)
        days.run(WELL, times=4)
    days.run(unknown("port.imaps", "port.closed"), times=10)
    assert days.sent == []


def test_several_troubles_come_in_one_message_and_worse_ones_again(days: Days) -> None:
    disk = warn("disk:/data", "disk.filling", path="/data", share=90)
    days.run(WELL, ok("disk:/data", "disk.room", path="/data", share=10), times=2)
    days.run(DEAD, disk, times=4)
    assert len([text for _title, text in days.sent if "/data is 90 % full" in text]) == 1
    before = len(days.sent)
    full = critical("disk:/data", "disk.full", path="/data", share=99)
    days.run(DEAD, full, times=5)
    assert len(days.sent) == before + 1
    assert "✗ /data is 99 % full" in days.sent[-1][1]


def test_the_message_is_in_the_servers_language(days: Days, settings: Any) -> None:
    settings.LANGUAGE_CODE = "es"
    days.run(DEAD, times=4)
    assert "El puerto 993 (imaps) no acepta conexiones" in days.sent[0][1]


def test_the_outside_switch_is_asked_only_when_all_is_well(settings: Any) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200)

    wire = httpx.MockTransport(answer)
    well, ill = HealthRun(status="pass"), HealthRun(status="fail")
    assert not health_alerts.ping(well, wire)  # not set
    settings.HEALTH_PING_URL = "https://ping.test/abc"
    assert not health_alerts.ping(ill, wire)
    assert asked == []
    assert health_alerts.ping(well, wire)
    assert asked == ["https://ping.test/abc"]


def test_a_switch_that_does_not_answer_breaks_nothing(settings: Any) -> None:
    settings.HEALTH_PING_URL = "http://127.0.0.1:9/"
    assert not health_alerts.ping(HealthRun(status="pass"))
