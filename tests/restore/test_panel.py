"""The guided restore in the panel: what, from when, preview, go; and who may."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone

from mailadmin.models import AuditEntry, Restore
from mailadmin.posteio.client import Client
from postie_web.accounts.models import User
from tests.stack import Stack

from .conftest import History, append, delete_all, letter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


def browser(address: str, role: User.Role) -> Browser:
    found = Browser()
    defaults = {"role": role, "role_confirmed_at": timezone.now()}
    found.force_login(User.objects.get_or_create(address=address, defaults=defaults)[0])
    return found


@pytest.fixture
def chief(history: History) -> Browser:
    return browser("chief@kronos.test", User.Role.SYSTEM_ADMIN)


def test_from_the_wish_to_the_mail(
    stack: Stack, history: History, poste: Client, domain: str, chief: Browser
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1)
    append(stack, ana, 2, "Feria")
    moment = history.backup(domain)[:8]
    delete_all(stack, ana)
    assert moment in chief.get(f"/admin/restores/?target={ana}").content.decode()

    asked = f"/admin/restores/new/?moment={moment}&scope=mailbox&target={ana}"
    preview = chief.get(asked).content.decode()
    assert "2 messages would come back" in preview
    assert "Feria" in preview
    assert not Restore.objects.exists()  # looking changes nothing

    wish = {"moment": moment, "scope": "mailbox", "target": ana, "go": "yes"}
    answer = chief.post("/admin/restores/new/", wish)
    job = Restore.objects.get()
    assert answer.headers["Location"] == f"/admin/restores/{job.pk}/"
    page = chief.get(f"/admin/restores/{job.pk}/").content.decode()
    assert "2 of 2" in page
    assert stack.messages(ana, f"Restored {timezone.localtime(job.moment):%Y-%m-%d}/INBOX") == [letter(1)]

    browse = chief.get(f"/admin/restores/browse/?moment={moment}&target={ana}&folder=.Feria").content.decode()
    assert "Carta 2" in browse
    assert AuditEntry.objects.filter(action="restore.look", target=ana, actor="chief@kronos.test").exists()
    key = browse.partition('name="key" value="')[2].partition('"')[0]
    chosen = {"moment": moment, "scope": "messages", "target": ana, "folder": ".Feria", "key": [key]}
    assert "1 message would come back" in chief.post("/admin/restores/new/", chosen).content.decode()


def test_a_deleted_mailbox_is_listed_and_comes_back(
    stack: Stack, history: History, poste: Client, domain: str, chief: Browser
) -> None:
    ana, password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1)
    moment = history.backup(domain)[:8]
    poste.mailboxes.delete(ana)
    assert ana in chief.get("/admin/restores/deleted/").content.decode()
    wish = {"moment": moment, "scope": "mailbox", "target": ana, "recreate": "on"}
    assert "gone" in chief.post("/admin/restores/new/", wish).content.decode()
    chief.post("/admin/restores/new/", wish | {"go": "yes"})
    assert stack.messages(ana, "INBOX", password) == [letter(1)]
    assert ana not in chief.get("/admin/restores/deleted/").content.decode()


def test_administrators_of_other_domains_and_people_are_refused(
    stack: Stack, history: History, poste: Client, domain: str
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    chief, _password = stack.create_mailbox("chief", domain, superAdmin=True)
    append(stack, ana, 1)
    moment = history.backup(domain)[:8]
    stranger = browser("luis@elsewhere.test", User.Role.DOMAIN_ADMIN)
    person = browser(f"eva@{domain}", User.Role.USER)
    own = browser(f"boss@{domain}", User.Role.DOMAIN_ADMIN)
    job = Restore.objects.create(
        by="x",
        snapshot=moment,
        moment=timezone.now(),
        scope="mailbox",
        target=ana,
        domain=domain,
        state="full",
    )
    for scope, target in (("mailbox", ana), ("domain", domain), ("folder", ana), ("messages", ana)):
        asked = {"moment": moment, "scope": scope, "target": target}
        for verb in ("get", "post"):
            assert getattr(stranger, verb)("/admin/restores/new/", asked | {"go": "yes"}).status_code == 404
            assert getattr(person, verb)("/admin/restores/new/", asked).status_code == 403
    everything = {"moment": moment, "scope": "everything", "go": "yes"}
    assert own.post("/admin/restores/new/", everything).status_code == 403
    assert stranger.get(f"/admin/restores/browse/?moment={moment}&target={ana}").status_code == 404
    assert own.get(f"/admin/restores/browse/?moment={moment}&target={chief}").status_code == 403
    for path in ("", "cancel/", "going-on/"):
        verb = "post" if path else "get"
        assert getattr(stranger, verb)(f"/admin/restores/{job.pk}/{path}").status_code == 404
    assert own.get(f"/admin/restores/browse/?moment={moment}&target={ana}").status_code == 200
    assert ana not in stranger.get("/admin/restores/deleted/").content.decode()
    assert Restore.objects.count() == 1


def test_what_cannot_be_is_said_in_words(
    stack: Stack, history: History, domain: str, chief: Browser, settings: object
) -> None:
    moment = history.backup(domain)[:8]
    for query in (
        "",
        f"moment={moment}&scope=mailbox&target=nonsense",
        f"moment={moment}&scope=domain&target=",
    ):
        assert chief.get(f"/admin/restores/new/?{query}").status_code == 422
    answer = chief.get(f"/admin/restores/new/?moment={moment}&scope=mailbox&target=ana@{domain}", follow=True)
    assert "earlier" in answer.content.decode()
    settings.RESTIC_REPOSITORY = "rest:http://127.0.0.1:9/"  # type: ignore[attr-defined]
    assert chief.get("/admin/restores/").status_code == 503
    settings.RESTIC_REPOSITORY = ""  # type: ignore[attr-defined]
    assert "no repository" in chief.get("/admin/restores/").content.decode()


def test_the_same_by_command(
    stack: Stack, history: History, domain: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ana, _password = stack.create_mailbox("ana", domain)
    append(stack, ana, 1)
    append(stack, ana, 2, "Feria")
    moment = history.backup(domain)[:8]

    def said(*words: str) -> Any:
        call_command(*words, "--json")
        return json.loads(capsys.readouterr().out)

    assert [one["id"] for one in said("restore_moments")] == [moment]
    preview = said("restore", ana, "--preview", "--moment", moment)
    assert {one["what"]: one["messages"] for one in preview} == {"INBOX": 1, "Feria": 1}
    assert not Restore.objects.exists()
    day = f"{timezone.localdate():%Y-%m-%d}"
    assert said("restore", ana, "--moment", day, "--words", "carta 2")["restored"] == 1
    assert said("restore", ana, "--folder", "Feria")["already"] == 1
    for wrong in (
        ["restore"],
        ["restore", ana, "--folder", "Nothing"],
        ["restore", ana, "--moment", "1999-01-01"],
    ):
        with pytest.raises(SystemExit):
            said(*wrong)
        assert "error" in json.loads(capsys.readouterr().out)
