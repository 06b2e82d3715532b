"""Mailboxes: list, create, look, change, suspend, delete."""

import html
import re
from typing import Any

import httpx
import pytest
from django.test import Client as Browser

from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound
from mailadmin.posteio.resources import MailboxChange
from tests.mailadmin.conftest import PASSWORD, Mail, Wire, last_entry

GOOD = {
    "local_part": "rosa",
    "domain": "kronos.test",
    "name": "Rosa Mamani",
    "password_kind": "generated",
    "generated": "kdjwq-PPrtz-8hhmn-ewQxy",
    "storage_number": "2",
    "storage_unit": "1024",
    "count": "",
}


def hidden(answer: object, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())  # type: ignore[attr-defined]
    assert found, name
    return html.unescape(found[1])


def test_the_list_shows_mailboxes_and_no_aliases(admin: Browser) -> None:
    text = admin.get("/admin/mailboxes/").content.decode()
    assert "ana@kronos.test" in text
    assert "eva@other.test" in text
    assert "info@kronos.test" not in text


@pytest.mark.parametrize(
    ("query", "there", "away"),
    [
        ("q=ANA", "ana@", "luis@"),
        ("q=Luis", "luis@", "ana@"),
        ("domain=other.test", "eva@", "ana@"),
        ("state=admin", "luis@", "ana@"),
        ("q=%25", "", "ana@"),
        ("page=99999", "ana@", "nobody@"),
        ("page=-1&sort=nonsense", "ana@", "nobody@"),
    ],
)
def test_search_filter_and_nonsense(query: str, there: str, away: str, admin: Browser) -> None:
    text = admin.get(f"/admin/mailboxes/?{query}").content.decode()
    assert there in text
    assert away not in text


def test_a_suspended_one_is_found_by_its_state(admin: Browser, poste: Client) -> None:
    poste.mailboxes.update("ana@kronos.test", MailboxChange(suspended=True))
    text = admin.get("/admin/mailboxes/?state=suspended").content.decode()
    assert "ana@kronos.test" in text
    assert "luis@" not in text


def test_sorting_turns_round(admin: Browser) -> None:
    text = admin.get("/admin/mailboxes/?sort=-address").content.decode()
    assert text.index("luis@kronos.test") < text.index("ana@kronos.test")


def test_the_same_name_of_a_longer_domain_is_not_ours(admin: Browser, poste: Client) -> None:
    admin.post("/admin/domains/new/", {"name": "kronos.test.pe"})
    admin.post("/admin/mailboxes/new/", GOOD | {"domain": "kronos.test.pe"})
    assert "rosa@" not in admin.get("/admin/mailboxes/?domain=kronos.test").content.decode()


def test_htmx_gets_the_table_alone(admin: Browser) -> None:
    text = admin.get("/admin/mailboxes/?q=ana", headers={"HX-Request": "true"}).content.decode()
    assert text.lstrip().startswith('<div id="mailbox-table"')
    assert "<html" not in text


def test_create_shows_the_password_once_and_the_log_never(admin: Browser, poste: Client) -> None:
    answer = admin.post("/admin/mailboxes/new/", GOOD)
    assert answer.status_code == 200
    assert GOOD["generated"] in answer.content.decode()
    rosa = poste.mailboxes.get("rosa@kronos.test")
    assert rosa.name == "Rosa Mamani"
    assert poste.mailboxes.quota("rosa@kronos.test").storage_limit == 2048
    entry: Any = AuditEntry.objects.get(action="mailbox.create")
    assert (entry.actor, entry.target, entry.outcome) == ("chief@kronos.test", "rosa@kronos.test", "done")
    assert entry.after["storage_limit"] == 2048
    assert GOOD["generated"] not in str(vars(entry))
    assert GOOD["generated"] not in admin.get("/admin/activity/").content.decode()


def test_the_form_suggests_a_new_password_each_time(admin: Browser) -> None:
    first, second = (hidden(admin.get("/admin/mailboxes/new/"), "generated") for _time in range(2))
    assert len(first) >= 20
    assert first != second


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"local_part": ""}, "This field is required"),
        ({"local_part": "Ana Quispe"}, "Only letters"),
        ({"local_part": "rosa@kronos.test"}, "Only the part before the @"),
        ({"local_part": ".."}, "Only letters"),
        ({"local_part": "ana"}, "This already exists"),
        ({"domain": "elsewhere.test"}, "valid choice"),
        ({"password_kind": "own", "password": ""}, "enter a password"),
        ({"password_kind": "own", "password": "short"}, "too short"),
        ({"password_kind": "own", "password": "password123"}, "too common"),
        ({"password_kind": "own", "password": "rosa-mamani-2026"}, "contains the name"),
        ({"password_kind": "own", "password": "🔑" * 30}, "At most 72"),
        ({"storage_number": "much"}, "Enter a size"),
        ({"storage_number": "-1"}, "greater than or equal to 0"),
        ({"count": "1.5"}, "whole number"),
    ],
)
def test_what_is_wrong_stands_beside_the_field(change: dict[str, str], sentence: str, admin: Browser) -> None:
    answer = admin.post("/admin/mailboxes/new/", GOOD | change)
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.content.decode())


def test_a_sentence_of_the_server_lands_beside_its_field_in_spanish(admin: Browser, wire: Wire) -> None:
    body = {"errors": {"children": {"passwordPlaintext": {"errors": ["This value is too short."]}}}}
    wire.fail = lambda request: httpx.Response(400, json=body) if request.method == "POST" else None
    answer = admin.post("/admin/mailboxes/new/", GOOD, headers={"Accept-Language": "es"})
    assert answer.status_code == 422
    assert "demasiado débil" in answer.content.decode()
    assert AuditEntry.objects.get().outcome == "refused"


def test_a_typed_password_is_meant_whatever_the_choice_says(admin: Browser) -> None:
    answer = admin.post("/admin/mailboxes/new/", GOOD | {"password": "cuatro-palabras-sin-orden"})
    assert "cuatro-palabras-sin-orden" in answer.content.decode()
    assert GOOD["generated"] not in answer.content.decode()


def test_the_own_domain_is_offered_first(domain_admin: Browser, admin: Browser) -> None:
    assert '<option value="kronos.test" selected>' in admin.get("/admin/mailboxes/new/").content.decode()


def test_a_double_click_makes_one_mailbox_and_shows_its_password_twice(admin: Browser) -> None:
    form = GOOD | {"form_token": "2f6ad9e2"}
    for _click in range(2):
        answer = admin.post("/admin/mailboxes/new/", form)
        assert answer.status_code == 200
        assert GOOD["generated"] in answer.content.decode()


def test_a_fresh_form_for_a_taken_name_never_claims_success(admin: Browser) -> None:
    admin.post("/admin/mailboxes/new/", GOOD | {"form_token": "one"})
    other = GOOD | {"form_token": "two", "generated": "another-strong-word-99"}
    answer = admin.post("/admin/mailboxes/new/", other)
    assert answer.status_code == 422
    assert "This already exists" in answer.content.decode()


def test_limits_that_cannot_be_set_do_not_cost_the_mailbox(admin: Browser, wire: Wire, poste: Client) -> None:
    wire.fail = lambda request: httpx.Response(500) if request.url.path.endswith("/quota") else None
    answer = admin.post("/admin/mailboxes/new/", GOOD)
    assert "its limits could not be set" in answer.content.decode()
    assert GOOD["generated"] in answer.content.decode()
    assert poste.mailboxes.get("rosa@kronos.test")
    assert "limits not set" in AuditEntry.objects.get().reason


def test_detail_tells_how_full_it_is(admin: Browser, dovecot: Mail) -> None:
    dovecot.usages["ana@kronos.test"] = (1536 * 1024 * 1024, 3)
    text = admin.get("/admin/mailboxes/ana@kronos.test/").content.decode()
    assert "1.5\N{NO-BREAK SPACE}GB, no limit" in text
    assert "3 messages, no limit" in text


def test_detail_works_without_the_usage(admin: Browser, dovecot: Mail) -> None:
    dovecot.away = True
    answer = admin.get("/admin/mailboxes/ana@kronos.test/")
    assert answer.status_code == 200
    assert "does not tell these numbers" in answer.content.decode()


def test_change_is_saved_and_logged_with_before_and_after(admin: Browser, poste: Client) -> None:
    page = admin.get("/admin/mailboxes/ana@kronos.test/details/")
    form = {"name": "Ana Quispe", "redirect_to": "a@example.org\nb@example.org", "domain_admin": "on"}
    answer = admin.post("/admin/mailboxes/ana@kronos.test/details/", form | {"seen": hidden(page, "seen")})
    assert answer.status_code == 302
    ana = poste.mailboxes.get("ana@kronos.test")
    assert (ana.name, ana.domain_admin, ana.redirect_to) == (
        "Ana Quispe",
        True,
        ("a@example.org", "b@example.org"),
    )
    assert not ana.redirect_only
    entry: Any = AuditEntry.objects.get()
    assert (entry.before["name"], entry.after["name"]) == ("Ana", "Ana Quispe")


def test_two_tabs_the_second_one_is_told(admin: Browser, poste: Client) -> None:
    page = admin.get("/admin/mailboxes/ana@kronos.test/details/")
    poste.mailboxes.update("ana@kronos.test", MailboxChange(name="Ana from the other tab"))
    form = {"name": "Ana from this tab", "redirect_to": "", "seen": hidden(page, "seen")}
    answer = admin.post("/admin/mailboxes/ana@kronos.test/details/", form)
    text = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "Somebody changed this" in text
    assert "Ana from the other tab" in text
    assert 'value="Ana from this tab"' in text
    assert poste.mailboxes.get("ana@kronos.test").name == "Ana from the other tab"
    again = admin.post("/admin/mailboxes/ana@kronos.test/details/", form | {"seen": hidden(answer, "seen")})
    assert again.status_code == 302
    assert poste.mailboxes.get("ana@kronos.test").name == "Ana from this tab"


def test_saving_twice_is_harmless(admin: Browser, poste: Client) -> None:
    page = admin.get("/admin/mailboxes/ana@kronos.test/details/")
    form = {"name": "Ana Quispe", "redirect_to": "", "seen": hidden(page, "seen")}
    for _click in range(2):
        assert admin.post("/admin/mailboxes/ana@kronos.test/details/", form).status_code == 302
    assert AuditEntry.objects.count() == 1


def test_new_password_is_set_shown_and_never_kept(admin: Browser, wire: Wire) -> None:
    form = {"password_kind": "own", "password": "cuatro-palabras-sin-orden"}
    answer = admin.post("/admin/mailboxes/ana@kronos.test/password/", form)
    assert form["password"] in answer.content.decode()
    assert answer["Cache-Control"]
    assert "no-store" in answer["Cache-Control"]
    entry: Any = AuditEntry.objects.get()
    assert entry.action == "mailbox.password"
    assert form["password"] not in str(vars(entry))


def test_the_operators_password_is_not_changed_here(admin: Browser, wire: Wire) -> None:
    form = {"password_kind": "own", "password": "cuatro-palabras-sin-orden"}
    answer = admin.post("/admin/mailboxes/admin@kronos.test/password/", form)
    assert answer.status_code == 422
    assert "Postie itself signs in" in answer.content.decode()
    assert not any(verb == "PATCH" for verb, _path in wire.asked)


def test_limits_are_set_with_their_unit(admin: Browser, poste: Client) -> None:
    form = {"storage_number": "1.5", "storage_unit": "1024", "count": "1000"}
    assert admin.post("/admin/mailboxes/ana@kronos.test/limits/", form).status_code == 302
    quota = poste.mailboxes.quota("ana@kronos.test")
    assert (quota.storage_limit, quota.count_limit) == (1536, 1000)
    assert AuditEntry.objects.get().before == {"storage_limit": 0, "count_limit": 0}


def test_a_tiny_limit_does_not_become_no_limit(admin: Browser, poste: Client) -> None:
    admin.post(
        "/admin/mailboxes/ana@kronos.test/limits/",
        {"storage_number": "0.2", "storage_unit": "1", "count": ""},
    )
    assert poste.mailboxes.quota("ana@kronos.test").storage_limit == 1


def test_suspend_and_resume_twice_each(admin: Browser, poste: Client) -> None:
    for _click in range(2):
        admin.post("/admin/mailboxes/ana@kronos.test/suspension/")
        assert poste.mailboxes.get("ana@kronos.test").suspended
    admin.delete("/admin/mailboxes/ana@kronos.test/suspension/")
    admin.post("/admin/mailboxes/ana@kronos.test/suspension/", {"_method": "DELETE"})
    assert not poste.mailboxes.get("ana@kronos.test").suspended
    assert [entry.action for entry in AuditEntry.objects.all()] == ["mailbox.resume", "mailbox.suspend"]


def test_delete_says_what_dies_and_asks_for_the_address(admin: Browser, poste: Client, dovecot: Mail) -> None:
    dovecot.usages["ana@kronos.test"] = (3 * 1024 * 1024, 12)
    page = admin.get("/admin/mailboxes/ana@kronos.test/delete/").content.decode()
    assert "12 messages (3.0\N{NO-BREAK SPACE}MB) die with it" in page
    wrong = admin.post("/admin/mailboxes/ana@kronos.test/delete/", {"typed": "ana"})
    assert wrong.status_code == 422
    assert poste.mailboxes.get("ana@kronos.test")
    for _click in range(2):
        right = admin.post("/admin/mailboxes/ana@kronos.test/delete/", {"typed": " ANA@kronos.test "})
        assert right["Location"] == "/admin/mailboxes/"
    with pytest.raises(NotFound):
        poste.mailboxes.get("ana@kronos.test")
    assert last_entry().before["name"] == "Ana"


def test_an_alias_is_not_a_mailbox(admin: Browser) -> None:
    assert admin.get("/admin/mailboxes/info@kronos.test/").status_code == 404
    assert admin.get("/admin/mailboxes/nobody@kronos.test/").status_code == 404
    assert admin.get("/admin/mailboxes/nonsense/").status_code == 404


def test_bulk_suspends_and_says_each_result(admin: Browser, poste: Client) -> None:
    form = {"action": "suspend", "address": ["ana@kronos.test", "luis@kronos.test", "gone@kronos.test"]}
    text = admin.post("/admin/mailboxes/bulk/", form).content.decode()
    assert "2 of 3 done" in text
    assert "There is no such mailbox" in text
    assert poste.mailboxes.get("luis@kronos.test").suspended


def test_bulk_delete_asks_for_the_number(admin: Browser, poste: Client) -> None:
    form = {"action": "delete", "address": ["ana@kronos.test", "luis@kronos.test"]}
    assert "Delete 2 mailboxes?" in admin.post("/admin/mailboxes/bulk/", form).content.decode()
    wrong = admin.post("/admin/mailboxes/bulk/", form | {"confirmed": "on", "typed": "3"})
    assert wrong.status_code == 422
    assert poste.mailboxes.get("ana@kronos.test")
    right = admin.post("/admin/mailboxes/bulk/", form | {"confirmed": "on", "typed": "2"})
    assert "2 of 2 done" in right.content.decode()
    with pytest.raises(NotFound):
        poste.mailboxes.get("luis@kronos.test")


def test_bulk_limits(admin: Browser, poste: Client) -> None:
    form = {
        "action": "limits",
        "address": ["ana@kronos.test"],
        "confirmed": "on",
        "storage_number": "3",
        "storage_unit": "1024",
    }
    admin.post("/admin/mailboxes/bulk/", form)
    assert poste.mailboxes.quota("ana@kronos.test").storage_limit == 3072


@pytest.mark.parametrize("addresses", [[], ["nonsense"], [f"a{n}@kronos.test" for n in range(300)]])
def test_bulk_refuses_nothing_nonsense_and_too_many(addresses: list[str], admin: Browser, wire: Wire) -> None:
    answer = admin.post("/admin/mailboxes/bulk/", {"action": "suspend", "address": addresses})
    assert answer["Location"] == "/admin/mailboxes/"
    assert not any(verb == "PATCH" for verb, _path in wire.asked)


def test_bulk_stops_when_the_server_goes_away(admin: Browser, wire: Wire) -> None:
    wire.fail = lambda request: httpx.Response(502) if request.method == "PATCH" else None
    form = {"action": "suspend", "address": ["ana@kronos.test", "luis@kronos.test"]}
    text = admin.post("/admin/mailboxes/bulk/", form).content.decode()
    assert "0 of 2 done" in text
    assert "Not tried" in text
    assert AuditEntry.objects.get().outcome == "unknown"


def test_passwords_are_never_in_a_repr() -> None:
    assert PASSWORD not in repr(MailboxChange(password=PASSWORD))
