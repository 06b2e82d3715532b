"""What Postfix and Dovecot are told, straight from the views they read."""

from collections.abc import Callable

import httpx
import pytest

from tests.in_process import InProcess

PASSWORD = "Contract-tests-7-write"
Make = Callable[..., str]


@pytest.fixture
def make(http: httpx.Client) -> Make:
    def box(address: str, **options: object) -> str:
        body = {"email": address, "passwordPlaintext": PASSWORD, **options}
        if options.get("redirectTo") and "password" not in options:
            del body["passwordPlaintext"]
        assert http.post("boxes", json=body).status_code == 201
        return address

    return box


@pytest.fixture
def look(api: InProcess) -> Callable[[str, str], set[str]]:
    """(view and column, key) → the answers."""
    views = {
        "aliases": "SELECT target FROM postfix_aliases WHERE address = ?",
        "mailboxes": "SELECT address FROM postfix_mailboxes WHERE address = ?",
        "domains": "SELECT name FROM postfix_domains WHERE name = ?",
        "senders": "SELECT login FROM postfix_senders WHERE sender = ?",
        "allowed": "SELECT allowed FROM dovecot_users WHERE address = ?",
        "discards": "SELECT address FROM postfix_discards WHERE address = ?",
    }
    return lambda view, key: {row[0] for row in api.database.rows(views[view], key)}


Look = Callable[[str, str], set[object]]


def test_an_alias_leads_to_every_target(make: Make, look: Look) -> None:
    ann = make("ann@kronos.test")
    make("sales@kronos.test", redirectTo=[ann, "partner@example.org"])
    assert look("aliases", "sales@kronos.test") == {ann, "partner@example.org"}
    assert look("mailboxes", "sales@kronos.test") == set()


def test_a_mailbox_that_redirects_keeps_its_own_copy(make: Make, look: Look) -> None:
    make("ann@kronos.test", redirectTo=["out@example.org"], password=True, passwordPlaintext=PASSWORD)
    assert look("aliases", "ann@kronos.test") == {"ann@kronos.test", "out@example.org"}


def test_everybody_means_the_accounts_that_are_open(make: Make, look: Look) -> None:
    ann = make("ann@kronos.test")
    make("shut@kronos.test", disabled=True)
    make("alias@kronos.test", redirectTo=["out@example.org"])
    make("all@kronos.test", redirectTo=["*@kronos.test"])
    assert look("aliases", "all@kronos.test") == {ann, "admin@kronos.test"}


def test_a_target_that_could_only_bounce_is_left_out(make: Make, look: Look, http: httpx.Client) -> None:
    ann = make("ann@kronos.test")
    shut = make("shut@kronos.test", disabled=True)
    make(
        "sales@kronos.test",
        redirectTo=[ann, shut, "gone@kronos.test", "out@example.org", "ann+tag@kronos.test"],
    )
    assert look("aliases", "sales@kronos.test") == {ann, "out@example.org", "ann+tag@kronos.test"}
    http.patch("domains/kronos.test", json={"domainBin": True, "domainBinAddress": ann})
    assert "gone@kronos.test" in look("aliases", "sales@kronos.test"), "the catch-all takes it now"


def test_a_catch_all_never_gets_the_mail_of_a_suspended_mailbox(
    make: Make, look: Look, http: httpx.Client
) -> None:
    http.patch("domains/kronos.test", json={"domainBin": True, "domainBinAddress": "admin@kronos.test"})
    make("shut@kronos.test", disabled=True)
    assert look("aliases", "@kronos.test") == {"admin@kronos.test"}
    assert look("mailboxes", "shut@kronos.test") == {"shut@kronos.test"}, (
        "or Postfix would ask for @kronos.test"
    )
    assert look("allowed", "shut@kronos.test") == {0}


def test_an_alias_domain_leads_to_the_same_name_over_there(look: Look, http: httpx.Client) -> None:
    http.post("domains", json={"name": "old.test", "forward": True, "forwardDomain": "kronos.test"})
    assert look("aliases", "@old.test") == {"@kronos.test"}
    assert look("senders", "admin@old.test") == {"admin@kronos.test"}


def test_one_writes_as_oneself_and_as_aliases_that_lead_here(make: Make, look: Look) -> None:
    ann = make("ann@kronos.test")
    leo = make("leo@kronos.test")
    make("sales@kronos.test", redirectTo=[ann])
    assert look("senders", "sales@kronos.test") == {ann}
    assert look("senders", leo) == {leo}
    make("free@kronos.test", strictFromDisabled=True)
    assert look("senders", leo) == {leo, "free@kronos.test"}


def test_a_suspended_person_writes_as_nobody(make: Make, look: Look) -> None:
    shut = make("shut@kronos.test", disabled=True)
    make("sales@kronos.test", redirectTo=[shut])
    assert look("senders", shut) == set()
    assert look("senders", "sales@kronos.test") == set()


def test_what_is_thrown_away_is_never_unknown(make: Make, look: Look) -> None:
    make("noreply@kronos.test", discard=True)
    assert look("discards", "noreply@kronos.test") == {"noreply@kronos.test"}
    assert look("mailboxes", "noreply@kronos.test") == {"noreply@kronos.test"}


def test_a_deleted_domain_is_gone_from_every_view(make: Make, look: Look, http: httpx.Client) -> None:
    http.post(
        "domains", json={"name": "short.test", "domainBin": True, "domainBinAddress": "admin@kronos.test"}
    )
    make("ann@short.test")
    assert http.delete("domains/short.test").status_code == 204
    for view, key in (("domains", "short.test"), ("mailboxes", "ann@short.test"), ("aliases", "@short.test")):
        assert look(view, key) == set()
