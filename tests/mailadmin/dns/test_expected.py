"""CAA and TLSA as records to publish; the page of the customer with ticks that follow the DNS."""

import hashlib
import json
import re
import time
from dataclasses import replace
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client as Browser

from mailadmin import connections
from mailadmin.dns import expected, formats, plan, suite, update
from mailadmin.dns.expected import Wanted
from mailadmin.dns.resolver import Resolver, Settings
from mailadmin.dns.service import tlsa
from mailadmin.dns.subject import Subject
from mailadmin.models import DnsReport, DnsWriter
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewDomain
from mailadmin.services import dns_plans, dns_probes, dns_reports
from tests.mailadmin.dns import zoo
from tests.mailadmin.dns.cases import SERVER
from tests.mailadmin.dns.partners import Paper
from tests.mailadmin.dns.servers import HOST, Authority, Loopback, Smtp, serve
from tests.mailadmin.dns.test_service_tls import read, today
from tests.stack import eventually

KEY, NEXT = b"the key of now", b"the key that comes"
KEY_ROW, NEXT_ROW = (f"3 1 1 {hashlib.sha256(key).hexdigest()}" for key in (KEY, NEXT))
ISSUE, IODEF = '0 issue "letsencrypt.org"', '0 iodef "mailto:postmaster@zoo.test"'
OURS = Subject(name="zoo.test", server=replace(SERVER, served=(KEY,), next_key=NEXT))
SOA = "ns1.zoo.test. h.zoo.test. 1 3600 600 1209600 300"


MEMORY = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


class OneZone(Paper):
    """zoo.test with its mail host in it; `signed` or not."""

    def __init__(self, more: dict[tuple[str, str], Any] | None = None, *, signed: bool = True) -> None:
        base: dict[tuple[str, str], Any] = {(HOST, "A"): ["203.0.113.10"], ("zoo.test", "SOA"): [SOA]}
        super().__init__(base | (more or {}))
        self.signed = signed

    def zone_of(self, name: str) -> str:
        return "zoo.test" if name.endswith("zoo.test") else name

    def ask(self, name: str, kind: str) -> Any:
        return replace(super().ask(name, kind), secure=self.signed)


def wanted(net: Paper, kind: str, about: Subject = OURS) -> list[Wanted]:
    return [one for one in expected.compare(about, net) if one.kind == kind]


# CAA


@pytest.mark.parametrize(
    ("found", "states"),
    [
        ([], ["missing", "missing"]),
        ([ISSUE, IODEF], ["published", "published"]),
        (['0 issue "other.test"'], ["other", "missing"]),
        (['0 issue "letsencrypt.org; validationmethods=http-01"'], ["published", "missing"]),
        (['0 issue "letsencrypt.org; validationmethods=dns-01"'], ["other", "missing"]),
        (['0 issue ";"', '0 iodef "https://x.test/"'], ["other", "published"]),
        ("SERVFAIL", ["unknown", "unknown"]),
    ],
)
def test_caa_of_others_stays_and_ours_is_offered(found: Any, states: list[str]) -> None:
    offered = wanted(OneZone({("zoo.test", "CAA"): found} if found else {}), "CAA")
    assert [one.state for one in offered] == states
    assert all(one.optional for one in offered)
    assert all(change.old == () for change in plan.plan(one.to_json() for one in offered))


# TLSA


def test_tlsa_of_the_key_that_is_shown_and_of_the_next() -> None:
    offered = wanted(OneZone(), "TLSA")
    assert [(one.name, one.value, one.state) for one in offered] == [
        (f"_25._tcp.{HOST}", KEY_ROW, "missing"),
        (f"_25._tcp.{HOST}", NEXT_ROW, "missing"),
    ]
    half = wanted(OneZone({(f"_25._tcp.{HOST}", "TLSA"): [KEY_ROW]}), "TLSA")
    assert [one.state for one in half] == ["published", "other"]
    changes = plan.plan(one.to_json() for one in half)
    assert [(change.old, change.new) for change in changes] == [((), (NEXT_ROW,))]


def test_tlsa_is_only_offered_where_it_works() -> None:
    assert wanted(OneZone(signed=False), "TLSA") == []
    assert (
        wanted(OneZone(), "TLSA", replace(OURS, name="customer.test")) == []
    )  # the host is not in that zone
    assert wanted(OneZone(), "TLSA", Subject(name="zoo.test", server=SERVER)) == []  # no key was seen


def test_the_key_comes_from_the_certificate_that_is_served(settings: Any) -> None:
    settings.CACHES = MEMORY
    cache.clear()
    context, chain = Authority().context()
    with serve(Smtp(context=context)) as port:
        net = Loopback(ports={25: port}, now=today())
        about = Subject(name="d.test", server=replace(SERVER, panel="panel.test"))
        assert tlsa.served(about, net) == (read(chain[0]).spki,)
        assert dns_probes.with_served(about, net).server.served == ()  # probes are switched off
        settings.PROBE_SERVICES = True
        assert dns_probes.with_served(about, net).server.served == (read(chain[0]).spki,)
    assert dns_probes.with_served(about, None).server.served == (read(chain[0]).spki,)  # remembered: rule E11
    cache.clear()


# Forms

ROWS = [
    {"name": "zoo.test", "kind": "CAA", "value": ISSUE},
    {"name": f"_25._tcp.{HOST}", "kind": "TLSA", "value": "3 1 1 " + "ab" * 32},
]


@pytest.mark.parametrize(
    ("provider", "caa", "dane"),
    [
        ("cloudns", {"name": "", "flags": "0", "tag": "issue", "value": "letsencrypt.org"}, "_25._tcp.mail"),
        (
            "cloudflare",
            {"name": "@", "flags": "0", "tag": "issue", "value": "letsencrypt.org"},
            "_25._tcp.mail",
        ),
        ("route53", {"name": "", "value": ISSUE}, "_25._tcp.mail"),
        ("zone", {"name": "zoo.test.", "value": ISSUE}, f"_25._tcp.{HOST}."),
    ],
)
def test_every_form_has_its_fields(provider: str, caa: dict[str, str], dane: str) -> None:
    assert formats.fields(provider, ROWS[0], "zoo.test") == caa
    row = formats.fields(provider, ROWS[1], "zoo.test")
    assert row["name"] == dane
    numbers = [row[field] for field in ("usage", "selector", "matching") if field in row]
    assert " ".join([*numbers, row["value"]]) == ROWS[1]["value"]
    assert formats.zone_file(ROWS).splitlines() == [
        f"zoo.test. 3600 IN CAA {ISSUE}",
        f"_25._tcp.{HOST}. 3600 IN TLSA {ROWS[1]['value']}",
    ]
    for row in ROWS:  # a name server reads what we write
        assert plan.parse(row["kind"], row["value"]).to_text() == row["value"]


# Simulation and providers


def test_the_checks_on_paper_see_caa_and_tlsa() -> None:
    net = OneZone({("zoo.test", "MX"): [f"10 {HOST}."]})
    changes = plan.plan(one.to_json() for one in expected.compare(OURS, net))
    planned = plan.Planned(net, changes)
    codes = [f.code for check in ("caa", "dane") for f in suite.judge(suite.CHECKS[check], OURS, planned)]
    assert {"caa.allowed", "dane.present", "dane.several"} <= set(codes)
    assert "caa.none" in [f.code for f in suite.judge(suite.CHECKS["caa"], OURS, net)]


def test_what_a_provider_has_no_records_for_is_for_the_hand() -> None:
    changes = plan.plan(one.to_json() for one in expected.compare(OURS, OneZone()))
    lexicon, server = DnsWriter(domain="zoo.test", provider="cloudns"), DnsWriter(domain="zoo.test")
    assert {change.kind for change in dns_plans.by_hand(lexicon, changes)} == {"CAA", "TLSA"}
    assert dns_plans.by_hand(server, changes) == dns_plans.by_hand(None, changes) == []


# The pages

NAME = "signed-good.zoo.test"


@pytest.fixture
def world(poste: Client, zoo_resolver: Settings, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    settings.POSTEIO_HOSTNAME = HOST
    settings.MAIL_ADDRESSES = ["203.0.113.10"]
    settings.MAIL_REPORTS = "postmaster@zoo.test"
    settings.CACHES = MEMORY
    cache.clear()
    monkeypatch.setattr(connections, "network", lambda: Resolver(zoo_resolver))
    monkeypatch.setattr(connections, "poste", lambda: poste)
    for name in (NAME, "written.zoo.test"):
        poste.domains.create(NewDomain(name=name))
    return poste


def test_the_plan_page_leaves_caa_to_a_decision(world: Client, admin: Browser) -> None:
    admin.post(f"/admin/domains/{NAME}/dns/run/")
    page = f"/admin/domains/{NAME}/dns/plan/"
    text = admin.get(page).content.decode()
    assert "letsencrypt.org" in text
    row = r'value="\d+"( checked)?[^>]*> <strong>[^<]*</strong> \S+ (\S+)</label>'
    boxes = {kind: ticked for ticked, kind in re.findall(row, text)}
    assert boxes["CAA"] == ""
    assert boxes["MX"] == " checked"
    dns_plans.set_provider(NAME, "cloudns", {"auth_id": "1", "auth_password": "x"})
    assert "enter this one by hand" in admin.get(page).content.decode()
    table = admin.get(f"/admin/domains/{NAME}/dns/?provider=cloudns").content.decode()
    assert "Tag issue" in table


def link(name: str) -> str:
    return f"/admin/dns/shared/{dns_reports.share(name)}/"


def test_the_customer_s_ticks_follow_the_dns(world: Client, admin: Browser, zoo_resolver: Settings) -> None:
    name = "written.zoo.test"
    zone = update.Zone(name, zoo.FIRST, "postie", zoo.SECRET)
    change = plan.Change(name, "MX", (), (f"10 {HOST}.",), "mx")
    admin.post(f"/admin/domains/{name}/dns/run/")
    page = Browser().get(link(name))
    assert 'hx-trigger="every 30s"' in page.content.decode()
    part = {"hx-request": "true"}
    before = Browser().get(link(name), headers=part).content.decode().count("badge--success")
    reports = DnsReport.objects.count()
    update.apply(zone, [change])
    try:
        again = Browser().get(link(name), headers=part).content.decode()
        assert again.count("badge--success") == before  # asked just now: not asked again

        def ticked() -> bool:
            cache.delete(f"dns-look:{name}:asked")
            text = Browser().get(link(name), headers=part).content.decode()
            assert "<html" not in text
            return text.count("badge--success") == before + 1

        assert eventually(ticked)
    finally:
        update.apply(zone, [change.inverse])
    assert DnsReport.objects.count() == reports  # a look is no run
    assert mail.outbox == []


def test_the_customer_s_page_names_no_person_and_ends(
    world: Client, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.post(f"/admin/domains/{NAME}/dns/run/")
    admin.post(
        f"/admin/domains/{NAME}/dns/acceptance/", {"key": "spf.missing", "reason": "Ana asked", "days": 30}
    )
    text = Browser().get(link(NAME)).content.decode()
    found = set(re.findall(r"[\w.+-]+@[\w.-]+", text))
    assert found <= {"postmaster@zoo.test", f"postmaster@{NAME}"}  # roles in records, nobody else
    assert "chief@" not in text
    assert "Ana asked" not in text
    token = dns_reports.share(NAME)
    later = time.time() + dns_reports.SHARED_DAYS * 86400 + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert Browser().get(f"/admin/dns/shared/{token}/").status_code == 404


def test_parked_mode_wants_four_records_and_no_others(world: Client, admin: Browser) -> None:
    admin.post(f"/admin/domains/{NAME}/dns/parking/", {"parked": "yes"})
    report = dns_reports.latest(NAME)
    assert report is not None
    assert [(one["kind"], one["value"]) for one in report.expected] == [
        ("MX", "0 ."),
        ("TXT", "v=spf1 -all"),
        ("TXT", "v=DMARC1; p=reject; sp=reject; np=reject"),
        ("TXT", "v=DKIM1; p="),
    ]
    codes = {finding["code"] for _check, finding in report.findings}
    assert {"spf.parked-open", "dmarc.parked-open"} & codes
    assert not [code for code in codes if code.startswith(("sts.", "tlsrpt.", "dane."))]
    planned = json.dumps([change.to_json() for change in dns_plans.proposed(NAME)])
    assert "v=spf1 -all" in planned
    admin.post(f"/admin/domains/{NAME}/dns/parking/", {"parked": "no"})
    report = dns_reports.latest(NAME)
    assert report is not None
    assert f"10 {HOST}." in [one["value"] for one in report.expected]
