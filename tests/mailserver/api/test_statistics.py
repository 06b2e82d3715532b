"""Counting the mail log: lines as Postfix 3.7 writes them."""

import os
from pathlib import Path

import httpx
import pytest

from mailserver.api.statistics import LogReader, count
from tests.in_process import InProcess

IN = (
    "Nov 23 10:00:01 mail postfix/lmtp[311]: 4XyZ1a2b3cz9: to=<ann@kronos.test>, "
    "orig_to=<sales@kronos.test>, relay=mail.kronos.test[private/dovecot-lmtp], "
    "delay=0.1, delays=0.05/0/0/0.04, dsn=2.0.0, status=sent (250 2.0.0 <ann@kronos.test> abc Saved)\n"
)
OUT = (
    "Nov 23 10:00:02 mail postfix/submission/smtpd[320]: 4XyZ1a2b3cz8: client=localhost[127.0.0.1], "
    "sasl_method=PLAIN, sasl_username=ann@kronos.test\n"
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "postfix.log"
    path.write_text("")
    return path


def stats(http: httpx.Client, what: str = "boxes/ann@kronos.test") -> tuple[int, int]:
    months = http.get(f"{what}/stats").json().values()
    return sum(month["in"] for month in months), sum(month["out"] for month in months)


@pytest.fixture(autouse=True)
def ann(http: httpx.Client) -> None:
    body = {"email": "ann@kronos.test", "passwordPlaintext": "Contract-tests-7-write"}
    assert http.post("boxes", json=body).status_code == 201


def add(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def test_delivered_counts_in_and_submitted_counts_out(api: InProcess, http: httpx.Client, log: Path) -> None:
    add(log, IN + OUT + IN)
    LogReader(api.database, log).read()
    assert stats(http) == (2, 1)
    assert stats(http, "domains/kronos.test") == (2, 1)


@pytest.mark.parametrize(
    "line",
    [
        IN.replace("status=sent", "status=deferred"),
        IN.replace("status=sent", "status=bounced"),
        IN.replace("postfix/lmtp", "postfix/smtp"),
        OUT.replace(", sasl_method=PLAIN, sasl_username=ann@kronos.test", ""),
        "",
        "\n",
        "to=<ann@kronos.test> status=sent \n",
    ],
)
def test_what_was_not_delivered_is_not_counted(line: str) -> None:
    assert not any(count(line))


def test_a_new_start_goes_on_where_the_last_one_stopped(
    api: InProcess, http: httpx.Client, log: Path
) -> None:
    add(log, IN)
    LogReader(api.database, log).read()
    add(log, IN)
    LogReader(api.database, log).read()
    assert stats(http) == (2, 0)


def test_half_a_line_waits_for_its_other_half(api: InProcess, http: httpx.Client, log: Path) -> None:
    reader = LogReader(api.database, log)
    add(log, IN[:60])
    reader.read()
    assert stats(http) == (0, 0)
    add(log, IN[60:])
    reader.read()
    assert stats(http) == (1, 0)


def test_nothing_is_lost_or_counted_twice_when_the_log_is_rotated(
    api: InProcess, http: httpx.Client, log: Path
) -> None:
    reader = LogReader(api.database, log)
    add(log, IN)
    reader.read()
    add(log, IN)  # written after the last look …
    log.rename(f"{log}.1")  # … and rotated away
    log.write_text(OUT)
    reader.read()
    assert stats(http) == (2, 1)
    LogReader(api.database, log).read()
    assert stats(http) == (2, 1)


def test_a_long_rest_of_the_old_log_is_counted_to_its_end(
    api: InProcess, http: httpx.Client, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailserver.api.statistics.AT_ONCE", 2 * len(IN))
    reader = LogReader(api.database, log)
    add(log, IN)
    reader.read()
    add(log, IN * 7)
    os.rename(log, f"{log}.1")
    log.write_text("")
    reader.read()
    assert stats(http) == (8, 0)


def test_an_emptied_log_is_read_from_its_start(api: InProcess, http: httpx.Client, log: Path) -> None:
    reader = LogReader(api.database, log)
    add(log, IN * 3)
    reader.read()
    log.write_text(OUT)
    reader.read()
    assert stats(http) == (3, 1)


def test_a_log_that_is_not_there_is_no_trouble(api: InProcess, tmp_path: Path) -> None:
    LogReader(api.database, tmp_path / "missing.log").read()


def test_a_deleted_mailbox_leaves_no_figures_and_takes_nobody_elses(
    api: InProcess, http: httpx.Client, log: Path
) -> None:
    assert http.post("domains", json={"name": "kronos.test.pe"}).status_code == 201
    add(log, IN + IN.replace("ann@kronos.test", "ann@kronos.test.pe"))
    LogReader(api.database, log).read()
    assert http.delete("boxes/ann@kronos.test").status_code == 204
    assert stats(http, "domains/kronos.test") == (0, 0)
    assert stats(http, "domains/kronos.test.pe") == (1, 0)


def test_figures_come_by_month_or_by_day_oldest_first(api: InProcess, http: httpx.Client) -> None:
    rows = [("ann@kronos.test", day, 1, 2) for day in ("2026-02-01", "2026-01-31", "2026-01-30")]
    api.database.connection.executemany("INSERT INTO traffic VALUES (?, ?, ?, ?)", rows)
    assert list(http.get("boxes/ann@kronos.test/stats").json().items()) == [
        ("2026-01", {"in": 2, "out": 4}),
        ("2026-02", {"in": 1, "out": 2}),
    ]
    days = http.get("domains/kronos.test/stats", params={"period": "day"}).json()
    assert list(days) == ["2026-01-30", "2026-01-31", "2026-02-01"]
    assert http.get("domains/kronos.test/stats", params={"period": "year"}).status_code == 400
