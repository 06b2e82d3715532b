"""Who may open what: every address of the panel is tried, also those that will be added later."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver

from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import MailboxChange
from mailadmin.urls import urlpatterns

FOREIGN = {"domain_name": "other.test", "address": "eva@other.test", "entry_id": "1", "change_id": "1"}
NUMBER = "11111111-1111-4111-8111-111111111111"  # what stands where an address wants a UUID
# Nothing foreign in them: a domain administrator sees the own part.
SHARED = {
    "overview",
    "overview-census",
    "domain-list",
    "mail-log",
    "mailbox-list",
    "mailbox-create",
    "mailbox-export",
    "mailbox-import",
    "mailbox-bulk",
    "alias-list",
    "alias-create",
    "resolver",
    "restore-list",
    "restore-create",
    "restore-deleted",
    "activity",
    "activity-export",
    "deliverability",
    "dns",
}
# Opens with a signed key instead of a sign-in; without one it does not exist (tests/mailadmin/dns).
WITH_A_KEY = {"shared-dns"}


def addresses(patterns: Sequence[URLPattern | URLResolver], prefix: str = "/admin/") -> list[tuple[str, str]]:
    """(name, address with foreign things in it) of every door."""
    found = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += addresses(pattern.url_patterns, route)
        else:
            route = re.sub(r"<uuid:\w+>", NUMBER, route)
            filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: FOREIGN.get(match[1], "1"), route)
            found.append((str(pattern.name), filled))
    return found


EVERY = [door for door in addresses(urlpatterns) if door[0] not in WITH_A_KEY]
PARAMETERS = pytest.mark.parametrize(("name", "path"), EVERY, ids=[name for name, _path in EVERY])


@PARAMETERS
@pytest.mark.parametrize("verb", ["get", "post"])
def test_a_stranger_signs_in_first(verb: str, name: str, path: str, db: None, poste: Client) -> None:
    answer = getattr(Browser(), verb)(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login?next=")


@PARAMETERS
@pytest.mark.parametrize("verb", ["get", "post"])
def test_a_person_without_powers_is_refused(verb: str, name: str, path: str, person: Browser) -> None:
    assert getattr(person, verb)(path).status_code == 403


@PARAMETERS
@pytest.mark.parametrize("verb", ["get", "post"])
def test_a_domain_administrator_does_not_reach_a_foreign_domain(
    verb: str, name: str, path: str, domain_admin: Browser
) -> None:
    if name in SHARED:
        return
    AuditEntry.objects.create(
        pk=1, actor="x", action="mailbox.suspend", target="eva@other.test", domain="other.test"
    )
    assert getattr(domain_admin, verb)(path).status_code in (403, 404, 405)


@pytest.mark.parametrize("name", sorted(SHARED))
def test_what_is_shared_never_shows_a_foreign_domain(name: str, domain_admin: Browser) -> None:
    AuditEntry.objects.create(
        actor="x", action="mailbox.suspend", target="eva@other.test", domain="other.test"
    )
    answer: Any = domain_admin.get(dict(EVERY)[name], follow=True)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert b"other.test" not in content


def test_a_filter_does_not_open_a_foreign_domain(domain_admin: Browser) -> None:
    assert domain_admin.get("/admin/mailboxes/?domain=other.test").status_code == 404
    assert domain_admin.get("/admin/mailboxes/export/?domain=other.test").status_code == 404
    assert domain_admin.get("/admin/resolver/?address=eva@other.test").status_code == 404


def test_a_domain_administrator_cannot_create_in_a_foreign_domain(
    domain_admin: Browser, poste: Client
) -> None:
    answer = domain_admin.post(
        "/admin/aliases/new/", {"local_part": "x", "domain": "other.test", "targets": "a@b.co"}
    )
    assert answer.status_code == 422
    assert [box.address for box in poste.mailboxes.all(query="@other.test")] == ["eva@other.test"]


@pytest.mark.parametrize("part", ["details", "password", "limits", "suspension", "delete"])
def test_a_domain_administrator_cannot_touch_a_system_administrator(
    part: str, domain_admin: Browser, poste: Client
) -> None:
    # Otherwise a new password for that account would be the way to all domains.
    assert domain_admin.post(f"/admin/mailboxes/admin@kronos.test/{part}/").status_code == 403


def test_a_domain_administrator_cannot_give_powers(domain_admin: Browser, poste: Client) -> None:
    form = {"name": "Ana", "super_admin": "on", "domain_admin": "on"}
    assert domain_admin.post("/admin/mailboxes/ana@kronos.test/details/", form).status_code == 302
    ana = poste.mailboxes.get("ana@kronos.test")
    assert not ana.super_admin
    assert not ana.domain_admin


def test_a_domain_administrator_cannot_bulk_touch_a_system_administrator(
    domain_admin: Browser, poste: Client
) -> None:
    form = {"action": "suspend", "address": ["admin@kronos.test", "eva@other.test", "ana@kronos.test"]}
    answer = domain_admin.post("/admin/mailboxes/bulk/", form)
    assert b"1 of 3 done" in answer.content
    assert poste.mailboxes.get("ana@kronos.test").suspended
    assert not poste.mailboxes.get("eva@other.test").suspended
    assert not poste.mailboxes.get("admin@kronos.test").suspended


def test_undo_does_not_give_powers_back(domain_admin: Browser, poste: Client) -> None:
    entry = AuditEntry.objects.create(
        actor="chief@kronos.test",
        action="mailbox.update",
        target="ana@kronos.test",
        domain="kronos.test",
        before={"super_admin": True},
        after={"super_admin": False},
        outcome="done",
    )
    domain_admin.post(f"/admin/activity/{entry.pk}/undo/")
    assert not poste.mailboxes.get("ana@kronos.test").super_admin


def test_own_powers_are_not_given_up_by_accident(admin: Browser, poste: Client) -> None:
    poste.mailboxes.update("luis@kronos.test", MailboxChange(super_admin=True))
    answer = admin.post("/admin/mailboxes/admin@kronos.test/suspension/", follow=True)
    assert "Postie itself signs in" in answer.content.decode()
    assert not poste.mailboxes.get("admin@kronos.test").suspended
