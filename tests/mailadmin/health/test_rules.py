"""The rules that judge: pure, so that bad days are numbers."""

import json
import os
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from mailadmin.health import certificate, clock, disk, machinery, ports, queue
from mailadmin.health.reading import Reading, Status, fail, ok, unknown, warn, worst
from mailadmin.health.words import WORDS, fill
from mailserver import certificate as maker

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
DAY = 86400.0


def test_the_worst_counts_and_what_was_not_measured_does_not() -> None:
    assert worst([ok("a", "x"), unknown("b", "x")]) is Status.PASS
    assert worst([ok("a", "x"), warn("b", "x"), unknown("c", "x")]) is Status.WARN
    assert worst([warn("a", "x"), fail("b", "x")]) is Status.FAIL
    assert worst([unknown("a", "x")]) is worst([]) is Status.UNKNOWN


def test_a_reading_survives_the_database() -> None:
    reading = Reading("port.imaps", Status.FAIL, "port.closed", {"port": 993}, critical=True)
    assert Reading.from_json(json.loads(json.dumps(reading.to_json()))) == reading


def test_every_sentence_can_be_filled_and_a_missing_fact_is_a_dash() -> None:
    for words in WORDS.values():
        assert "%(" not in fill(words.says, {})
        assert "%(" not in fill(words.fix, {})
    assert fill("%(share)s %% full", {}) == "– % full"


# Certificates


def served(name: str = "imaps", host: str = "mail.kronos.test", distrust: str = "") -> ports.Served:
    found = x509.load_pem_x509_certificate(maker.make(host)[1])
    return ports.Served(
        ports.Place(name, host, 993), found.public_bytes(serialization.Encoding.DER), distrust
    )


def verdict(now: datetime, hostname: str = "mail.kronos.test", **options: Any) -> str:
    return certificate.judge([served(**options)], hostname, now)[0].code


def test_a_certificate_through_its_whole_life() -> None:
    made = datetime.now(UTC)
    ends = made + timedelta(days=3650)
    assert verdict(made) == "certificate.good"
    assert verdict(made - timedelta(days=2)) == "certificate.not_yet"  # the clock is wrong
    assert verdict(ends - timedelta(days=13)) == "certificate.ends_soon"
    assert verdict(ends - timedelta(days=3)) == "certificate.ends_now"
    assert verdict(ends + timedelta(days=1)) == "certificate.expired"


def test_a_certificate_for_another_name() -> None:
    assert verdict(datetime.now(UTC), "mail.other.test") == "certificate.wrong_name"
    assert verdict(datetime.now(UTC), "mail.kronos.test", host="*.kronos.test") == "certificate.good"
    assert verdict(datetime.now(UTC), "a.b.kronos.test", host="*.kronos.test") == "certificate.wrong_name"


def test_an_untrusted_certificate_is_a_warning() -> None:
    assert verdict(datetime.now(UTC), distrust="self-signed certificate") == "certificate.untrusted"


def test_ports_with_different_certificates_are_named() -> None:
    now = datetime.now(UTC)
    found = certificate.judge([served("imaps"), served("smtp")], "mail.kronos.test", now)
    assert (found[-1].code, found[-1].status) == ("certificate.differs", Status.WARN)
    same = served("imaps")
    both = [same, ports.Served(ports.Place("smtp", "", 25), same.der)]
    assert certificate.judge(both, "mail.kronos.test", now)[-1].code == "certificate.same"


def test_nonsense_instead_of_a_certificate() -> None:
    broken = ports.Served(ports.Place("imaps", "", 993), b"\x30\x03abc")
    assert certificate.judge([broken], "mail.kronos.test", NOW)[0].code == "certificate.unreadable"
    assert certificate.judge([], "mail.kronos.test", NOW)[0].code == "certificate.none"


# Disks and logs


def test_a_disk_that_fills_says_when_it_is_full() -> None:
    gigabyte = 10**9
    samples = [(n * DAY, 50 * gigabyte + n * gigabyte) for n in range(10)]
    assert disk.growth(samples) == pytest.approx(gigabyte)
    reading = disk.judge("/data", disk.Usage(100 * gigabyte, 20 * gigabyte), samples)
    assert (reading.code, reading.facts["days"], reading.status) == ("disk.full_soon", 20, Status.WARN)
    soon = disk.judge("/data", disk.Usage(100 * gigabyte, 6 * gigabyte), samples)
    assert (soon.facts["days"], soon.status) == (6, Status.FAIL)


def test_one_big_move_does_not_bend_the_forecast() -> None:
    samples = [(n * DAY, 1000.0 * n + (10**9 if n == 5 else 0)) for n in range(10)]
    assert disk.growth(samples) == pytest.approx(1000, rel=0.2)


def test_no_forecast_from_an_hour_or_from_a_shrinking_disk() -> None:
    assert disk.growth([(0, 0), (1800, 10), (3600, 20)]) is None
    assert disk.days_left(100, -5) is disk.days_left(100, None) is None


def test_full_and_without_inodes() -> None:
    assert disk.judge("/", disk.Usage(100, 4), []).code == "disk.full"
    assert disk.judge("/", disk.Usage(100, 90, files_free=0.01), []).code == "disk.inodes"
    assert disk.judge("/", disk.Usage(100, 14), []).status is Status.WARN
    assert disk.judge("/", disk.Usage(100, 50), []).code == "disk.room"


def test_logs_that_stopped_or_come_from_the_future(tmp_path: Path) -> None:
    file = tmp_path / "sub/postfix.log"
    file.parent.mkdir()
    file.write_text("a line\n")
    written = file.stat().st_mtime
    assert disk.logs(str(tmp_path), written + 60, []).code == "logs.fresh"
    assert disk.logs(str(tmp_path), written + 3 * 3600, []).code == "logs.stale"
    assert disk.logs(str(tmp_path), written - 2 * 3600, []).code == "logs.future"
    grown = [(n * DAY, n * 3.0 * 1024**3) for n in range(5)]
    assert disk.logs(str(tmp_path), written, grown).code == "logs.growing"
    assert disk.logs(str(tmp_path / "none"), 0, []).code == "logs.unreadable"
    os.makedirs(tmp_path / "empty")
    assert disk.logs(str(tmp_path / "empty"), 0, []).code == "logs.none"


# Clock, queue, machinery


def test_clocks() -> None:
    def at(seconds: int, last: datetime | None = None) -> str:
        return clock.judge(NOW, format_datetime(NOW + timedelta(seconds=seconds), usegmt=True), last).code

    assert at(2) == "clock.right"
    assert at(90) == at(-4000) == "clock.wrong"
    assert at(0, NOW + timedelta(hours=1)) == "clock.jumped"
    assert clock.judge(NOW, "yesterday", None).code == clock.judge(NOW, "", None).code == "clock.untold"


def test_the_queue_of_the_bundled_server() -> None:
    waiting = [{"recipients": [{"address": "a@b.test", "reason": "connect to b.test: timed out"}]}]
    told = {"at": 1000, "count": 3, "oldest": 1000, "messages": waiting}
    assert queue.told(told, 1000 + 60).code == "queue.moving"
    slow = queue.told(told, 1000 + 5 * 3600)
    assert (slow.code, slow.facts["reason"]) == ("queue.slow", "connect to b.test: timed out")
    assert queue.told(told, 1000 + 25 * 3600).status is Status.FAIL
    assert queue.told({"count": 5000, "oldest": 1000}, 1001).code == "queue.stuck"
    assert queue.told({"count": 0, "oldest": None}, 0).code == "queue.empty"
    assert queue.told(["nonsense"], 0).code == "queue.untold"


def test_the_queue_of_haraka_by_its_file_names(tmp_path: Path) -> None:
    (tmp_path / "1777809600000_1777813200000_3_1234_abcDEF_7_mail.kronos.test").touch()
    (tmp_path / ".hidden").touch()
    (tmp_path / "README").touch()
    reading = queue.haraka(str(tmp_path), 1777809600 + 6 * 3600)
    assert (reading.code, reading.facts["count"]) == ("queue.slow", 1)
    assert queue.haraka(str(tmp_path / "none"), 0).code == "queue.unreadable"


def test_machinery() -> None:
    def breaks() -> None:
        raise ConnectionError("with a secret in it")

    reading = machinery.answers("redis", breaks)
    assert (reading.code, reading.facts) == ("redis.silent", {"said": "ConnectionError"})
    assert machinery.beat(None, NOW).code == "beat.never"
    for minutes, code in ((1, "beat.beats"), (15, "beat.late"), (45, "beat.dead")):
        assert machinery.beat(NOW - timedelta(minutes=minutes), NOW).code == code
    assert machinery.worker(["celery@a"]).status is Status.PASS
    assert machinery.worker([]).status is Status.FAIL
    assert machinery.worker(None).status is Status.UNKNOWN
    for hours, code in ((10, "backup.fresh"), (40, "backup.late"), (100, "backup.old")):
        assert machinery.backup(NOW - timedelta(hours=hours), NOW, wanted=True).code == code
    assert machinery.backup(None, NOW, wanted=True).status is Status.FAIL


def test_places_are_read_or_refused_in_words() -> None:
    found = ports.places("smtp=25, imaps=other.test:1993,https=443", "mailserver", "mail.kronos.test")
    assert [(p.name, p.host, p.port) for p in found] == [
        ("smtp", "mailserver", 25),
        ("imaps", "other.test", 1993),
        ("https", "mail.kronos.test", 443),
    ]
    for nonsense in ("smtp", "pop3=110", "smtp=99999", "smtp=x"):
        with pytest.raises(ValueError, match="HEALTH_PORTS"):
            ports.places(nonsense, "mailserver", "mail.kronos.test")
