# ruff: noqa: E501  a table reads best with one case a line
"""What the zoo cannot show: policy files, clocks, memories, keys of the server, addresses not set."""

import dataclasses
import ipaddress
from datetime import timedelta
from typing import Any

import pytest

from mailadmin.dns import mta_sts, suite
from mailadmin.dns.network import Answer, Delegation, Page, Server, State
from mailadmin.dns.subject import Key, Subject
from tests.mailadmin.dns.cases import GOOD_KEY, SERVER, p
from tests.mailadmin.dns.partners import NOW, Paper
from tests.mailadmin.dns.words import filled

ABOUT = Subject(name="d.test", server=SERVER, keys=(Key("s", GOOD_KEY),))
HOST = SERVER.host
V6 = ipaddress.ip_address("2001:db8::10")
PTR = "10.113.0.203.in-addr.arpa"


def statuses(check: str, net: Paper, about: Subject = ABOUT) -> dict[str, str]:
    found = suite.judge(suite.EVERY[check], about, net)
    filled(found)
    return {finding.code: str(finding.status) for finding in found}


# MTA-STS: T2 to T8 and T10

RECORDS: dict[tuple[str, str], Any] = {
    ("_mta-sts.d.test", "TXT"): ['"v=STSv1; id=1;"'],
    ("d.test", "MX"): [f"10 {HOST}."],
}
URL = mta_sts.policy_url("d.test")


def policy(mode: str = "enforce", age: int = 1_209_600, host: str = HOST, more: str = "") -> Page:
    return Page(
        URL, 200, {"content-type": "text/plain"}, (mta_sts.policy_text([host], mode, age) + more).encode()
    )


def sts(page: Page, **memory: str) -> dict[str, str]:
    net = Paper(RECORDS)
    net.pages[URL] = page
    return statuses(
        "mta-sts", net, dataclasses.replace(ABOUT, memory={k.replace("_", ":"): v for k, v in memory.items()})
    )


@pytest.mark.parametrize(
    ("page", "code", "status"),
    [
        (policy(), "sts.fetched", "pass"),
        (policy(), "sts.type", "pass"),
        (policy(), "sts.valid", "pass"),
        (policy(), "sts.age", "pass"),
        (policy(), "sts.enforce", "pass"),
        (policy(), "sts.mx", "pass"),
        (policy(), "sts.id-fresh", "pass"),
        (Page(URL, error="unmeasured", detail="SERVFAIL"), "sts.unmeasured", "unknown"),
        (Page(URL, error="timeout"), "sts.unmeasured", "unknown"),
        (Page(URL, error="certificate", detail="expired"), "sts.certificate", "fail"),
        (Page(URL, error="size"), "sts.too-big", "fail"),
        (Page(URL, error="refused"), "sts.unreachable", "fail"),
        (Page(URL, 301, {"location": "https://x.test/"}), "sts.redirect", "fail"),
        (Page(URL, 404), "sts.status", "fail"),
        (dataclasses.replace(policy(), headers={"content-type": "text/html"}), "sts.wrong-type", "warn"),
        (dataclasses.replace(policy(), headers={}), "sts.wrong-type", "warn"),
        (dataclasses.replace(policy(), body=b"version: STSv1\n"), "sts.invalid", "fail"),
        (policy(more="color: red\r\n"), "sts.unknown-keys", "info"),
        (policy(age=604_799), "sts.age-low", "info"),
        (policy(age=86_400), "sts.age-short", "warn"),
        (policy("testing"), "sts.trying", "info"),
        (policy("none"), "sts.off", "info"),
        (policy(host="other.test"), "sts.mx-refused", "fail"),
        (policy("testing", host="other.test"), "sts.mx-missing", "warn"),
        (policy(host="*.zoo.test"), "sts.mx", "pass"),
        (policy(host="*.mail.zoo.test"), "sts.mx-refused", "fail"),
    ],
)
def test_the_policy_file(page: Page, code: str, status: str) -> None:
    assert sts(page)[code] == status


def test_a_policy_that_changed_under_the_same_id_fails() -> None:
    assert sts(policy(), sts_1="another hash")["sts.same-id"] == "fail"


def test_testing_for_more_than_a_month_is_a_warning() -> None:
    about = dataclasses.replace(ABOUT, memory={"sts-testing": (NOW - timedelta(days=31)).isoformat()})
    net = Paper(RECORDS)
    net.pages[URL] = policy("testing")
    assert statuses("mta-sts", net, about)["sts.testing"] == "warn"


def test_whoever_asks_for_tls_wants_reports() -> None:
    assert statuses("tls-rpt", Paper(RECORDS))["tlsrpt.needed"] == "warn"


# N3 to N5


class Zone(Paper):
    """Two name servers with a SOA each."""

    def __init__(
        self,
        first: str,
        second: str,
        addresses: tuple[str, str] = ("192.0.2.1", "198.51.100.1"),
        names: bool = True,
    ) -> None:
        super().__init__({("d.test", "NS"): ["ns1.x.test.", "ns2.x.test."], ("d.test", "SOA"): [first]})
        self.soas = dict(zip(addresses, (first, second), strict=True))
        parents = frozenset({"ns1.x.test", "ns2.x.test"}) if names else frozenset()
        servers = tuple(Server(f"ns{n}.x.test", ip) for n, ip in enumerate(addresses, 1))
        self.found = Delegation("d.test", servers, parents)

    def delegation(self, zone: str) -> Delegation:
        return self.found

    def ask_at(self, server: Server, name: str, kind: str) -> Answer:
        soa = self.soas[server.address]
        if soa == "":
            return Answer(name, kind, State.FAILED, reason="unreachable")
        found = Paper({(name, "SOA"): [soa]}).ask(name, "SOA")
        return dataclasses.replace(found, authentic=True)


def soa(serial: int = 1, refresh: int = 3600, expire: int = 1_209_600, minimum: int = 300) -> str:
    return f"ns1.x.test. h.x.test. {serial} {refresh} 600 {expire} {minimum}"


def ago(**past: float) -> Subject:
    return dataclasses.replace(ABOUT, memory={"serials:d.test": (NOW - timedelta(**past)).isoformat()})


@pytest.mark.parametrize(
    ("net", "about", "code", "status"),
    [
        (Zone(soa(), soa()), ABOUT, "zone.diverse", "pass"),
        (Zone(soa(), soa(), ("192.0.2.1", "192.0.2.9")), ABOUT, "zone.one-network", "info"),
        (Zone(soa(), soa(2)), ABOUT, "zone.serials-differ", "info"),
        (Zone(soa(), soa(2)), ago(minutes=59), "zone.serials-differ", "info"),
        (Zone(soa(), soa(2)), ago(hours=2), "zone.serials-differ", "warn"),
        (Zone(soa(), soa(2)), ago(hours=25), "zone.serials-stuck", "fail"),
        (Zone(soa(refresh=60), soa()), ABOUT, "zone.timers-odd", "info"),
        (Zone(soa(expire=86_400), soa()), ABOUT, "zone.timers-odd", "info"),
        (Zone(soa(minimum=10), soa()), ABOUT, "zone.timers-odd", "info"),
        (Zone(soa(), soa(), names=False), ABOUT, "zone.parent-unmeasured", "unknown"),
        (Zone("", ""), ABOUT, "zone.unmeasured", "unknown"),
    ],
)
def test_the_zone_and_its_servers(net: Zone, about: Subject, code: str, status: str) -> None:
    if "" in net.soas.values():
        net.records["d.test", "SOA"] = [soa()]
    assert statuses("zone", net, about)[code] == status


# Addresses

NOBODY = dataclasses.replace(
    ABOUT, server=dataclasses.replace(SERVER, addresses=frozenset(), host="nowhere.test")
)
BOTH = dataclasses.replace(ABOUT, server=dataclasses.replace(SERVER, addresses=SERVER.addresses | {V6}))


@pytest.mark.parametrize(
    ("check", "records", "about", "code", "status"),
    [
        ("mx", {("d.test", "MX"): [f"10 {HOST}."], (HOST, "A"): ["203.0.113.10"]}, NOBODY, "mx.ours-unknown", "n/a"),
        ("mx", {("d.test", "MX"): ["10 f.test."], ("f.test", "A"): ["192.0.2.7"]}, dataclasses.replace(ABOUT, server=dataclasses.replace(SERVER, filters=frozenset({"f.test"}))), "mx.filter", "pass"),
        ("host", {}, NOBODY, "host.ours-unknown", "n/a"),
        ("host", {(HOST, "A"): ["203.0.113.10", "203.0.113.11"]}, ABOUT, "host.extra", "warn"),
        ("host", {(HOST, "A"): ["203.0.113.11"]}, ABOUT, "host.missing", "fail"),
        ("reverse", {}, NOBODY, "reverse.ours-unknown", "n/a"),
        ("reverse", {(PTR, "PTR"): [f"{HOST}."], (HOST, "A"): ["203.0.113.10"]}, BOTH, "reverse.missing-ipv6", "fail"),
        ("smtp", {}, NOBODY, "smtp.ours-unknown", "n/a"),
        ("spf", {("d.test", "TXT"): ['"v=spf1 -all"']}, NOBODY, "spf.senders-unknown", "n/a"),
        ("spf", {("d.test", "TXT"): ['"v=spf1 a:x.test -all"'], ("x.test", "A"): "SERVFAIL"}, ABOUT, "unanswered", "unknown"),
        ("spf", {("d.test", "TXT"): ['"v=spf1 exists:%{i}.x.test -all"'], ("203.0.113.10.x.test", "A"): "SERVFAIL"}, ABOUT, "spf.sender-unmeasured", "unknown"),
        ("spf", {("d.test", "TXT"): ['"v=spf1 ip4:203.0.113.10 -all"']}, ABOUT, "spf.ehlo-none", "info"),
        ("spf", {("d.test", "TXT"): ['"v=spf1 ip4:203.0.113.10 -all"'], (HOST, "TXT"): ['"v=spf1 -all"']}, ABOUT, "spf.ehlo-fails", "fail"),
        ("spf", {("d.test", "TXT"): ['"v=spf1 ip4:203.0.113.10 -all"']}, ABOUT, "spf.no-voids", "pass"),
        ("spf", {("d.test", "TXT"): ['"v=spf1 ip4:203.0.113.10 -all"']}, ABOUT, "spf.no-ptr", "pass"),
        ("dmarc", {}, ABOUT, "dmarc.missing", "fail"),
        ("dmarc", {("_dmarc.d.test", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:a@x.test"'], ("d.test._report._dmarc.x.test", "TXT"): ['"v=DMARC1"'], ("x.test", "MX"): ["1 m.x.test."]}, ABOUT, "dmarc.report-allowed", "pass"),
        ("dmarc", {("_dmarc.d.test", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:a@d.test"'], ("d.test", "MX"): ["1 m.x.test."]}, ABOUT, "dmarc.report-mailbox", "pass"),
        ("dmarc", {("_dmarc.d.test", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:a@d.test"'], ("d.test", "MX"): ["1 m.x.test."]}, dataclasses.replace(ABOUT, addresses=frozenset({"b@d.test"})), "dmarc.report-no-mailbox", "fail"),
        ("dkim", {("s._domainkey.d.test", "TXT"): [f'"p={p(GOOD_KEY)[:200]}" "{p(GOOD_KEY)[200:]}"']}, ABOUT, "dkim.selectors", "pass"),
        ("dkim", {("s._domainkey.d.test", "TXT"): [f'"p={p(GOOD_KEY)[:200]}" "{p(GOOD_KEY)[200:]}"']}, ABOUT, "dkim.syntax-good", "pass"),
        ("dkim", {("s._domainkey.d.test", "TXT"): [f'"p={p(GOOD_KEY)[:200]}" "{p(GOOD_KEY)[200:]}"']}, ABOUT, "dkim.not-testing", "pass"),
        ("dkim", {("s._domainkey.d.test", "TXT"): [f'"p={p(GOOD_KEY)[:200]}" "{p(GOOD_KEY)[200:]}"']}, ABOUT, "dkim.any-identity", "pass"),
        ("dkim", {("old._domainkey.d.test", "TXT"): ['"v=DKIM1; p="']}, dataclasses.replace(ABOUT, retired=frozenset({"old"})), "dkim.revoked-on-purpose", "info"),
        ("caa", {(HOST, "CAA"): ['0 issue "letsencrypt.org"']}, ABOUT, "caa.no-contact", "info"),
        ("caa", {(HOST, "CAA"): ['0 issue "letsencrypt.org"', '0 issuemail ";"']}, ABOUT, "caa.special", "info"),
        ("dane", {("d.test", "MX"): [f"10 {HOST}."], (f"_25._tcp.{HOST}", "TLSA"): "BOGUS"}, ABOUT, "dane.bogus", "fail"),
        ("dane", {("d.test", "MX"): [f"10 {HOST}."], (f"_25._tcp.{HOST}", "TLSA"): "timeout"}, ABOUT, "dane.unmeasured", "unknown"),
        ("dnssec", {("d.test", "SOA"): "timeout", ("d.test", "MX"): [f"10 {HOST}."]}, ABOUT, "dnssec.unmeasured", "unknown"),
        ("dnssec", {("d.test", "SOA"): [soa()], ("d.test", "MX"): [f"10 {HOST}."], (HOST, "A"): "BOGUS"}, ABOUT, "dnssec.host-bogus", "fail"),
        ("dnssec", {("d.test", "SOA"): [soa()], ("d.test", "DS"): [f"1 5 1 {'ab' * 20}"]}, ABOUT, "dnssec.old-algorithm", "warn"),
    ],
)  # fmt: skip
def test_the_rest(
    check: str, records: dict[tuple[str, str], Any], about: Subject, code: str, status: str
) -> None:
    assert statuses(check, Paper(records), about)[code] == status


def test_a_key_used_by_another_domain_is_noted() -> None:
    from mailadmin.dns.dkim.check import fingerprint

    about = dataclasses.replace(ABOUT, other_keys={fingerprint(GOOD_KEY): "other.test"})
    assert statuses("dkim", Paper({}), about)["dkim.shared"] == "info"


def test_weak_keys_no_library_makes_any_more() -> None:
    from mailadmin.dns.dkim.judge import judge_strength
    from mailadmin.dns.dkim.record import KeyRecord

    found = list(judge_strength(KeyRecord("rsa", b"x", 512, 3), "s"))
    assert [(f.code, str(f.status)) for f in found] == [("dkim.weak", "fail"), ("dkim.exponent", "info")]


@pytest.mark.django_db
def test_what_a_check_learns_is_there_at_the_next_run() -> None:
    from mailadmin.models import DnsMemory
    from mailadmin.services import dns_reports

    net = Paper(RECORDS)
    net.pages[URL] = policy()
    report = suite.run(ABOUT, net, checks={"mta-sts": suite.CHECKS["mta-sts"]})
    dns_reports._remember("d.test", report)
    assert DnsMemory.objects.filter(domain="d.test", key="sts:1").count() == 1
    dns_reports._remember("d.test", report)
    assert DnsMemory.objects.count() == 1


@pytest.mark.django_db
def test_every_domain_is_verified_from_the_command_line(poste: Any, monkeypatch: Any, settings: Any) -> None:
    import io
    import json

    from django.core.management import call_command

    from mailadmin import connections
    from mailadmin.posteio.resources import NewDomain

    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    poste.domains.create(NewDomain(name="d.test"))
    monkeypatch.setattr(connections, "network", lambda: Paper(RECORDS))
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_all", "--json", "--fail-on", "warn", stdout=out)
    assert ended.value.code == 1
    assert "d.test" in [line["domain"] for line in json.loads(out.getvalue())]
