"""The activity log: nothing is ever lost, everything can be read, much can be undone."""

import csv
import io
from typing import Any

import httpx
import pytest
from django.db import DatabaseError
from django.test import Client as Browser

from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound, Unavailable
from mailadmin.posteio.resources import MailboxChange
from mailadmin.services import audit, mailboxes
from mailadmin.services.audit import Actor
from tests.mailadmin.conftest import Wire

CHIEF = Actor(address="chief@kronos.test", request_id="r-1", client_address="192.0.2.7")


def test_who_what_when_from_where(admin: Browser) -> None:
    admin.post("/admin/mailboxes/ana@kronos.test/suspension/")
    entry: Any = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target) == (
        "chief@kronos.test",
        "mailbox.suspend",
        "ana@kronos.test",
    )
    assert (entry.before, entry.after) == ({"suspended": False}, {"suspended": True})
    assert entry.domain == "kronos.test"
    text = admin.get("/admin/activity/").content.decode()
    for words in ("Mailbox suspended", "chief@kronos.test", "<del>no</del> → <ins>yes</ins>"):
        assert words in text


def test_when_the_log_cannot_be_written_nothing_is_asked(
    db: None, poste: Client, wire: Wire, monkeypatch: Any
) -> None:
    def full(**_fields: object) -> AuditEntry:
        raise DatabaseError("disk full")

    monkeypatch.setattr(AuditEntry.objects, "create", full)
    with pytest.raises(DatabaseError):
        mailboxes.suspend(poste, CHIEF, "ana@kronos.test")
    assert not any(verb == "PATCH" for verb, _path in wire.asked)


def test_when_the_log_cannot_be_finished_the_line_is_there_and_can_be_settled(
    admin: Browser, poste: Client, wire: Wire, monkeypatch: Any
) -> None:
    def full(self: AuditEntry, **_options: object) -> None:
        raise DatabaseError("disk full")

    def break_the_log(request: httpx.Request) -> None:
        if request.method == "PATCH":
            monkeypatch.setattr(AuditEntry, "save", full)

    wire.after = break_the_log
    # The change has happened, so the person is not told that it failed.
    assert admin.post("/admin/mailboxes/ana@kronos.test/suspension/").status_code == 302
    monkeypatch.undo()
    assert poste.mailboxes.get("ana@kronos.test").suspended
    entry: Any = AuditEntry.objects.get()
    assert (entry.outcome, entry.after) == ("started", {"suspended": True})


def test_an_entry_that_was_never_confirmed_is_settled_by_looking(admin: Browser, poste: Client) -> None:
    facts = {"before": {"suspended": False}, "after": {"suspended": True}, "domain": "kronos.test"}
    entry = AuditEntry.objects.create(action="mailbox.suspend", target="ana@kronos.test", **facts)
    assert "One change was never confirmed" in admin.get("/admin/").content.decode()
    assert "Find out" in admin.get("/admin/activity/?outcome=unsettled").content.decode()
    admin.post(f"/admin/activity/{entry.pk}/confirmation/")
    entry.refresh_from_db()
    assert entry.outcome == "missed"
    AuditEntry.objects.update(outcome="unknown")
    poste.mailboxes.update("ana@kronos.test", MailboxChange(suspended=True))
    admin.post(f"/admin/activity/{entry.pk}/confirmation/")
    entry.refresh_from_db()
    assert entry.outcome == "done"


@pytest.mark.parametrize(
    ("action", "target", "outcome"),
    [
        ("mailbox.create", "ana@kronos.test", "done"),
        ("mailbox.create", "zz@kronos.test", "missed"),
        ("mailbox.delete", "zz@kronos.test", "done"),
        ("mailbox.delete", "ana@kronos.test", "missed"),
        ("domain.create", "other.test", "done"),
        ("domain.delete", "other.test", "missed"),
        ("alias.create", "info@kronos.test", "done"),
        ("dkim.create", "other.test", "missed"),
        ("dkim.create", "kronos.test", "done"),
        ("mailbox.password", "ana@kronos.test", "started"),
    ],
)
def test_every_kind_can_be_settled(action: str, target: str, outcome: str, admin: Browser) -> None:
    entry = AuditEntry.objects.create(action=action, target=target)
    admin.post(f"/admin/activity/{entry.pk}/confirmation/")
    entry.refresh_from_db()
    assert entry.outcome == outcome


def test_no_answer_is_unknown_and_said(db: None, poste: Client, wire: Wire) -> None:
    def cut(request: httpx.Request) -> None:
        if request.method == "PATCH":
            raise httpx.ReadTimeout("cut")

    wire.after = cut
    with pytest.raises(Unavailable):
        mailboxes.suspend(poste, CHIEF, "ana@kronos.test")
    entry: Any = AuditEntry.objects.get()
    assert (entry.outcome, entry.request_id, entry.client_address) == ("unknown", "r-1", "192.0.2.7")


def test_secrets_do_not_enter(db: None) -> None:
    facts = {"name": "Ana", "password": "x", "passwordPlaintext": "y", "private": "z", "password_hash": "h"}
    with audit.change(CHIEF, "mailbox.update", "ana@kronos.test", before=facts, after=facts) as change:
        change.became(facts)
    entry: Any = AuditEntry.objects.get()
    assert (entry.before, entry.after) == ({"name": "Ana"}, {"name": "Ana"})


def test_filters(admin: Browser) -> None:
    admin.post("/admin/mailboxes/ana@kronos.test/suspension/")
    admin.post("/admin/domains/new/", {"name": "new.test"})
    text = admin.get("/admin/activity/?q=ana").content.decode()
    assert "Mailbox suspended<br>" in text
    assert "Domain created<br>" not in text
    text = admin.get("/admin/activity/?action=domain.create").content.decode()
    assert "Mailbox suspended<br>" not in text
    assert "No change fits" in admin.get("/admin/activity/?until=2001-01-01").content.decode()
    assert admin.get("/admin/activity/?since=nonsense&action=nonsense&page=x").status_code == 200


def test_export_is_safe_to_open(admin: Browser) -> None:
    AuditEntry.objects.create(
        actor="=HYPERLINK(1)", action="domain.create", target="-x.test", reason="+1\n@2"
    )
    answer: Any = admin.get("/admin/activity/export/")
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows[0][:4] == ["at", "actor", "action", "target"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_undo_a_change_of_name_and_limits(admin: Browser, poste: Client) -> None:
    admin.post("/admin/mailboxes/ana@kronos.test/details/", {"name": "Other", "redirect_to": ""})
    admin.post("/admin/mailboxes/ana@kronos.test/limits/", {"storage_number": "5", "storage_unit": "1024"})
    for entry in AuditEntry.objects.filter(undoes=None):
        admin.post(f"/admin/activity/{entry.pk}/undo/")
    assert poste.mailboxes.get("ana@kronos.test").name == "Ana"
    assert poste.mailboxes.quota("ana@kronos.test").storage_limit == 0
    assert AuditEntry.objects.exclude(undoes=None).count() == 2


def test_undo_twice_is_once(admin: Browser, poste: Client) -> None:
    admin.post("/admin/mailboxes/ana@kronos.test/suspension/")
    entry: Any = AuditEntry.objects.get()
    admin.post(f"/admin/activity/{entry.pk}/undo/")
    admin.post("/admin/mailboxes/ana@kronos.test/suspension/")
    answer = admin.post(f"/admin/activity/{entry.pk}/undo/", follow=True)
    assert "cannot be undone" in answer.content.decode()
    assert poste.mailboxes.get("ana@kronos.test").suspended


def test_undo_does_not_trample_on_a_later_change(admin: Browser, poste: Client) -> None:
    admin.post("/admin/mailboxes/ana@kronos.test/details/", {"name": "Mine", "redirect_to": ""})
    entry: Any = AuditEntry.objects.get()
    poste.mailboxes.update("ana@kronos.test", MailboxChange(name="Somebody else's"))
    answer = admin.post(f"/admin/activity/{entry.pk}/undo/", follow=True)
    assert "somebody changed" in answer.content.decode()
    assert poste.mailboxes.get("ana@kronos.test").name == "Somebody else's"


def test_a_new_domain_is_undone_only_while_it_is_empty(admin: Browser, poste: Client) -> None:
    admin.post("/admin/domains/new/", {"name": "new.test"})
    entry: Any = AuditEntry.objects.get()
    admin.post("/admin/aliases/new/", {"local_part": "a", "domain": "new.test", "targets": "x@example.org"})
    admin.post(f"/admin/activity/{entry.pk}/undo/")
    assert poste.domains.get("new.test")
    admin.post("/admin/aliases/a@new.test/delete/")
    admin.post(f"/admin/activity/{entry.pk}/undo/")
    with pytest.raises(NotFound):
        poste.domains.get("new.test")
