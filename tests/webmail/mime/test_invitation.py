"""Invitations are shown as words; broken and hostile ones are not shown, and nothing of them runs."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from postie_web.templatetags import design
from webmail.imap import append
from webmail.imap.connection import Connection
from webmail.mime import invitation

EVENT = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
UID:1@x
DTSTART:20261105T150000Z
DTEND:20261105T160000Z
SUMMARY:Reunión <script>alert(1)</script>
LOCATION:Sala 2\\, Lima
ORGANIZER;CN=Ana Quiñones:mailto:ana@kronos.test
ATTENDEE;CN=Beto;PARTSTAT=ACCEPTED:mailto:beto@kronos.test
ATTENDEE;PARTSTAT=DECLINED:mailto:carla@kronos.test
RRULE:FREQ=WEEKLY
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()


def test_an_event_is_read() -> None:
    found = invitation.read(EVENT)
    assert found is not None
    assert (found.method, found.place, found.repeats) == ("request", "Sala 2, Lima", True)
    assert (found.start, found.end) == (
        datetime(2026, 11, 5, 15, tzinfo=UTC),
        datetime(2026, 11, 5, 16, tzinfo=UTC),
    )
    assert found.organizer == "Ana Quiñones <ana@kronos.test>"
    assert [(guest.name, guest.status) for guest in found.guests] == [
        ("Beto <beto@kronos.test>", "accepted"),
        ("carla@kronos.test", "declined"),
    ]


def test_whole_days_and_durations() -> None:
    whole = invitation.read(EVENT.replace(b"DTSTART:20261105T150000Z", b"DTSTART;VALUE=DATE:20261105"))
    assert whole is not None
    assert type(whole.start) is date
    assert whole.start == date(2026, 11, 5)
    long = invitation.read(EVENT.replace(b"DTEND:20261105T160000Z", b"DURATION:PT90M"))
    assert long is not None
    assert long.end == datetime(2026, 11, 5, 16, 30, tzinfo=UTC)


def test_the_page_shows_it_as_text(browser: Client, imap: Connection) -> None:
    letter = (
        b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n"
        + EVENT
    )
    uid = append.append(imap, "INBOX", letter)
    page = browser.get(f"/folder/INBOX/{uid}/").content.decode()
    assert "Reunión &lt;script&gt;alert(1)&lt;/script&gt;</h2>" in page
    assert "Sala 2, Lima" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"x",
        b"BEGIN:VCALENDAR",
        EVENT[:200],
        b"\xff" * 500,
        b"BEGIN:VEVENT\r\n" * 5000,
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR",
    ],
)
def test_broken_ones_are_left_alone(octets: bytes) -> None:
    found = invitation.read(octets)
    assert found is None or found.summary == ""


LINES = EVENT.split(b"\r\n")


@given(st.lists(st.one_of(st.sampled_from(LINES), st.binary(max_size=40)), max_size=30))
@settings(max_examples=150, deadline=None)
def test_reading_never_breaks(lines: list[bytes]) -> None:
    found = invitation.read(b"\r\n".join(lines))
    assert found is None or len(found.summary) <= 300


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (datetime(2026, 11, 5, 15, tzinfo=UTC), datetime(2026, 11, 5, 16, tzinfo=UTC), "10:00 – 11:00"),
        (datetime(2026, 11, 5, 15, tzinfo=UTC), None, "November 2026, 10:00"),
        (datetime(2026, 11, 5, 15, tzinfo=UTC), datetime(2026, 11, 6, 16, tzinfo=UTC), "Friday, 6 November"),
        (date(2026, 11, 5), date(2026, 11, 5), "Nov. 5, 2026"),
        (date(2026, 11, 5), date(2026, 11, 7), "Nov. 5, 2026 – Nov. 7, 2026"),
    ],
)
def test_the_day_is_said_once(start: date, end: date | None, said: str) -> None:
    found = design.until(start, end)
    assert said in found
    assert found.count("2026") == (1 if end is None or str(end)[:10] == str(start)[:10] else 2)
