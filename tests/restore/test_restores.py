"""Restores from end to end: real mailboxes, real snapshots, real IMAP."""

import threading
from typing import Any

import httpx
import pytest
from django.utils import timezone

from mailadmin import connections
from mailadmin.models import AuditEntry, Restore
from mailadmin.posteio.client import Client
from mailadmin.services import restores, restoring
from mailadmin.services.audit import Actor
from mailadmin.services.errors import Refused
from mailadmin.services.restores import Wish
from mailserver.wait import SERVER, until_ready
from tests.mailadmin.backup.past import put
from tests.mailserver.test_resilience import control
from tests.stack import PASSWORD, Stack

from .conftest import History, append, delete_all, letter, listed

pytestmark = pytest.mark.django_db(transaction=True)
CHIEF = Actor(address="chief@kronos.test")


def asked(poste: Client, wish: Wish) -> Restore:
    with connections.past().open() as past:
        moment = past.moments()[0]
        return restores.create(CHIEF, moment, wish, restores.preview(poste, past, moment, wish))


def done(poste: Client, job: Restore) -> Restore:
    restoring.run(poste, job.pk)
    return Restore.objects.get(pk=job.pk)


def shelf(job: Restore) -> str:
    return f"Restored {timezone.localtime(job.moment):%Y-%m-%d}"


def test_a_mailbox_comes_back_beside_the_living_one(
    stack: Stack, history: History, poste: Client, domain: str
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1, flags="\\Seen \\Flagged Feria")
    append(stack, ana, 2, "Proyectos/A&APE-o")
    history.backup(domain)
    delete_all(stack, ana)
    append(stack, ana, 9)
    job = asked(poste, Wish(scope="mailbox", target=ana))
    assert job.wanted == 2
    job = done(poste, job)
    assert (job.state, job.restored, job.already, job.failed) == ("done", 2, 0, 0)
    [line] = listed(stack, ana, f"{shelf(job)}/INBOX")
    assert "\\Seen" in line
    assert "\\Flagged" in line
    assert "Feria" in line
    assert "03-May-2026 09:01:59 -0500" in line
    assert stack.messages(ana, f"{shelf(job)}/INBOX") == [letter(1)]
    assert stack.messages(ana) == [letter(9)]  # what lives is untouched
    again = done(poste, asked(poste, Wish(scope="mailbox", target=ana)))
    assert (again.restored, again.already) == (0, 2)
    assert stack.messages(ana, f"{shelf(job)}/INBOX") == [letter(1)]
    actions = set(AuditEntry.objects.filter(target=ana).values_list("action", flat=True))
    assert {"restore.create", "restore.end"} <= actions


def test_one_folder_and_one_message(stack: Stack, history: History, poste: Client, domain: str) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    for number in (1, 2, 3):
        append(stack, ana, number)
    append(stack, ana, 4, "Feria")
    history.backup(domain)
    job = done(poste, asked(poste, Wish(scope="folder", target=ana, folder=".Feria")))
    assert (job.state, job.restored) == ("done", 1)
    assert stack.messages(ana, f"{shelf(job)}/Feria") == [letter(4)]
    with connections.past().open() as past:
        rows = past.look(past.moments()[0], ana).catalogue.all(job.snapshot, "")
    keys = tuple(row.key for row in rows if "14:02" in row.at.isoformat())
    job = done(poste, asked(poste, Wish(scope="messages", target=ana, keys=keys)))
    assert job.restored == 1
    assert stack.messages(ana, f"{shelf(job)}/INBOX") == [letter(2)]


def test_a_deleted_mailbox_comes_back_with_password_limits_filter_and_mail(
    stack: Stack, history: History, poste: Client, domain: str
) -> None:
    ana, password = stack.create_mailbox("ana", domain, passwordPlaintext="the-word-of-ana-42")
    poste.mailboxes.set_quota(ana, storage_limit=77, count_limit=0)
    poste.mailboxes.set_sieve(ana, 'require "fileinto";\nfileinto "Feria";\n')
    with stack.imap(ana, password) as imap:
        imap.append("INBOX", "\\Seen", None, letter(1))
        imap.append("Sent", "\\Seen", None, letter(2))
    history.backup(domain)
    poste.mailboxes.delete(ana)
    with connections.past().open() as past:
        assert restores.deleted(poste, past, past.moments()[0], domain) == [ana]
    job = done(poste, asked(poste, Wish(scope="mailbox", target=ana, recreate=True)))
    assert (job.state, job.restored, job.failed) == ("done", 2, 0)
    assert job.sealed_passwords == ""
    assert stack.messages(ana, "INBOX", password) == [letter(1)]  # nobody's mail was in the way
    assert stack.messages(ana, "Sent", password) == [letter(2)]
    assert poste.mailboxes.quota(ana).storage_limit == 77
    assert "Feria" in poste.mailboxes.sieve(ana)


def test_where_no_hash_is_taken_a_password_is_made_and_shown_once(
    stack: Stack, history: History, poste: Client, domain: str
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1)
    history.backup(domain)
    poste.mailboxes.delete(ana)
    other = Client(stack.api_url, *stack.admin, transport=NoHash())
    job = done(other, asked(other, Wish(scope="mailbox", target=ana, recreate=True)))
    assert PASSWORD not in job.sealed_passwords
    other.close()
    made = restores.take_passwords(job)
    assert stack.messages(ana, "INBOX", made[ana]) == [letter(1)]
    assert restores.take_passwords(Restore.objects.get(pk=job.pk)) == {}


def test_a_deleted_domain_comes_back(stack: Stack, history: History, poste: Client, domain: str) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    stack.create_alias(f"info@{domain}", [ana])
    append(stack, ana, 1)
    history.backup(domain)
    poste.domains.delete(domain)
    job = done(poste, asked(poste, Wish(scope="domain", target=domain, recreate=True)))
    assert (job.state, job.problems, job.restored) == ("done", [], 1)
    assert stack.messages(ana) == [letter(1)]
    assert poste.mailboxes.get(f"info@{domain}").redirect_to == (ana,)


def test_a_full_mailbox_stops_and_goes_on_when_there_is_space(
    stack: Stack, history: History, poste: Client, domain: str
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    for number in (1, 2):
        with stack.imap(ana) as imap:
            imap.append("INBOX", "\\Seen", None, letter(number, "x" * 700_000))
    history.backup(domain)
    poste.mailboxes.set_quota(ana, storage_limit=2, count_limit=0)
    job = done(poste, asked(poste, Wish(scope="mailbox", target=ana)))
    assert (job.state, job.restored) == ("full", 0 if job.restored == 0 else 1)
    assert "full" in job.reason
    poste.mailboxes.set_quota(ana, storage_limit=10, count_limit=0)
    assert restores.go_on(job)
    job = done(poste, job)
    assert (job.state, job.restored + job.already) == ("done", 2)
    assert len(stack.messages(ana, f"{shelf(job)}/INBOX")) == 2


def test_a_restore_is_cancelled_and_can_go_on(
    stack: Stack, history: History, poste: Client, domain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    for number in range(1, 6):
        append(stack, ana, number)
    history.backup(domain)
    monkeypatch.setattr(restoring, "BEAT", 0.0)
    job = asked(poste, Wish(scope="mailbox", target=ana))
    worker = threading.Thread(target=lambda: restoring.run(poste, job.pk))
    Restore.objects.filter(pk=job.pk).update(cancel=True)
    worker.start()
    worker.join(60)
    job.refresh_from_db()
    assert (job.state, job.restored) == ("cancelled", 0)
    assert restores.go_on(job)
    assert done(poste, job).restored == 5


def test_nothing_is_asked_for_that_cannot_be_done(
    stack: Stack, history: History, poste: Client, domain: str, settings: Any
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1)
    history.backup(domain)
    stack.create_mailbox("eva", domain)
    with pytest.raises(Refused, match="earlier"):
        asked(poste, Wish(scope="mailbox", target=f"eva@{domain}"))
    with pytest.raises(Refused, match="nothing"):
        asked(poste, Wish(scope="messages", target=ana, keys=("/gone",)))
    settings.IMAP_MASTER_PASSWORD = ""
    with pytest.raises(Refused, match="master"):
        asked(poste, Wish(scope="mailbox", target=ana))
    settings.IMAP_MASTER_PASSWORD = "wrong-and-long-enough"
    job = done(poste, _unchecked(ana, history))
    assert job.state == "failed"
    assert "master" in job.reason


def test_a_mail_server_that_is_away_is_waited_for(
    stack: Stack, history: History, poste: Client, domain: str, settings: Any
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1)
    history.backup(domain)
    job = asked(poste, Wish(scope="mailbox", target=ana))
    port, settings.IMAP_PORT = settings.IMAP_PORT, 9  # nobody listens there
    job = done(poste, job)
    assert (job.state, job.restored) == ("interrupted", 0)
    assert restores.abandoned() == []  # not at once
    settings.IMAP_PORT = port
    Restore.objects.filter(pk=job.pk).update(heartbeat=timezone.now() - 2 * restores.STALE)
    assert restores.abandoned() == [job.pk]
    job = done(poste, job)
    assert (job.state, job.restored) == ("done", 1)


def test_a_folder_whose_name_is_no_utf8(stack: Stack, history: History, poste: Client, domain: str) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1)
    home = stack.root / f"data/mail/{domain}/ana"
    control(stack, "stop", "mail:dovecot")  # it renames such a folder as soon as it lists it
    try:
        put(home, 7, letter(7).replace(b"\r\n", b"\n"), folder=b".Cr\xe9dito")
        history.backup(domain)
    finally:
        control(stack, "start", "mail:dovecot")
    assert until_ready(stack.base, 60, SERVER) == []
    job = done(poste, asked(poste, Wish(scope="mailbox", target=ana)))
    assert (job.state, job.restored, job.problems) == ("done", 2, [])
    assert stack.messages(ana, f"{shelf(job)}/Cr_dito") == [letter(7)]


def _unchecked(address: str, history: History) -> Restore:
    [*_others, moment] = history.repository.snapshots("complete")
    return Restore.objects.create(
        by="x", snapshot=moment.id, moment=moment.time, scope="mailbox", target=address, wanted=1
    )


class NoHash(httpx.HTTPTransport):
    """A server like poste.io, which takes no hash of a password."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if b"passwordHash" in request.read():
            return httpx.Response(400, json={"message": "This form should not contain extra fields."})
        return super().handle_request(request)
