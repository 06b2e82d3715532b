"""What must hold on SQLite and on PostgreSQL alike; `scripts/test.sh postgres` runs it on the second."""

import pytest
from django.test import Client as Browser
from django.utils import timezone

from mailadmin.models import AuditEntry, DnsReport
from mailadmin.posteio.client import Client
from mailadmin.services import snapshots
from tests.mailadmin.test_mailboxes import GOOD

ODD = {
    "text": "ñandú 🦤 \u202e \\u0000 'quote' \"double\" %s {x} \x7f",
    "deep": [{"a": [1, 2.5, None, True, {"b": []}]}],
    "keys": {"": 1, "a.b": 2, "$": 3, "0": 4},
    "large": 2**53 - 1,
}


@pytest.mark.django_db
def test_json_comes_back_as_it_went_in() -> None:
    report = DnsReport.objects.create(
        domain="kronos.test", at=timezone.now(), status="fail", findings=[["spf", ODD]], questions=ODD
    )
    entry = AuditEntry.objects.create(actor="a", action="domain.update", target="t", before=None, after=ODD)
    report.refresh_from_db()
    entry.refresh_from_db()
    assert report.findings == [["spf", ODD]]
    assert report.questions == ODD
    assert entry.after == ODD
    assert entry.before is None
    # NULL and JSON's null are not the same; we write the first.
    assert AuditEntry.objects.filter(before__isnull=True).count() == 1


@pytest.mark.django_db
def test_a_fingerprint_outlives_the_database() -> None:
    """jsonb sorts keys: what a form showed must still be the same afterwards."""
    facts: dict[str, object] = {"zeta": 1, "alpha": ["b", "a"], "mid": None}
    entry = AuditEntry.objects.create(actor="a", action="x", target="t", after=facts)
    entry.refresh_from_db()
    assert snapshots.fingerprint(entry.after or {}) == snapshots.fingerprint(facts)


@pytest.mark.django_db
def test_the_newest_comes_first_also_within_one_moment() -> None:
    for number in range(5):
        AuditEntry.objects.create(actor="a", action="x", target=str(number))
    AuditEntry.objects.update(at=timezone.now())
    assert [entry.target for entry in AuditEntry.objects.all()] == ["4", "3", "2", "1", "0"]


@pytest.mark.django_db
def test_texts_of_the_longest_allowed_kind_fit(admin: Browser, poste: Client) -> None:
    """PostgreSQL refuses what is longer than its column, and NUL anywhere; SQLite keeps both."""
    long = "x" * 64
    for token in ("\0" * 40, "é" * 100, long):
        form = GOOD | {"local_part": long, "form_token": token}
        assert admin.post("/admin/mailboxes/new/", form).status_code in (200, 422)
    headers = {"X-Request-Id": "é" * 500, "User-Agent": "u" * 5000}
    form = GOOD | {"local_part": "luz", "name": "n" * 2000, "form_token": ""}
    assert admin.post("/admin/mailboxes/new/", form, headers=headers).status_code in (200, 422)
    for where in ("activity/?target=%00", "activity/?actor=%00&q=%00", "mailboxes/?q=%00", "mailboxes/%00/"):
        assert admin.get(f"/admin/{where}").status_code in (200, 400, 404), where


@pytest.mark.django_db
def test_a_sign_in_full_of_nonsense_is_refused_calmly(client: Browser) -> None:
    for address in ("a\0b@kronos.test", "ñ" * 400 + "@kronos.test", "x" * 300 + "@" + "y" * 300):
        assert client.post("/login", {"address": address, "password": "a\0b"}).status_code in (200, 400, 422)


@pytest.mark.django_db
def test_a_log_line_is_found_whatever_its_case(admin: Browser) -> None:
    AuditEntry.objects.create(actor="Chief@kronos.test", action="mailbox.create", target="Ñusta@kronos.test")
    found = [
        "Ñusta@kronos.test" in admin.get(f"/admin/activity/?{query}").content.decode()
        for query in ("target=usta@kronos.test", "target=USTA@kronos.test")
    ]
    assert found[0] == found[1]
