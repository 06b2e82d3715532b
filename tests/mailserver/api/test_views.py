"""What Postfix and Dovecot are told, straight from the views they read."""

from collections.abc import Callable
from pathlib import Path

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
    text = (Path(__file__).parents[3] / "mailserver/config/postfix/senders.cf").read_text()
    may_write = text.partition("query = ")[2].strip()
    views = {
        "aliases": "SELECT target FROM postfix_aliases WHERE address = ?",
        "mailboxes": "SELECT address FROM postfix_mailboxes WHERE address = ?",
        "plain": "SELECT address FROM postfix_plain_mailboxes WHERE address = ?",
        "domains": "SELECT name FROM postfix_domains WHERE name = ?",
        "allowed": "SELECT allowed FROM dovecot_users WHERE address = ?",
        "discards": "SELECT address FROM postfix_discards WHERE address = ?",
    }

    def ask(view: str, key: str) -> set[str]:
        if view == "senders":  # as Postfix fills it in
            user, _at, domain = key.partition("@")
            query = may_write.replace("%s", key).replace("%u", user).replace("%d", domain)
            return {row[0] for row in api.database.rows(query)}
        return {row[0] for row in api.database.rows(views[view], key)}

    return ask


Look = Callable[[str, str], set[object]]


def test_an_alias_leads_to_every_target(make: Make, look: Look) -> None:
    ann = make("ann@kronos.test")
    make("sales@kronos.test", redirectTo=[ann, "partner@example.org"])
    assert look("aliases", "sales@kronos.test") == {ann, "partner@example.org"}
    assert look("mailboxes", "sales@kronos.test") == set()


def test_a_mailbox_is_plain_when_nothing_leads_from_it(make: Make, look: Look) -> None:
    """Postfix asks this first and looks no further."""
    ann = make("ann@kronos.test")
    ben = make("ben@kronos.test", passwordPlaintext=PASSWORD, redirectTo=[ann])
    make("sales@kronos.test", redirectTo=[ann])
    assert look("plain", ann) == {ann}
    assert look("plain", ben) == look("plain", "sales@kronos.test") == set()


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


def test_an_alias_domain_is_written_from_by_the_same_people(
    make: Make, look: Look, http: httpx.Client
) -> None:
    http.post("domains", json={"name": "old.test", "forward": True, "forwardDomain": "kronos.test"})
    ann = make("ann@kronos.test")
    make("sales@kronos.test", redirectTo=[ann])
    assert look("senders", "ann@old.test") == {ann}
    assert look("senders", "sales@old.test") == {ann}
    assert look("senders", "nobody@old.test") == set()


def test_no_lookup_walks_over_all_mailboxes(api: InProcess) -> None:
    text = (Path(__file__).parents[3] / "mailserver/config/postfix/senders.cf").read_text()
    queries = [
        text.partition("query = ")[2].strip(),
        "SELECT target FROM postfix_aliases WHERE address = 'a@b.test'",
        "SELECT address FROM postfix_mailboxes WHERE address = 'a@b.test'",
        "SELECT home FROM dovecot_users WHERE address = 'a@b.test'",
    ]
    for query in queries:
        plan = [row["detail"] for row in api.database.rows(f"EXPLAIN QUERY PLAN {query}")]
        scans = [line for line in plan if line.startswith("SCAN") and "domains" not in line]
        # The few who may write under any name have an index of their own.
        assert [
            line for line in scans if "boxes_free_to_send" not in line and "postfix_" not in line
        ] == [], plan


def test_who_gets_copies_of_anothers_mail_may_not_write_in_that_ones_name(make: Make, look: Look) -> None:
    leo = make("leo@kronos.test")
    ann = make("ann@kronos.test", redirectTo=[leo], password=True, passwordPlaintext=PASSWORD)
    assert look("senders", ann) == {ann}
