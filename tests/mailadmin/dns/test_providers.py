"""Writing through a provider's API: dns-lexicon's own ClouDNS code against a ClouDNS on loopback."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser

from mailadmin import connections
from mailadmin.dns import provider, update
from mailadmin.dns.plan import Change
from mailadmin.dns.resolver import Resolver, Settings
from mailadmin.models import DnsChange, DnsWriter
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewDomain
from mailadmin.services import dns_reports, dns_writing
from tests.mailadmin.dns import cloudns, zoo
from tests.stack import eventually

NAME = "cloudns.zoo.test"
PLAN = f"/admin/domains/{NAME}/dns/plan/"
ACCOUNT = {"way": "cloudns", "user": cloudns.USER, "password": cloudns.PASSWORD}
OPTIONS = {"auth_id": cloudns.USER, "auth_password": cloudns.PASSWORD}
SPF = Change(NAME, "TXT", ("v=spf1 ip4:192.0.2.1 ~all",), ("v=spf1 mx -all",), "spf")
MX = Change(NAME, "MX", (), ("10 mail.zoo.test.",), "mx")
SRV = Change(f"_imaps._tcp.{NAME}", "SRV", (), ("0 1 993 mail.zoo.test.",), "clients")


@pytest.fixture
def company(zoo_resolver: Settings) -> cloudns.Provider:
    """The provider of a zone with somebody else's TXT and an old SPF record."""
    made = cloudns.Provider(update.Zone(NAME, zoo.FIRST, "postie", zoo.SECRET))
    made.add("TXT", "", "somebody else")
    made.add("TXT", "", "v=spf1 ip4:192.0.2.1 ~all")
    return made


@pytest.fixture
def api(company: cloudns.Provider) -> Iterator[str]:
    with cloudns.serving(company) as url:
        yield url


@pytest.fixture
def world(
    poste: Client, zoo_resolver: Settings, settings: Any, monkeypatch: pytest.MonkeyPatch, api: str
) -> Client:
    settings.POSTEIO_HOSTNAME = "mail.zoo.test"
    settings.MAIL_ADDRESSES = ["203.0.113.10"]
    settings.DNS_PROVIDER_ENDPOINT = api
    monkeypatch.setattr(connections, "network", lambda: Resolver(zoo_resolver))
    poste.domains.create(NewDomain(name=NAME))
    poste.domains.create_dkim(NAME)
    return poste


def account(api: str, **options: str) -> provider.Account:
    return provider.Account("cloudns", NAME, OPTIONS | options, api)


def refusal(api: str, *changes: Change, **options: str) -> update.UpdateRefused:
    with pytest.raises(update.UpdateRefused) as refused:
        provider.apply(account(api, **options), changes)
    return refused.value


def shown(company: cloudns.Provider) -> set[tuple[str, str, str]]:
    return {(r["type"], r["host"], r["record"]) for r in company.records.values()}


def test_plan_write_and_take_back_through_cloudns(
    world: Client, admin: Browser, company: cloudns.Provider
) -> None:
    before = shown(company)
    admin.post(f"/admin/domains/{NAME}/dns/run/")
    answer = admin.post(f"/admin/domains/{NAME}/dns/writer/", ACCOUNT, follow=True)
    page = answer.content.decode()
    assert "Postie writes through the API of cloudns." in page
    assert cloudns.PASSWORD not in page
    assert cloudns.PASSWORD not in DnsWriter.objects.get().sealed_secret
    chosen = re.findall(r'name="change" value="(\d+)"', page)
    answer = admin.post(PLAN, {"change": chosen}, follow=True)
    assert "Written." in answer.content.decode()
    assert ("TXT", "", "somebody else") in shown(company)
    assert ("TXT", "", "v=spf1 a:mail.zoo.test ip4:192.0.2.1 ~all") in shown(company)
    done = DnsChange.objects.get()
    assert eventually(lambda: dns_writing.follow(done, connections.network()))
    admin.post(f"/admin/domains/{NAME}/dns/run/")
    report = dns_reports.latest(NAME)
    assert report is not None
    left = {record["kind"] for record in report.expected if record["state"] != "published"}
    assert left == {"CAA"}  # lexicon has none: said on the page, never sent
    assert "enter this one by hand" in admin.get(PLAN).content.decode()
    arrived = admin.get(PLAN).content.decode()
    assert "Every name server shows it since" in arrived
    admin.post(f"/admin/domains/{NAME}/dns/changes/{done.pk}/undo/")
    assert shown(company) == before


def test_numbers_of_mx_and_srv_arrive_as_the_provider_wants_them(api: str, company: cloudns.Provider) -> None:
    provider.apply(account(api), [MX, SRV])
    found = {r["type"]: r for r in company.records.values()}
    assert (found["MX"]["priority"], found["MX"]["record"]) == ("10", "mail.zoo.test")
    srv = found["SRV"]
    assert (srv["priority"], srv["weight"], srv["port"], srv["record"]) == ("0", "1", "993", "mail.zoo.test")
    assert srv["host"] == "_imaps._tcp"
    provider.apply(account(api), [MX.inverse, SRV.inverse])
    assert "MX" not in {kind for kind, _host, _record in shown(company)}


def test_a_record_changes_in_place_never_two_never_none(api: str, company: cloudns.Provider) -> None:
    provider.apply(account(api), [SPF])
    assert [path for path in company.asked if "record.json" in path] == ["/dns/mod-record.json"]
    provider.apply(account(api), [SPF.inverse])


def test_a_failure_half_way_is_taken_back(api: str, company: cloudns.Provider) -> None:
    before = shown(company)
    company.fails_at = 2
    refused = refusal(api, SPF, MX)
    assert (refused.reason, shown(company)) == ("refused", before)
    assert "The record is not valid." in refused.detail


def test_what_cannot_be_taken_back_is_said(api: str, company: cloudns.Provider) -> None:
    company.fails_at, company.refuses_back = 2, True
    refused = refusal(api, SPF, MX)
    assert (refused.reason, refused.detail) == ("half", f"{NAME} TXT")
    company.fails_at = 0
    provider.apply(account(api), [SPF.inverse])


def test_a_wrong_password_changes_nothing_and_is_never_quoted(
    api: str, company: cloudns.Provider, caplog: pytest.LogCaptureFixture
) -> None:
    before = shown(company)
    with caplog.at_level(logging.DEBUG):
        refused = refusal(api, SPF, auth_password="wrong-password-77")
    assert (refused.reason, shown(company)) == ("key", before)
    assert "wrong-password-77" not in f"{refused} {caplog.text} {account(api)!r}"


def test_a_zone_that_changed_meanwhile_is_left_alone(api: str, company: cloudns.Provider) -> None:
    before = shown(company)
    other = Change(NAME, "TXT", ("v=spf1 a -all",), ("v=spf1 mx -all",), "spf")
    assert refusal(api, MX, other).reason == "conflict"
    assert (shown(company), company.writes) == (before, 0)


def test_records_the_api_does_not_know_are_left_to_the_hand(api: str, company: cloudns.Provider) -> None:
    caa = Change(NAME, "CAA", (), ('0 issue "letsencrypt.org"',), "caa")
    refused = refusal(api, SPF, caa)
    assert (refused.reason, refused.detail, company.writes) == ("kind", "CAA", 0)


def test_a_provider_that_is_away(zoo_resolver: Settings) -> None:
    assert refusal(f"http://{zoo.NOBODY}:9", SPF).reason == "unreachable"


def test_a_provider_that_says_nothing_does_not_hold_us(
    api: str, company: cloudns.Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.silent = True
    monkeypatch.setattr(provider, "SECONDS", 3.0)
    assert refusal(api, SPF).reason == "late"


def test_ninety_providers_are_offered_and_none_that_needs_more() -> None:
    names = provider.names()
    assert {"cloudns", "cloudflare", "hetzner", "desec", "gandi", "ovh", "porkbun"} <= set(names)
    assert not {"auto", "localzone", "route53", "__init__"} & set(names)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"way": "provider", "provider": "hetzner", "settings": "no equals sign"}, "One setting a line"),
        ({"way": "provider", "provider": "auto", "settings": "a=b"}, "auto is not one of"),
        ({"way": "cloudns", "user": "", "password": "x"}, "This field is required"),
    ],
)
def test_bad_accounts_are_told_beside_the_field(
    world: Client, admin: Browser, fields: dict[str, str], words: str
) -> None:
    answer = admin.post(f"/admin/domains/{NAME}/dns/writer/", fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not DnsWriter.objects.exists()


def test_a_key_can_be_forgotten(world: Client, admin: Browser) -> None:
    admin.post(f"/admin/domains/{NAME}/dns/writer/", ACCOUNT)
    admin.post(f"/admin/domains/{NAME}/dns/writer/", {"_method": "DELETE"})
    assert not DnsWriter.objects.exists()


def test_another_providers_settings_are_kept_sealed(world: Client, admin: Browser) -> None:
    fields = {"way": "provider", "provider": "hetzner", "settings": "auth-token=abc123secret"}
    admin.post(f"/admin/domains/{NAME}/dns/writer/", fields)
    kept = DnsWriter.objects.get()
    assert kept.provider == "hetzner"
    assert "abc123secret" not in kept.sealed_secret
