"""After the writing: TTLs, arrival, what somebody else changes, silence, the morning letter."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from mailadmin import connections
from mailadmin.dns import update
from mailadmin.dns.finding import fail, ok, unknown
from mailadmin.dns.plan import Change
from mailadmin.dns.resolver import Resolver, Settings
from mailadmin.models import DnsChange, DnsReport, DnsWriter
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewDomain
from mailadmin.services import (
    dns_alerts,
    dns_digest,
    dns_drift,
    dns_plans,
    dns_reports,
    dns_silence,
    dns_writing,
)
from tests.mailadmin.dns import zoo
from tests.mailadmin.dns.test_alerts import Says

NAME = "drifting.zoo.test"
OLD, NEW = "v=spf1 ip4:192.0.2.1 ~all", "v=spf1 a:mail.zoo.test ip4:192.0.2.1 ~all"
SPF = Change(NAME, "TXT", (OLD,), (NEW,), "spf")
KEYS = {"server": zoo.FIRST, "port": 53, "key_name": "postie", "algorithm": "hmac-sha256"}
Stage = DnsChange.Stage


@pytest.fixture
def zone(zoo_resolver: Settings) -> Iterator[update.Zone]:
    """Anybody's door to the zone; afterwards it is as it was."""
    found = update.Zone(NAME, zoo.FIRST, "postie", zoo.SECRET)
    yield found
    network = Resolver(zoo_resolver)
    there = network.ask_at(network.delegation(NAME).servers[0], NAME, "TXT").texts
    ours = tuple(text for text in there if text.startswith("v=spf1"))
    update.apply(found, [Change(NAME, "TXT", ours, (OLD,), "")], 300)


@pytest.fixture
def world(
    poste: Client, zoo_resolver: Settings, zone: update.Zone, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Client:
    settings.POSTEIO_HOSTNAME = "mail.zoo.test"
    settings.MAIL_ADDRESSES = ["203.0.113.10"]
    monkeypatch.setattr(connections, "network", lambda: Resolver(zoo_resolver))
    poste.domains.create(NewDomain(name=NAME))
    return poste


@pytest.fixture
def writer(db: None, world: Client) -> DnsWriter:
    dns_plans.set_writer(NAME, update.Zone(NAME, zoo.FIRST, "postie", zoo.SECRET))
    found = dns_plans.writer(NAME)
    assert found is not None
    return found


def seen() -> tuple[set[str], int]:
    """(texts, TTL) at the authority."""
    network = connections.network()
    server = network.delegation(NAME).servers[0]
    answer = network.ask_at(server, NAME, "TXT")
    return set(answer.texts), answer.ttl


def hurry(done: DnsChange) -> DnsChange:
    DnsChange.objects.filter(pk=done.pk).update(due=timezone.now() - timedelta(seconds=1))
    dns_writing.advance(connections.network())
    done.refresh_from_db()
    return done


def test_gently_means_first_the_ttl_then_the_record_then_the_ttl_again(
    writer: DnsWriter, zone: update.Zone
) -> None:
    update.apply(zone, [Change(NAME, "TXT", (OLD,), (OLD,), "")], 7200)
    done = dns_writing.write(writer, connections.network(), [SPF], "me", gently=True)
    assert (done.stage, seen()) == (Stage.LOWERED, ({"somebody else", OLD}, 300))
    assert DnsChange.objects.filter(due__gt=timezone.now() + timedelta(seconds=7000)).exists()
    dns_writing.advance(connections.network())
    assert DnsChange.objects.get().stage == Stage.LOWERED  # its time has not come
    assert (hurry(done).stage, seen()) == (Stage.WRITTEN, ({"somebody else", NEW}, 300))
    assert (hurry(done).stage, seen()) == (Stage.SETTLED, ({"somebody else", NEW}, 3600))
    assert DnsChange.objects.get().due is None
    dns_writing.take_back(writer, connections.network(), done)
    assert seen()[0] == {"somebody else", OLD}


def test_a_change_taken_back_while_it_waits_never_comes(writer: DnsWriter, zone: update.Zone) -> None:
    update.apply(zone, [Change(NAME, "TXT", (OLD,), (OLD,), "")], 7200)
    done = dns_writing.write(writer, connections.network(), [SPF], "me", gently=True)
    dns_writing.take_back(writer, connections.network(), done)
    assert seen() == ({"somebody else", OLD}, 3600)
    hurry(done)
    assert seen()[0] == {"somebody else", OLD}


def test_without_waiting_the_short_ttl_lasts_a_day(writer: DnsWriter) -> None:
    done = dns_writing.write(writer, connections.network(), [SPF], "me")
    assert (done.stage, seen()) == (Stage.WRITTEN, ({"somebody else", NEW}, 300))


def test_a_server_that_is_away_at_the_next_step_is_asked_again_for_three_days(writer: DnsWriter) -> None:
    done = dns_writing.write(writer, connections.network(), [SPF], "me")
    DnsWriter.objects.update(server=zoo.NOBODY)
    hurry(done)
    assert (done.stage, done.trouble) == (Stage.WRITTEN, "unreachable")
    assert done.due is not None
    DnsChange.objects.update(at=timezone.now() - timedelta(days=4))
    assert hurry(done).due is None


def test_the_page_shows_which_name_servers_have_it(world: Client, writer: DnsWriter, admin: Browser) -> None:
    done = dns_writing.write(writer, connections.network(), [SPF], "me")
    page = f"/admin/domains/{NAME}/dns/changes/{done.pk}/arrival/"
    assert "have not been asked yet" in admin.get(page, headers={"HX-Request": "true"}).content.decode()
    assert (
        "Every name server shows it since"
        in admin.post(page, headers={"HX-Request": "true"}).content.decode()
    )
    done.changes = [Change(NAME, "TXT", (), ("v=spf1 -all",), "spf").to_json()]
    done.save()
    assert (
        f"ns1.zoo.test ({zoo.FIRST}) does not show it yet"
        in admin.post(page, headers={"HX-Request": "true"}).content.decode()
    )


def verified(poste: Client) -> DnsReport:
    return dns_reports.verify(poste, connections.network(), NAME)


def test_a_foreign_change_is_found_said_once_and_put_back(
    world: Client, writer: DnsWriter, zone: update.Zone, admin: Browser
) -> None:
    says = Says()
    dns_writing.write(writer, connections.network(), [SPF], "rosa@kronos.test")
    verified(world)
    assert dns_drift.tell(NAME, connections.network(), says) == []
    update.apply(zone, [Change(NAME, "TXT", (NEW,), ("v=spf1 -all",), "")])
    verified(world)
    assert dns_drift.tell(NAME, connections.network(), says) == [f"drift:{NAME} TXT spf"]
    assert dns_drift.tell(NAME, connections.network(), says) == []
    title, text = says.messages[0]
    assert "Somebody changed the DNS" in title
    assert f"{NAME} TXT was right until" in text
    assert "Now: v=spf1 -all." in text
    page = admin.get(f"/admin/domains/{NAME}/dns/").content.decode()
    assert "Somebody changed these records" in page
    assert "for rosa@kronos.test" in page
    admin.post(f"/admin/domains/{NAME}/dns/drift/")
    assert "somebody else" in seen()[0]
    assert any("a:mail.zoo.test" in text for text in seen()[0])
    verified(world)
    dns_drift.tell(NAME, connections.network(), says)
    assert "as it was again" in says.messages[1][0]
    assert len(says.messages) == 2


def test_a_record_that_was_never_right_is_no_drift(world: Client, db: None) -> None:
    verified(world)
    verified(world)
    assert dns_drift.found(NAME) == []


def test_a_name_server_that_does_not_answer_is_no_drift(
    world: Client, writer: DnsWriter, zone: update.Zone
) -> None:
    """The report says so, the authority says otherwise by now: nothing is said."""
    dns_writing.write(writer, connections.network(), [SPF], "me")
    verified(world)
    update.apply(zone, [Change(NAME, "TXT", (NEW,), ("v=spf1 -all",), "")])
    verified(world)
    update.apply(zone, [Change(NAME, "TXT", ("v=spf1 -all",), (NEW,), "")])
    says = Says()
    assert dns_drift.tell(NAME, connections.network(), says) == []
    assert says.messages == []


def test_silence_holds_alarms_back_and_they_are_said_afterwards(
    world: Client, writer: DnsWriter, zone: update.Zone, admin: Browser
) -> None:
    says = Says()
    dns_writing.write(writer, connections.network(), [SPF], "me")
    verified(world)
    admin.post(f"/admin/domains/{NAME}/dns/silence/", {"hours": "8"})
    assert "No alarms about this domain until" in admin.get(f"/admin/domains/{NAME}/dns/").content.decode()
    update.apply(zone, [Change(NAME, "TXT", (NEW,), ("v=spf1 -all",), "")])
    verified(world)
    assert dns_drift.tell(NAME, connections.network(), says) == []
    assert dns_alerts.tell(NAME, says) == ([], [])
    admin.post(f"/admin/domains/{NAME}/dns/silence/", {"_method": "DELETE"})
    assert dns_silence.active(NAME) is None
    assert len(dns_drift.tell(NAME, connections.network(), says)) == 1


def report(hours_ago: float, score: int, found: list[str], *findings: tuple[str, Any]) -> None:
    record = {"name": "d.test", "kind": "TXT", "purpose": "spf", "found": found, "state": "published"}
    DnsReport.objects.create(
        domain="d.test",
        at=timezone.now() - timedelta(hours=hours_ago),
        status="x",
        score=score,
        findings=list(findings),
        expected=[record],
    )


MISSING = ("spf", fail("spf.missing", record="d.test. IN TXT x").to_json())
FINE = ("mx", ok("mx.once").to_json())
DEAF = ("spf", unknown("unanswered", on="q", question="q", reason="timeout").to_json())


@pytest.mark.django_db
def test_the_morning_letter_tells_the_difference_of_a_day() -> None:
    says = Says()
    report(26, 90, ["v=spf1 mx -all"], FINE)
    report(2, 60, [], FINE, MISSING)
    text = dns_digest.send(["d.test", "unknown.test"], says)
    assert "d.test – score 90 → 60" in text
    assert "✗ There is no SPF record" in text
    assert "~ d.test TXT: v=spf1 mx -all → —" in text
    assert [title for title, _text in says.messages] == ["DNS: what changed since yesterday"]


@pytest.mark.django_db
@pytest.mark.parametrize("later", [(FINE, MISSING), (FINE, DEAF)])
def test_no_difference_no_letter(later: tuple[tuple[str, Any], ...]) -> None:
    """Neither when all is as it was, nor when it could not be measured."""
    says = Says()
    report(26, 60, ["x"], FINE, MISSING)
    report(2, 60, ["x"], *later)
    assert dns_digest.send(["d.test"], says) == ""
    assert says.messages == []
