"""From the plan to a real zone by RFC 2136 and back; nobody else's record is touched."""

import re
from typing import Any

import pytest
from django.test import Client as Browser

from mailadmin import connections
from mailadmin.dns import plan, update
from mailadmin.dns.resolver import Resolver, Settings
from mailadmin.models import DnsChange, DnsWriter
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewDomain
from mailadmin.services import dns_reports
from tests.mailadmin.dns import zoo
from tests.stack import eventually

NAME = "written.zoo.test"
PLAN = f"/admin/domains/{NAME}/dns/plan/"
KEY = {"server": zoo.FIRST, "port": 53, "key_name": "postie", "algorithm": "hmac-sha256"}


@pytest.fixture
def world(poste: Client, zoo_resolver: Settings, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    settings.POSTEIO_HOSTNAME = "mail.zoo.test"
    settings.MAIL_ADDRESSES = ["203.0.113.10"]
    monkeypatch.setattr(connections, "network", lambda: Resolver(zoo_resolver))
    poste.domains.create(NewDomain(name=NAME))
    poste.domains.create_dkim(NAME)
    return poste


def texts(settings: Settings) -> set[str]:
    network = Resolver(settings)
    with network.watching(NAME):
        return set(network.ask(NAME, "TXT").texts)


def test_plan_write_and_take_back(world: Client, admin: Browser, zoo_resolver: Settings) -> None:
    admin.post(f"/admin/domains/{NAME}/dns/run/")
    page = admin.get(PLAN).content.decode()
    assert "v=spf1 a:mail.zoo.test ip4:192.0.2.1 ~all" in page
    assert "somebody else" not in page
    after = re.search(r"After all these changes: (\d+) right, \d+ warnings, (\d+) to fix", page)
    assert after
    admin.post(f"/admin/domains/{NAME}/dns/writer/", KEY | {"secret": zoo.SECRET, "way": "update"})
    assert zoo.SECRET not in DnsWriter.objects.get().sealed_secret
    chosen = re.findall(r'name="change" value="(\d+)"', page)
    before = texts(zoo_resolver)
    answer = admin.post(PLAN, {"change": chosen}, follow=True)
    assert "Written." in answer.content.decode()
    written = {"somebody else", "v=spf1 a:mail.zoo.test ip4:192.0.2.1 ~all"}
    assert eventually(lambda: texts(zoo_resolver) == written)
    report = dns_reports.latest(NAME)
    assert report is not None
    assert [
        f["code"]
        for _c, f in report.findings
        if f["status"] == "fail" and f["code"][:3] in ("spf", "mx.", "dki", "dma")
    ] == []
    assert {record["state"] for record in report.expected} == {"published"}
    assert "Nothing to change." in admin.get(PLAN).content.decode()
    change = DnsChange.objects.get()
    admin.post(f"/admin/domains/{NAME}/dns/changes/{change.pk}/undo/")
    assert eventually(lambda: texts(zoo_resolver) == before)


def test_a_wrong_key_changes_nothing(world: Client, admin: Browser, zoo_resolver: Settings) -> None:
    admin.post(f"/admin/domains/{NAME}/dns/run/")
    admin.post(f"/admin/domains/{NAME}/dns/writer/", KEY | {"secret": "d3JvbmcgaGVyZQ==", "way": "update"})
    before = texts(zoo_resolver)
    answer = admin.post(PLAN, {"change": ["0"]}, follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert texts(zoo_resolver) == before
    assert not DnsChange.objects.exists()


def test_a_server_that_is_away_changes_nothing(world: Client) -> None:
    zone = update.Zone(NAME, zoo.NOBODY, "postie", zoo.SECRET)
    with pytest.raises(update.UpdateRefused) as refused:
        update.apply(zone, [plan.Change(NAME, "TXT", (), ("x",), "spf")])
    assert refused.value.reason == "unreachable"
    assert zoo.SECRET not in repr(zone)


def test_a_domain_administrator_sets_no_key(world: Client, domain_admin: Browser) -> None:
    assert domain_admin.post("/admin/domains/kronos.test/dns/writer/", KEY).status_code == 403


def test_the_inverse_of_the_inverse_is_the_change() -> None:
    change = plan.Change("a.test", "MX", ("10 b.test.",), ("10 c.test.",), "mx")
    assert change.inverse.inverse == change
    assert [c.sign for c in (change, plan.Change("a", "TXT", (), ("x",), ""))] == ["~", "+"]
    assert plan.Change.from_json(change.to_json()) == change
