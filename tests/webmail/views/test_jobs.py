"""All of a folder at once: it goes on in the background, and pages show how far it is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from postie_web.celery import app
from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from tests.webmail.views.test_messages import HTMX
from webmail.imap import append, folders
from webmail.imap.connection import Connection
from webmail.models import BulkJob

MANY = 700


@pytest.fixture
def at_once(settings: Any) -> Iterator[None]:
    """A worker that does everything while one waits for it."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False
    cache.clear()


@pytest.fixture
def full(mail: dovecot.Dovecot, person: Credentials, imap: Connection) -> Connection:
    append.append(imap, "INBOX", dovecot.letter(1))
    mail.fill(person.address, (dovecot.letter(n) for n in range(2, MANY + 1)))
    return imap


def counts(imap: Connection) -> dict[str, int]:
    return {folder.name: folder.messages for folder in folders.tree(imap) if folder.messages}


def act_on_all(browser: Client, action: str, *, htmx: bool = False, **more: str):
    below = str(MANY + 1)
    data = {"action": action, "all": "yes", "below": below, **more}
    return browser.post("/folder/INBOX/actions/", data, headers=HTMX if htmx else {})


def test_all_of_a_folder_goes_in_the_background(at_once: None, browser: Client, full: Connection) -> None:
    answer = act_on_all(browser, "archive", htmx=True)
    events = json.loads(answer.headers["HX-Trigger"])
    assert "Moving 700 messages to Archive. It goes on in the background." in events["toast"]["text"]
    assert {"jobs-changed", "mailbox-changed"} <= events.keys()
    assert counts(full) == {"Archive": MANY}
    bars = browser.get("/jobs/", headers=HTMX).content.decode()
    assert "700 messages moved to Archive." in bars
    job = BulkJob.objects.get()
    assert f"/jobs/{job.pk}/undo/" in bars
    assert browser.post(f"/jobs/{job.pk}/undo/", headers=HTMX).status_code == 204
    assert counts(full) == {"INBOX": MANY}
    page = browser.get("/jobs/").content.decode()
    assert "Undo: 700 messages moved to Archive." in page
    assert f"/jobs/{job.pk}/undo/" not in page


def test_it_shows_how_far_it_is_and_can_be_stopped(at_once: None, browser: Client, full: Connection) -> None:
    account = full.account
    job = BulkJob.objects.create(
        account=account, address="x", word="trash", source="INBOX", target="Trash", total=700, position=500
    )
    BulkJob.objects.filter(pk=job.pk).update(state="running")
    bars = browser.get("/jobs/", headers=HTMX).content.decode()
    assert 'max="700" value="500"' in bars
    assert "every 5s" in bars
    browser.post(f"/jobs/{job.pk}/cancellation/")
    job.refresh_from_db()
    assert job.state == "cancelling"
    job.become("waiting", "away")
    assert "It goes on by itself" in browser.get("/jobs/").content.decode()
    spanish = browser.get("/jobs/", headers={"Accept-Language": "es"}).content.decode()
    assert "Sigue por sí solo" in spanish


def test_nobody_elses_jobs(at_once: None, browser: Client, full: Connection) -> None:
    job = BulkJob.objects.create(account="another", address="x", word="trash", source="INBOX", total=7)
    assert browser.post(f"/jobs/{job.pk}/cancellation/").status_code == 404
    assert browser.post(f"/jobs/{job.pk}/undo/").status_code == 404
    assert "Nothing runs." in browser.get("/jobs/").content.decode()


def test_few_are_done_at_once(at_once: None, browser: Client, letters: list[int], imap: Connection) -> None:
    answer = browser.post("/folder/INBOX/actions/", {"action": "archive", "all": "yes", "below": "99"})
    assert "7 messages moved to Archive." in browser.get(answer.headers["Location"]).content.decode()
    assert not BulkJob.objects.exists()


def test_without_a_queue_it_is_done_while_one_waits(browser: Client, full: Connection, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    act_on_all(browser, "archive")
    assert counts(full) == {"Archive": MANY}


def test_a_long_folder_is_read_in_the_background(at_once: None, browser: Client, full: Connection) -> None:
    browser.post("/folders/INBOX/reading/")
    assert BulkJob.objects.get().state == "done"
    assert next(f.unread for f in folders.tree(full) if f.name == "INBOX") == 0


def test_all_hits_of_a_search_wherever_they_are(
    at_once: None, browser: Client, full: Connection, mail: dovecot.Dovecot, person: Credentials
) -> None:
    append.append(full, "Sent", dovecot.letter(1))
    mail.fill(person.address, (dovecot.letter(n) for n in range(2, 60)), "Sent")
    append.append(full, "INBOX", dovecot.letter(1, "Otra cosa"))
    page = browser.get("/search/?q=subject:carta").content.decode()
    assert "Select all 759" in page
    browser.post("/search/actions/?q=subject:carta", {"action": "trash", "all": "yes"})
    assert counts(full) == {"INBOX": 1, "Trash": 759}
    assert sorted(job.total for job in BulkJob.objects.all()) == [59, 700]
    few = {"action": "flag", "all": "yes"}
    browser.post("/search/actions/?q=subject:otra", few)
    assert "1 message starred." in browser.get("/").content.decode()
    assert browser.post("/search/actions/?q=", few, headers=HTMX).status_code == 409
    assert browser.post("/search/actions/?q=in:nada+x", few, headers=HTMX).status_code == 409
