"""The DNS pages through the front door: the zoo is the DNS, the bundled API knows the domains."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as Browser

from mailadmin import connections, tasks
from mailadmin.dns.resolver import Resolver, Settings
from mailadmin.models import DnsAcceptance, DnsReport
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewDomain
from mailadmin.services import dns_reports, dns_runs
from tests.mailadmin.dns import cases

NAME = "signed-good.zoo.test"
PAGE = f"/admin/domains/{NAME}/dns/"


@pytest.fixture
def world(poste: Client, zoo_resolver: Settings, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    settings.POSTEIO_HOSTNAME = "mail.zoo.test"
    settings.MAIL_ADDRESSES = ["203.0.113.10"]
    settings.MAIL_REPORTS = "postmaster@zoo.test"
    monkeypatch.setattr(connections, "network", lambda: Resolver(zoo_resolver))
    poste.domains.create(NewDomain(name=NAME))
    return poste


def test_a_new_domain_is_checked_and_told_what_to_publish(world: Client, admin: Browser) -> None:
    assert "Not checked yet" in admin.get(PAGE).content.decode()
    answer = admin.post(f"{PAGE}run/", follow=True)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "There is no SPF record." in text
    assert "v=spf1 a:mail.zoo.test -all" in text
    assert "RFC 7208, 3" in text
    assert text.count("<h1") == 1
    assert DnsReport.objects.get(domain=NAME).status == "fail"


def test_the_page_speaks_spanish(world: Client, admin: Browser) -> None:
    admin.post(f"{PAGE}run/")
    text = admin.get(PAGE, headers={"accept-language": "es"}).content.decode()
    assert "No hay registro SPF." in text
    assert "Registros por publicar" in text


def test_the_server_s_own_dkim_key_is_the_record_to_publish(world: Client, admin: Browser) -> None:
    key = world.domains.create_dkim(NAME)
    admin.post(f"{PAGE}run/")
    report = DnsReport.objects.get(domain=NAME)
    wanted = [r for r in report.expected if r["name"] == f"{key.selector}._domainkey.{NAME}"]
    assert wanted[0]["state"] == "missing"
    assert wanted[0]["value"].startswith("v=DKIM1; k=rsa; p=")
    zone = admin.get(f"{PAGE}zone/").content.decode()
    assert f"{key.selector}._domainkey.{NAME}. 3600 IN TXT" in zone


@pytest.mark.parametrize("provider", ["zone", "cloudns", "cloudflare", "route53", "nonsense"])
def test_every_provider_has_its_form(provider: str, world: Client, admin: Browser) -> None:
    admin.post(f"{PAGE}run/")
    text = admin.get(f"{PAGE}?provider={provider}").content.decode()
    assert "10 mail.zoo.test." in text if provider in ("zone", "route53") else "Priority 10" in text


def test_an_accepted_finding_no_longer_counts(world: Client, admin: Browser) -> None:
    admin.post(f"{PAGE}run/")
    report = dns_reports.latest(NAME)
    assert report is not None
    before = dns_reports.counts(dns_reports.lines(report))["fail"]
    answer = admin.post(
        f"{PAGE}acceptance/", {"key": "spf.missing", "reason": "Another team", "days": 30}, follow=True
    )
    assert "Another team" in answer.content.decode()
    assert dns_reports.counts(dns_reports.lines(report))["fail"] == before - 1
    admin.post(f"{PAGE}acceptance/", {"key": "spf.missing", "_method": "DELETE"})
    assert not DnsAcceptance.objects.exists()


def test_an_acceptance_needs_a_reason(world: Client, admin: Browser) -> None:
    admin.post(f"{PAGE}acceptance/", {"key": "spf.missing", "reason": "", "days": 30})
    assert not DnsAcceptance.objects.exists()


def test_a_parked_domain_is_judged_as_parked(world: Client, admin: Browser) -> None:
    text = admin.post(f"{PAGE}parking/", {"parked": "yes"}, follow=True).content.decode()
    assert "v=spf1 -all" in text
    assert "v=DMARC1; p=reject; sp=reject; np=reject" in text


def test_the_shared_page_needs_no_sign_in_and_shows_no_forms(world: Client, admin: Browser) -> None:
    admin.post(f"{PAGE}run/")
    answer = Browser().get(f"/admin/dns/shared/{dns_reports.share(NAME)}/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "v=spf1 a:mail.zoo.test -all" in text
    assert "acceptance" not in text
    assert "chief@" not in text
    assert Browser().get("/admin/dns/shared/forged/").status_code == 404


def test_a_stranger_s_domain_does_not_exist(world: Client, domain_admin: Browser) -> None:
    assert domain_admin.get(PAGE).status_code == 404
    assert domain_admin.post(f"{PAGE}run/").status_code == 404


def test_the_list_puts_the_worst_first(world: Client, admin: Browser) -> None:
    admin.post(f"{PAGE}run/")
    text = admin.get("/admin/dns/").content.decode()
    assert text.index(NAME) < text.index("kronos.test</a>")


def test_the_command_speaks_json_and_fails_on_demand(world: Client, db: None, capsys) -> None:
    with pytest.raises(SystemExit):
        call_command("check_domain", NAME, "--json", "--fail-on", "warn")
    found = json.loads(capsys.readouterr().out)
    assert found["domain"] == NAME
    assert {"code", "status", "says", "check"} <= set(found["findings"][0])


def test_the_command_speaks_words_and_fails_where_servers_disagree(world: Client, db: None, capsys) -> None:
    name = "liar-other.zoo.test"
    with pytest.raises(SystemExit):
        call_command("check_domain", name)
    assert "zone.servers-disagree" not in capsys.readouterr().out  # words, not codes
    assert cases.ALL["liar-other"].zone


def test_changes_since_the_last_run_are_named(world: Client, admin: Browser) -> None:
    admin.post(f"{PAGE}run/")
    first = DnsReport.objects.get()
    first.findings = [entry for entry in first.findings if entry[1]["code"] != "spf.missing"]
    first.save()
    admin.post(f"{PAGE}run/")
    latest = dns_reports.latest(NAME)
    assert latest is not None
    new, gone = dns_reports.changes(latest)
    assert [line.finding.code for line in new] == ["spf.missing"]
    assert gone == []


def test_the_schedule_spreads_the_domains(world: Client) -> None:
    found = dict(dns_reports.schedule(world))
    assert NAME in found
    assert all(0 <= seconds < 3600 for seconds in found.values())
    assert found == dict(dns_reports.schedule(world))


HTMX = {"HX-Request": "true"}


def test_a_check_somebody_waits_for_shows_how_far_it_is(
    world: Client, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = dns_runs.begin(NAME)
    page = f"{PAGE}run/{token}/"
    assert "Starting" in admin.get(page, headers=HTMX).content.decode()
    steps = []
    keep = dns_runs._keep

    def watched(token: str, run: dns_runs.Run) -> None:
        keep(token, run)
        steps.append((run.done, run.every))

    monkeypatch.setattr(dns_runs, "_keep", watched)
    tasks.run_domain_check(token)
    assert max(steps)[0] > 10
    answer = admin.get(page, headers=HTMX)
    assert answer.headers["HX-Redirect"] == PAGE
    assert DnsReport.objects.filter(domain=NAME).count() == 1


def test_without_a_worker_whoever_waits_does_it(world: Client, admin: Browser, monkeypatch: Any) -> None:
    monkeypatch.setattr(dns_runs, "PATIENCE", 0)
    token = dns_runs.begin(NAME)
    assert "HX-Redirect" in admin.get(f"{PAGE}run/{token}/", headers=HTMX).headers
    assert DnsReport.objects.filter(domain=NAME).count() == 1


def test_the_token_of_another_domain_leads_back(world: Client, admin: Browser) -> None:
    token = dns_runs.begin("kronos.test")
    assert "HX-Redirect" in admin.get(f"{PAGE}run/{token}/", headers=HTMX).headers
    assert not DnsReport.objects.exists()
