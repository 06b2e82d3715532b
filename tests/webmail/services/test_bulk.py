"""Acts on thousands, in the background: over a real Dovecot that may die, with a worker that may die."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from webmail import connections, tasks
from webmail.imap import append, fetch, flags, folders, listing, move, search
from webmail.imap.connection import Connection
from webmail.models import Action, BulkJob
from webmail.services import bulk, journal
from webmail.services import folders as folder_service
from webmail.services.messages import Order

MANY = 2300


@pytest.fixture
def person(mail: dovecot.Dovecot, person: Credentials, settings: Any, db: None) -> Iterator[Credentials]:
    settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_SECURITY = "127.0.0.1", mail.port, "none"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    connections.pool.cache_clear()
    yield person
    connections.pool().close()
    connections.pool.cache_clear()
    cache.clear()


@pytest.fixture
def full(mail: dovecot.Dovecot, person: Credentials, imap: Connection) -> Connection:
    append.append(imap, "INBOX", dovecot.letter(1))
    mail.fill(person.address, (dovecot.letter(n) for n in range(2, MANY + 1)))
    assert imap.select("INBOX").messages == MANY
    return imap


def everything(imap: Connection, word: str = "archive", **more: Any) -> Order:
    return Order(word=word, folder="INBOX", uids=list(search.uids(imap, "INBOX")), **more)


def started(person: Credentials, imap: Connection, word: str = "archive", **more: Any) -> BulkJob:
    job = bulk.start(person, imap, everything(imap, word, **more))
    assert job is not None
    return job


def counts(imap: Connection) -> dict[str, int]:
    return {folder.name: folder.messages for folder in folders.tree(imap) if folder.messages}


def with_guids(imap: Connection, folder: str) -> set[str]:

    return set(fetch.guids(imap, folder, folders.all_uids(imap, folder)).values())


def test_thousands_are_moved_and_all_come_back(person: Credentials, full: Connection) -> None:
    before = with_guids(full, "INBOX")
    job = started(person, full)
    tasks.run_bulk_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.position, job.changed, job.total) == ("done", MANY, MANY, MANY)
    assert counts(full) == {"Archive": MANY}
    assert job.actions.count() == 5
    undo = bulk.start_undo(person, job)
    assert undo is not None
    assert undo.total == MANY
    tasks.run_bulk_job(undo.pk)
    undo.refresh_from_db()
    assert (undo.state, undo.changed) == ("done", MANY)
    assert counts(full) == {"INBOX": MANY}
    assert with_guids(full, "INBOX") == before
    assert not job.can_be_undone


def test_the_password_is_kept_in_halves_and_only_as_long_as_needed(
    person: Credentials, full: Connection
) -> None:
    job = started(person, full, "read")
    assert person.password not in job.sealed
    assert person.password not in str(cache.get(f"bulk-{job.pk}"))
    tasks.run_bulk_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.sealed, cache.get(f"bulk-{job.pk}")) == ("done", "", None)


def test_without_its_key_it_says_so(person: Credentials, full: Connection) -> None:
    job = started(person, full)
    cache.clear()
    tasks.run_bulk_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.reason, job.sealed) == ("failed", "key", "")
    assert counts(full) == {"INBOX": MANY}


class Dies(Exception):
    """The worker, killed."""


def at_piece(number: int, then: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Something happens right before the piece of this number."""
    ask, seen = bulk._is_cancelled, [0]

    def asked(job: BulkJob) -> bool:
        seen[0] += 1
        if seen[0] == number:
            then()
        return ask(job)

    monkeypatch.setattr(bulk, "_is_cancelled", asked)


def test_it_stops_when_told_to_and_what_is_done_comes_back(
    person: Credentials, full: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(person, full)
    at_piece(3, lambda: bulk.cancel(job), monkeypatch)
    tasks.run_bulk_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.position) == ("cancelled", 1000)
    assert counts(full) == {"Archive": 1000, "INBOX": MANY - 1000}
    undo = bulk.start_undo(person, job)
    assert undo is not None
    tasks.run_bulk_job(undo.pk)
    assert counts(full) == {"INBOX": MANY}


def test_a_dead_mail_server_is_waited_for(
    person: Credentials, full: Connection, mail: dovecot.Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(person, full)
    at_piece(3, mail.stop, monkeypatch)
    assert bulk.run(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.reason, job.position) == ("waiting", "away", 1000)
    assert BulkJob.due() == [job.pk]
    mail.start()
    connections.pool.cache_clear()  # another worker, which has not failed yet
    assert bulk.run(job.pk) is True
    job.refresh_from_db()
    assert (job.state, job.reason, job.position) == ("done", "", MANY)
    again = mail.open(person.address)
    assert counts(again) == {"Archive": MANY}
    undo = bulk.start_undo(person, job)
    assert undo is not None
    assert bulk.run(undo.pk)
    assert counts(again) == {"INBOX": MANY}
    again.log_out()


def test_a_worker_that_dies_between_act_and_note_loses_nothing(
    person: Credentials, full: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(person, full)
    with monkeypatch.context() as patch:

        def die(*_: object) -> None:
            raise Dies

        patch.setattr(journal, "confirmed", die)
        with pytest.raises(Dies):
            bulk.run(job.pk)
    assert counts(full) == {"Archive": 500, "INBOX": MANY - 500}
    assert bulk.run(job.pk) is True  # somebody else's, as far as one can tell
    assert BulkJob.due() == []
    BulkJob.objects.update(changed_at=timezone.now() - timedelta(minutes=3))
    assert BulkJob.due() == [job.pk]
    assert bulk.run(job.pk) is True
    job.refresh_from_db()
    assert job.state == "done"
    assert counts(full) == {"Archive": MANY}
    undo = bulk.start_undo(person, job)
    assert undo is not None
    assert bulk.run(undo.pk)
    assert counts(full) == {"INBOX": MANY}


def test_a_folder_made_anew_is_left_alone(person: Credentials, full: Connection) -> None:
    folders.create(full, "Lista")
    move.move(full, "INBOX", list(search.uids(full, "INBOX"))[:10], "Lista")
    order = Order(word="trash", folder="Lista", uids=list(search.uids(full, "Lista")))
    job = bulk.start(person, full, order)
    assert job is not None
    folders.delete(full, "Lista")
    folders.create(full, "Lista")
    append.append(full, "Lista", dovecot.letter(1))
    tasks.run_bulk_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.reason) == ("failed", "gone")
    assert counts(full)["Lista"] == 1


def test_marks_and_labels_of_thousands_come_back_as_they_were(person: Credentials, full: Connection) -> None:
    uids = list(search.uids(full, "INBOX"))
    flags.add(full, "INBOX", uids[::3], ["\\Seen"])
    before = flags.current(full, "INBOX", uids)
    for word, more in (("read", {}), ("label", {"label": "Viejo"})):
        job = started(person, full, word, **more)
        tasks.run_bulk_job(job.pk)
        undo = bulk.start_undo(person, job)
        assert undo is not None
        tasks.run_bulk_job(undo.pk)
    assert flags.current(full, "INBOX", uids) == before


def test_what_was_emptied_has_an_hour(person: Credentials, imap: Connection) -> None:
    for number in range(3):
        append.append(imap, "Trash", dovecot.letter(number))
    trash = folder_service.get(imap, "Trash")
    first = folder_service.empty(imap, trash)
    entry = Action.objects.get(pk=first.undo or 0)
    job = bulk.expunge_later(person, imap, entry, folder_service.GRACE)
    assert job is not None
    assert counts(imap) == {"Trash/Emptied": 3}
    tasks.run_bulk_job(job.pk)  # too early
    assert counts(imap) == {"Trash/Emptied": 3}

    assert journal.undo(imap, entry) == 3
    assert counts(imap) == {"Trash": 3}
    second = folder_service.empty(imap, trash)
    later = bulk.expunge_later(person, imap, Action.objects.get(pk=second.undo or 0), timedelta(seconds=-1))
    assert later is not None
    BulkJob.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    for number in BulkJob.due():
        tasks.run_bulk_job(number)
    assert counts(imap) == {}
    assert listing.page(imap, "Trash").total == 0
