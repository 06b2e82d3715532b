"""Domains: list, create, route, sign, delete."""

import html
from typing import Any

import httpx
import pytest
from django.test import Client as Browser

from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound
from mailadmin.posteio.resources import DomainChange, NewMailbox
from tests.mailadmin.conftest import PASSWORD, Mail, Wire
from tests.mailadmin.test_mailboxes import hidden


def test_list_search_and_htmx(admin: Browser) -> None:
    text = admin.get("/admin/domains/").content.decode()
    assert "kronos.test" in text
    assert "other.test" in text
    text = admin.get("/admin/domains/?q=krono", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert "kronos.test" in text
    assert "other.test" not in text
    assert "No domain contains “zz”" in admin.get("/admin/domains/?q=zz").content.decode()


def test_a_domain_administrator_lands_at_the_own_domain(domain_admin: Browser) -> None:
    assert domain_admin.get("/admin/domains/")["Location"] == "/admin/domains/kronos.test/"


def test_create_with_letters_of_people(admin: Browser, poste: Client) -> None:
    answer = admin.post("/admin/domains/new/", {"name": " Correo-PERÚ.pe. "}, follow=True)
    assert answer.redirect_chain[-1][0] == "/admin/domains/xn--correo-per-wdb.pe/"
    text = answer.content.decode()
    assert "correo-perú.pe is ready" in text
    assert "xn--correo-per-wdb.pe" in text
    assert AuditEntry.objects.get().target == "xn--correo-per-wdb.pe"
    assert "correo-perú.pe" in admin.get("/admin/domains/").content.decode()
    assert admin.get("/admin/domains/correo-perú.pe/").status_code == 200


@pytest.mark.parametrize(
    "name", ["", "kronos", "a b.test", "-a.test", "a..test", "x" * 64 + ".test", "1.2.3.4", "a@b.test"]
)
def test_nonsense_is_refused_beside_the_field(name: str, admin: Browser, wire: Wire) -> None:
    answer = admin.post("/admin/domains/new/", {"name": name})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not any(verb == "POST" for verb, _path in wire.asked)


def test_a_taken_name_is_said(admin: Browser) -> None:
    answer = admin.post("/admin/domains/new/", {"name": "other.test"})
    assert answer.status_code == 422
    assert "This already exists" in answer.content.decode()
    assert AuditEntry.objects.get().outcome == "refused"


def test_a_double_click_creates_one(admin: Browser) -> None:
    for _click in range(2):
        answer = admin.post("/admin/domains/new/", {"name": "new.test", "form_token": "abc"})
        assert answer["Location"] == "/admin/domains/new.test/"


def test_detail_counts_what_lives_there(admin: Browser, dovecot: Mail) -> None:
    dovecot.usages = {"ana@kronos.test": (2 * 1024**3, 1), "luis@kronos.test": (1024**3, 1)}
    text = admin.get("/admin/domains/kronos.test/").content.decode()
    assert ">3</a> · 3.0\N{NO-BREAK SPACE}GB" in text
    assert "mail is signed" in text


def test_detail_works_without_numbers(admin: Browser, dovecot: Mail, wire: Wire) -> None:
    dovecot.away = True
    wire.fail = lambda request: httpx.Response(501) if request.url.path.endswith("/stats") else None
    answer = admin.get("/admin/domains/kronos.test/")
    assert answer.status_code == 200
    assert "does not tell these numbers" in answer.content.decode()


def test_traffic_is_drawn_with_its_table(admin: Browser, wire: Wire) -> None:
    body = {"2026-10": {"in": 120, "out": 45}, "2026-11": {"in": 1, "out": 0}}
    wire.fail = lambda request: (
        httpx.Response(200, json=body) if request.url.path.endswith("/stats") else None
    )
    text = admin.get("/admin/domains/kronos.test/").content.decode()
    assert 'height="80"><title>2026-10: 120 in' in text
    assert 'height="1"><title>2026-11: 1 in' in text
    assert '<th scope="row">2026-10</th>' in text


def test_no_mail_yet_is_an_empty_php_array(admin: Browser, wire: Wire) -> None:
    wire.fail = lambda request: httpx.Response(200, json=[]) if request.url.path.endswith("/stats") else None
    assert "No mail yet" in admin.get("/admin/domains/kronos.test/").content.decode()


def test_catch_all_on_and_off(admin: Browser, poste: Client) -> None:
    path = "/admin/domains/kronos.test/routing/"
    admin.post(
        path,
        {"unknown": "catch-all", "catch_all": "ana@kronos.test", "seen": hidden(admin.get(path), "seen")},
    )
    assert poste.domains.get("kronos.test").catch_all == "ana@kronos.test"
    admin.post(path, {"unknown": "nowhere", "catch_all": "ana@kronos.test"})
    assert poste.domains.get("kronos.test").catch_all == ""
    assert [(entry.after or {})["catch_all"] for entry in AuditEntry.objects.all()] == ["", "ana@kronos.test"]


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"unknown": "catch-all"}, "Which mailbox"),
        ({"unknown": "catch-all", "catch_all": "ana"}, "not an e-mail address"),
        ({"unknown": "forward"}, "Which domain?"),
        ({"unknown": "forward", "forward_domain": "kronos.test"}, "its own alias"),
        ({"unknown": "nonsense"}, "valid choice"),
    ],
)
def test_half_an_answer_is_asked_for(form: dict[str, str], sentence: str, admin: Browser) -> None:
    answer = admin.post("/admin/domains/kronos.test/routing/", form)
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.content.decode())


def test_alias_domain(admin: Browser, poste: Client) -> None:
    admin.post("/admin/domains/other.test/routing/", {"unknown": "forward", "forward_domain": "kronos.test"})
    assert poste.domains.get("other.test").forward_domain == "kronos.test"
    assert "alias domain" in admin.get("/admin/domains/").content.decode()


@pytest.mark.parametrize("now", ["", "ana@kronos.test"])
def test_a_catch_all_that_does_not_exist_is_refused(now: str, admin: Browser, poste: Client) -> None:
    poste.domains.update("kronos.test", DomainChange(catch_all=now))
    form = {"unknown": "catch-all", "catch_all": "nobody@kronos.test"}
    answer = admin.post("/admin/domains/kronos.test/routing/", form)
    assert answer.status_code == 422
    assert "There is no such mailbox" in answer.content.decode()


def test_what_the_server_refuses_lands_beside_its_field(admin: Browser, wire: Wire) -> None:
    body = {"errors": {"children": {"domainBinAddress": {"errors": ["This value is not valid."]}}}}
    wire.fail = lambda request: httpx.Response(400, json=body) if request.method == "PATCH" else None
    form = {"unknown": "catch-all", "catch_all": "ana@kronos.test"}
    answer = admin.post("/admin/domains/kronos.test/routing/", form, headers={"Accept-Language": "es"})
    assert answer.status_code == 422
    assert "El servidor no acepta esto" in answer.content.decode()


def test_two_tabs_the_second_one_is_told(admin: Browser, poste: Client) -> None:
    path = "/admin/domains/kronos.test/routing/"
    seen = hidden(admin.get(path), "seen")
    poste.domains.update("kronos.test", DomainChange(catch_all="luis@kronos.test"))
    form = {"unknown": "catch-all", "catch_all": "ana@kronos.test", "seen": seen}
    answer = admin.post(path, form)
    assert answer.status_code == 422
    assert "luis@kronos.test" in answer.content.decode()
    assert poste.domains.get("kronos.test").catch_all == "luis@kronos.test"


def test_first_key_at_once_the_next_after_asking(admin: Browser, poste: Client) -> None:
    path = "/admin/domains/other.test/dkim/"
    assert "is not signed" in admin.get(path).content.decode()
    assert admin.post(path).status_code == 302
    first = poste.domains.dkim("other.test")
    text = admin.get(path).content.decode()
    assert f"{first.selector}._domainkey.other.test" in text
    assert f"p={first.public}" in text
    assert "PRIVATE" not in text
    assert admin.post(path).status_code == 422
    assert admin.post(path, {"typed": "wrong.test"}).status_code == 422
    assert poste.domains.dkim("other.test") == first
    assert admin.post(path, {"typed": "other.test"}).status_code == 302
    assert poste.domains.dkim("other.test").public != first.public
    entry: Any = AuditEntry.objects.first()
    assert entry is not None
    assert entry.before["selector"] == first.selector
    assert "PRIVATE" not in str(vars(entry))


def test_delete_says_what_dies_and_asks_for_the_name(admin: Browser, poste: Client, dovecot: Mail) -> None:
    dovecot.usages["eva@other.test"] = (5 * 1024 * 1024, 9)
    poste.mailboxes.create(NewMailbox(address="leo@other.test", password=PASSWORD))
    poste.mailboxes.create(NewMailbox(address="hi@other.test", redirect_to=("eva@other.test",)))
    path = "/admin/domains/other.test/delete/"
    text = admin.get(path).content.decode()
    assert "2 mailboxes, 5.0\N{NO-BREAK SPACE}MB, 1 alias" in text
    assert admin.post(path, {"typed": "kronos.test"}).status_code == 422
    assert poste.domains.get("other.test")
    for _click in range(2):
        assert admin.post(path, {"typed": "Other.Test"})["Location"] == "/admin/domains/"
    with pytest.raises(NotFound):
        poste.domains.get("other.test")
    entry: Any = AuditEntry.objects.get()
    assert (entry.before["mailboxes"], entry.before["aliases"], entry.before["megabytes"]) == (2, 1, 5)


def test_unknown_domains_are_404(admin: Browser) -> None:
    for name in ("nowhere.test", "nonsense", "a b", "..%2f"):
        assert admin.get(f"/admin/domains/{name}/").status_code == 404
