"""Aliases: list, create, change, delete; no circles."""

import html
from typing import Any

import pytest
from django.test import Client as Browser

from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound
from mailadmin.posteio.resources import MailboxChange, NewMailbox
from tests.mailadmin.conftest import last_entry
from tests.mailadmin.test_mailboxes import hidden


def test_the_list_shows_aliases_only_and_finds_by_target(admin: Browser) -> None:
    text = admin.get("/admin/aliases/").content.decode()
    assert "info@kronos.test" in text
    assert "luis@kronos.test" not in text


def test_several_targets_one_per_line(admin: Browser, poste: Client) -> None:
    form = {
        "local_part": "Team",
        "domain": "kronos.test",
        "targets": "ana@kronos.test\r\n\r\nX@Perú.pe; ana@kronos.test",
    }
    answer = admin.post("/admin/aliases/new/", form, follow=True)
    assert answer.redirect_chain[-1][0] == "/admin/aliases/team@kronos.test/"
    team = poste.mailboxes.get("team@kronos.test")
    assert team.redirect_only
    assert team.redirect_to == ("ana@kronos.test", "x@xn--per-boa.pe")
    text = answer.content.decode()
    assert "Mail leaves this server to:" in text
    assert "perú.pe" in text
    assert last_entry().after["redirect_to"][0] == "ana@kronos.test"


def test_everybody_of_a_domain(admin: Browser, poste: Client) -> None:
    form = {"local_part": "all", "domain": "kronos.test", "targets": "*@kronos.test"}
    assert admin.post("/admin/aliases/new/", form).status_code == 302
    assert poste.mailboxes.get("all@kronos.test").redirect_to == ("*@kronos.test",)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"targets": ""}, "required"),
        ({"targets": "ana@kronos.test\nnot an address"}, "Line 2 is not an e-mail address: not an address"),
        ({"targets": "*@example.org"}, "only a domain of this server"),
        ({"targets": "a*@kronos.test"}, "Line 1"),
        ({"targets": "team@kronos.test"}, "cannot lead to itself"),
        ({"targets": "\n".join(f"a{n}@example.org" for n in range(101))}, "At most 100"),
        ({"local_part": "luis"}, "This already exists"),
        ({"local_part": "<script>"}, "Only letters"),
    ],
)
def test_what_is_wrong_stands_beside_the_field(change: dict[str, str], sentence: str, admin: Browser) -> None:
    form = {"local_part": "team", "domain": "kronos.test", "targets": "ana@kronos.test"} | change
    answer = admin.post("/admin/aliases/new/", form)
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.content.decode())


def test_a_circle_is_refused_in_words(admin: Browser, poste: Client) -> None:
    poste.mailboxes.create(NewMailbox(address="one@kronos.test", redirect_to=("two@kronos.test",)))
    form = {"local_part": "two", "domain": "kronos.test", "targets": "ana@kronos.test\none@kronos.test"}
    answer = admin.post("/admin/aliases/new/", form)
    assert answer.status_code == 422
    assert "Mail would run in a circle" in answer.content.decode()
    with pytest.raises(NotFound):
        poste.mailboxes.get("two@kronos.test")


def test_change_and_two_tabs(admin: Browser, poste: Client) -> None:
    path = "/admin/aliases/info@kronos.test/"
    seen = hidden(admin.get(path), "seen")
    poste.mailboxes.update("info@kronos.test", MailboxChange(redirect_to=("luis@kronos.test",)))
    form = {"targets": "eva@other.test", "seen": seen}
    answer = admin.post(path, form)
    assert answer.status_code == 422
    assert "Somebody changed this" in answer.content.decode()
    assert admin.post(path, form | {"seen": hidden(answer, "seen")}).status_code == 302
    assert poste.mailboxes.get("info@kronos.test").redirect_to == ("eva@other.test",)


def test_delete_and_undo(admin: Browser, poste: Client) -> None:
    for _click in range(2):
        answer = admin.post("/admin/aliases/info@kronos.test/delete/")
        assert answer["Location"] == "/admin/aliases/"
    with pytest.raises(NotFound):
        poste.mailboxes.get("info@kronos.test")
    entry: Any = AuditEntry.objects.get()
    admin.post(f"/admin/activity/{entry.pk}/undo/")
    assert poste.mailboxes.get("info@kronos.test").redirect_to == ("ana@kronos.test",)


def test_who_gets_mail(admin: Browser, poste: Client) -> None:
    poste.mailboxes.update(
        "info@kronos.test", MailboxChange(redirect_to=("ana@kronos.test", "x@example.org"))
    )
    text = admin.get("/admin/resolver/?address=info@kronos.test").content.decode()
    for words in ("is an alias", "is a mailbox: delivered here", "leaves this server"):
        assert words in text
    text = admin.get("/admin/resolver/?address=ana%2Bshop@kronos.test").content.decode()
    assert "is a mailbox: delivered here" in text
    assert "does not exist" in admin.get("/admin/resolver/?address=zz@kronos.test").content.decode()
    assert admin.get("/admin/resolver/?address=x@elsewhere.test").status_code == 404
