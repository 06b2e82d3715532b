# ruff: noqa: E501  a table reads best with one case a line
"""Edges of rules: what is not measured, what was measured once, and exceptions that keep an alarm from being false."""

import dataclasses
from datetime import timedelta
from typing import Any

import dns.dnssec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailadmin import connections, tasks
from mailadmin.dns import dnsbl, dnssec, stability, suite, zone
from mailadmin.dns.dkim.check import FIRST_SEEN, fingerprint
from mailadmin.dns.dmarc import record as dmarc
from mailadmin.dns.finding import Finding, Status, critical, fail
from mailadmin.dns.network import Answer, Delegation, Page, Server, State
from mailadmin.dns.subject import Key, MailServer, Subject
from mailadmin.models import DnsAlert, DnsMemory, DnsReport
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewDomain
from mailadmin.services import dns_alerts, dns_letters, dns_reports
from tests.mailadmin.dns.cases import GOOD_KEY, OURS, SERVER, p
from tests.mailadmin.dns.partners import NOW, Paper
from tests.mailadmin.dns.servers import Authority
from tests.mailadmin.dns.test_rest import ABOUT, NOBODY, RECORDS, URL, policy, soa
from tests.mailadmin.dns.words import filled

HOST = SERVER.host
TLSA: dict[tuple[str, str], Any] = {
    ("d.test", "MX"): [f"10 {HOST}."],
    ("d.test", "SOA"): [soa()],
    (HOST, "A"): [str(OURS)],
    (f"_25._tcp.{HOST}", "TLSA"): [f"3 1 1 {'ab' * 32}"],
}
SPF: dict[tuple[str, str], Any] = {("d.test", "TXT"): ['"v=spf1 ip4:203.0.113.10 -all"']}
WATCHED = {("_dmarc.d.test", "TXT"): ['"v=DMARC1; p=none"']}


def judged(check: str, net: Paper, about: Subject = ABOUT) -> list[Finding]:
    found = suite.judge(suite.EVERY[check], about, net)
    filled(found)
    return found


def statuses(check: str, net: Paper, about: Subject = ABOUT) -> dict[str, str]:
    return {finding.code: str(finding.status) for finding in judged(check, net, about)}


# E1, E4: what our own resolver did not say


class Half(Paper):
    """The name servers answer, our resolver does not."""

    def ask(self, name: str, kind: str) -> Answer:
        answer = super().ask(name, kind)
        silent = Answer(name, kind, State.FAILED, reason="timeout")
        return dataclasses.replace(answer, secure=False, views=(silent, answer))


class Blind(Paper):
    def validates(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("net", "check", "code"),
    [
        (Half(TLSA), "dnssec", "dnssec.unmeasured"),
        (Half(TLSA), "dane", "dane.unmeasured"),
        (Half(TLSA), "tlsa", "tlsa.unmeasured"),
        (Blind(TLSA), "dane", "dane.resolver"),
        (Blind(TLSA), "tlsa", "tlsa.unmeasured"),
    ],
)
def test_without_our_resolver_nothing_is_said_of_signatures(net: Paper, check: str, code: str) -> None:
    found = statuses(check, net)
    assert found[code] == "unknown"
    assert set(found.values()) == {"unknown"}


def test_t9_a_policy_that_cannot_be_fetched_is_unknown() -> None:
    net = Paper(RECORDS)
    net.pages[URL] = Page(URL, error="timeout")
    assert statuses("mx-certificates", net) == {"sts.mx-unmeasured": "unknown"}


def test_s8_a_greeting_that_cannot_be_measured_is_unknown() -> None:
    found = judged("spf", Paper(SPF | {(HOST, "TXT"): "SERVFAIL"}))
    assert [str(f.status) for f in found if f.on == f"{HOST} {OURS}"] == ["unknown"]


def test_s7_a_provider_that_does_not_answer_hides_nothing_of_ours() -> None:
    record: dict[tuple[str, str], Any] = {
        ("d.test", "TXT"): ['"v=spf1 ip4:203.0.113.10 include:x.test -all"'],
        ("x.test", "TXT"): "SERVFAIL",
    }
    found = statuses("spf", Paper(record))
    assert (found["spf.sender-passes"], found["unanswered"]) == ("pass", "unknown")


# E2: told twice is measured once


def test_e2_a_kept_result_is_one_result() -> None:
    bad = stability.Observation(NOW, Status.FAIL, critical=True)
    good = stability.Observation(NOW - timedelta(hours=1), Status.PASS)
    assert stability.settle([good, bad, bad, bad]).status is Status.PASS
    later = dataclasses.replace(bad, at=NOW + timedelta(minutes=20))
    assert stability.settle([good, bad, bad, later]).status is Status.FAIL


def said(*runs: list[dict[str, Any]]) -> list[list[str]]:
    told = []
    for number, found in enumerate(runs):
        lines = [["x", data] for data in found]
        at = NOW + timedelta(minutes=30 * number)
        DnsReport.objects.create(domain="d.test", at=at, status="x", findings=lines)
        new, ended = dns_alerts.tell("d.test", lambda _title, _text: None)
        told.append([*new, *(f"over:{key}" for key in ended)])
    return told


@pytest.mark.django_db
def test_e2_a_letter_that_is_kept_for_a_day_alarms_nobody() -> None:
    kept, again = (
        fail("letter.lost", asked=(NOW + timedelta(minutes=m)).isoformat()).to_json() for m in (20, 100)
    )
    assert said([], [kept], [kept], [kept], [again]) == [[], [], [], [], ["letter.lost"]]
    assert Finding.from_json(dns_letters.stamped(fail("letter.lost"))).asked is not None


@pytest.mark.django_db
def test_e2_what_comes_and_goes_is_said_once() -> None:
    bad = [fail("spf.missing", record="x").to_json()]
    told = said([], bad, bad, [], bad, bad, [], [], bad, bad)
    assert [keys for keys in told if keys] == [["spf.missing"]]


@pytest.mark.django_db
def test_e2_where_mail_may_have_stopped_it_is_looked_at_again() -> None:
    def after(*found: Finding) -> int:
        DnsReport.objects.all().delete()
        lines = [["x", finding.to_json()] for finding in found]
        DnsReport.objects.create(domain="d.test", at=NOW, status="x", findings=lines)
        return dns_alerts.look_again("d.test")

    bad, kept = critical("mx.null"), critical("smtp.closed", asked=NOW.isoformat())
    assert (after(), after(fail("spf.missing")), after(kept), after(kept, bad)) == (0, 0, 960, 240)
    DnsAlert.objects.create(domain="d.test", key="mx.null", since=NOW)
    assert after(bad) == 0


@pytest.mark.django_db
def test_e2_twice_more_and_then_at_the_usual_time(
    poste: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.PROBE_SERVICES = False
    poste.domains.create(NewDomain(name="d.test"))
    monkeypatch.setattr(connections, "network", lambda: Paper({}))
    asked: list[Any] = []
    monkeypatch.setattr(tasks.verify_domain, "apply_async", lambda **how: asked.append(how))
    for looks in (2, 1, 0):
        tasks.verify_domain.apply(args=("d.test", looks), throw=True)
    assert asked == [{"args": ("d.test", left), "countdown": 240} for left in (1, 0)]


# E9


def test_e9_what_one_server_was_asked_is_kept_too() -> None:
    recorder = suite.Recorder(Paper({("d.test", "SOA"): [soa()]}))
    recorder.ask_at(Server("ns1.x.test", "192.0.2.1"), "d.test", "SOA")
    recorder.ask("d.test", "TXT")
    assert [(one.name, one.kind) for one in recorder.every] == [("d.test", "TXT"), ("d.test", "SOA")]


# N3


@pytest.mark.parametrize(
    ("places", "code"),
    [
        (
            [("a", "192.0.2.1"), ("a", "2001:db8::1"), ("b", "192.0.2.9"), ("b", "2001:db8::9")],
            "zone.one-network",
        ),
        ([("a", "192.0.2.1"), ("a", "2001:db8::1"), ("b", "192.0.2.9")], "zone.one-network"),
        ([("a", "192.0.2.1"), ("b", "2001:db8::1")], "zone.diverse"),
        ([("a", "192.0.2.1"), ("b", "198.51.100.1")], "zone.diverse"),
        (
            [("a", "192.0.2.1"), ("a", "2001:db8::1"), ("b", "192.0.2.9"), ("b", "2001:db8:1::1")],
            "zone.diverse",
        ),
    ],
)
def test_n3_two_families_in_one_place_are_one_network(places: list[tuple[str, str]], code: str) -> None:
    servers = tuple(Server(name, ip) for name, ip in places)
    assert zone.networks_of(Delegation("d.test", servers)).code == code


# M1, M15, K1


class Authentic(Paper):
    ttl = 300

    def ask(self, name: str, kind: str) -> Answer:
        return dataclasses.replace(super().ask(name, kind), authentic=True, ttl=self.ttl)


@pytest.mark.parametrize(
    ("ttl", "moving", "code", "status"),
    [
        (300, False, "host.ttl", "pass"),
        (299, False, "host.ttl-odd", "info"),
        (86_401, False, "host.ttl-odd", "info"),
        (3600, True, "host.ttl-moving", "info"),
        (60, True, "host.ttl", "pass"),
    ],
)
def test_m15_the_host_s_address(ttl: int, moving: bool, code: str, status: str) -> None:
    net = Authentic({(HOST, "A"): [str(OURS)]})
    net.ttl = ttl
    assert statuses("host", net, dataclasses.replace(ABOUT, moving=moving))[code] == status


@pytest.mark.parametrize(
    ("check", "records", "about", "code", "status"),
    [
        ("mx", {("d.test", "A"): ["192.0.2.7"]}, NOBODY, "mx.implicit", "warn"),
        ("mx", {}, NOBODY, "mx.missing", "fail"),
        ("caa", {(HOST, "CAA"): ['0 issue "letsencrypt.org; validationmethods = dns-01"']}, ABOUT, "caa.refused", "fail"),
        ("caa", {(HOST, "CAA"): ['0 issue "letsencrypt.org; validationmethods = http-01"']}, ABOUT, "caa.allowed", "pass"),
        ("dnssec", TLSA | {("d.test", "MX"): "BOGUS"}, ABOUT, "dnssec.bogus", "fail"),
        ("dnssec", TLSA | {("d.test", "TXT"): "BOGUS"}, ABOUT, "dnssec.bogus", "fail"),
        ("dkim", {("s._domainkey.d.test", "TXT"): [f'"t=s; p={p(GOOD_KEY)[:200]}" "{p(GOOD_KEY)[200:]}"']}, ABOUT, "dkim.strict", "info"),
    ],
)  # fmt: skip
def test_edges(check: str, records: Any, about: Subject, code: str, status: str) -> None:
    assert statuses(check, Paper(records), about)[code] == status


# X3 to X5


class Signed(Paper):
    def delegation(self, zone: str) -> Delegation:
        return Delegation(zone, (Server("ns1.x.test", "192.0.2.1"),))


def key_of(bits: int) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    found = dns.dnssec.make_dnskey(key, "RSASHA256")
    assert dnssec.key_bits(found) == bits
    return str(found.to_text())


def test_x3_short_keys() -> None:
    short, good = ({("d.test", "DNSKEY"): [key_of(bits)]} for bits in (1024, 2048))
    assert statuses("dnssec", Signed(TLSA | short))["dnssec.short-key"] == "warn"
    assert "dnssec.short-key" not in statuses("dnssec", Signed(TLSA | good))


class Unsigned(Paper):
    def ask(self, name: str, kind: str) -> Answer:
        return dataclasses.replace(super().ask(name, kind), secure=False)


@pytest.mark.parametrize(
    ("signer", "code", "status"),
    [("1 12 2", "dnssec.unsupported", "warn"), ("1 13 3", "dnssec.unsupported", "warn"), ("1 13 2", "dnssec.no-chain", "n/a")],
)  # fmt: skip
def test_x3_algorithms_nobody_checks(signer: str, code: str, status: str) -> None:
    net = Unsigned(TLSA | {("d.test", "DS"): [f"{signer} {'ab' * 32}"]})
    assert statuses("dnssec", net)[code] == status


def test_x4_x5_servers_that_do_not_answer_leave_it_unknown() -> None:
    found = judged("dnssec", Paper(TLSA))
    assert [str(f.status) for f in found if f.on == "d.test RRSIG"] == ["unknown"]


# T2, T8


@pytest.mark.parametrize(("days", "status"), [(13, "warn"), (20, None)])
def test_t2_a_certificate_that_ends_soon(days: int, status: str | None) -> None:
    authority = Authority()
    cert = authority._issue("x", authority.middle_key, "Root", authority.root_key, days=(-900, days))
    net = Paper(RECORDS, now=cert.not_valid_after_utc - timedelta(days=days, hours=1))
    shown = cert.public_bytes(serialization.Encoding.DER)
    net.pages[URL] = dataclasses.replace(policy(), certificate=shown)
    assert statuses("mta-sts", net).get("sts.certificate-ends") == status


@pytest.mark.parametrize(("memory", "stops"), [({}, True), ({"sts-testing": NOW.isoformat()}, False)])
def test_t2_only_a_policy_in_force_stops_mail(memory: dict[str, str], stops: bool) -> None:
    net = Paper(RECORDS)
    net.pages[URL] = Page(URL, error="certificate", detail="expired")
    found = judged("mta-sts", net, dataclasses.replace(ABOUT, memory=memory))
    assert [f.critical for f in found if f.code == "sts.certificate"] == [stops]


def test_t8_a_pattern_without_a_host_is_noted() -> None:
    net = Paper(RECORDS)
    net.pages[URL] = policy(more="mx: spare.test\r\n")
    assert statuses("mta-sts", net)["sts.mx-unused"] == "info"
    net.pages[URL] = policy()
    assert "sts.mx-unused" not in statuses("mta-sts", net)


# A1, A5, A10: whose policy it is, and since when


def dmarc_at(**records: str) -> Paper:
    return Paper(
        {
            (f"_dmarc.{name.replace('_', '.')}", "TXT"): [f'"v=DMARC1; {text}"']
            for name, text in records.items()
        }
    )


@pytest.mark.parametrize(
    ("net", "domain", "organisation", "place"),
    [
        (dmarc_at(d_test="p=reject", b_d_test="p=none"), "a.b.d.test", "d.test", "d.test"),
        (dmarc_at(d_test="p=reject", a_b_d_test="p=none"), "a.b.d.test", "d.test", "a.b.d.test"),
        (dmarc_at(d_test="p=reject", b_d_test="p=none; psd=n"), "a.b.d.test", "b.d.test", "b.d.test"),
        (dmarc_at(test="p=reject; psd=y"), "a.d.test", "d.test", "test"),
        (dmarc_at(test="p=reject; psd=y", d_test="p=none"), "a.d.test", "d.test", "d.test"),
        (dmarc_at(), "a.d.test", "a.d.test", ""),
    ],
)  # fmt: skip
def test_a1_the_tree_walk(net: Paper, domain: str, organisation: str, place: str) -> None:
    """RFC 9989, 4.10.1 and 4.10.2."""
    assert dmarc.organisation(domain, net) == organisation
    assert dmarc.discover(domain, net)[0] == place


def test_a10_below_the_record_its_sp_counts() -> None:
    found = dmarc.parse("v=DMARC1; p=none; sp=reject")
    assert (found.policy_for(own=True), found.policy_for(own=False)) == ("none", "reject")


@pytest.mark.django_db
def test_a5_thirty_days_are_counted_from_the_first_run(poste: Client) -> None:
    poste.domains.create(NewDomain(name="d.test"))
    net = Paper(WATCHED)
    first = dataclasses.replace(ABOUT, since={"dmarc.watching": NOW})
    assert statuses("dmarc", net, first)["dmarc.watching"] == "info"
    dns_reports._remember("d.test", suite.run(first, net, checks={"dmarc": suite.CHECKS["dmarc"]}))
    again = dns_reports.subject(poste, "d.test")
    assert again.since == {"dmarc.watching": NOW}
    late = Paper(WATCHED, now=NOW + timedelta(days=31))
    assert statuses("dmarc", late, again)["dmarc.none"] == "warn"
    strict = Paper({("_dmarc.d.test", "TXT"): ['"v=DMARC1; p=reject"']})
    dns_reports._remember("d.test", suite.run(again, strict, checks={"dmarc": suite.CHECKS["dmarc"]}))
    assert not DnsMemory.objects.filter(key="dmarc-watching").exists()


# M8, M9, V16: what is declared


@pytest.mark.django_db
def test_what_was_declared_is_known(poste: Client, settings: Any) -> None:
    settings.MX_FILTERS, settings.MX_BACKUPS = ["Filter.Test."], ["b.test", " "]
    poste.domains.create(NewDomain(name="d.test"))
    about = dns_reports.subject(poste, "d.test")
    assert (about.server.filters, about.server.backups) == (frozenset({"filter.test"}), frozenset({"b.test"}))
    assert not about.catch_all


# D13, D14


@pytest.mark.parametrize(("days", "code"), [(10, "dkim.young"), (400, "dkim.ageing"), (800, "dkim.old")])
def test_d13_a_key_is_as_old_as_we_have_known_it(days: int, code: str) -> None:
    memory = {FIRST_SEEN + fingerprint(GOOD_KEY): (NOW - timedelta(days=days)).isoformat()}
    assert code in statuses("dkim", Paper({}), dataclasses.replace(ABOUT, memory=memory))


@pytest.mark.django_db
def test_d14_a_key_met_in_another_domain() -> None:
    key, mark = Key("s", GOOD_KEY), fingerprint(GOOD_KEY)
    DnsMemory.objects.create(domain="d.test", key=FIRST_SEEN + mark, value=NOW.isoformat())
    assert dns_reports.other_keys("d.test", [key]) == {}
    DnsMemory.objects.create(domain="other.test", key=FIRST_SEEN + mark, value=NOW.isoformat())
    assert dns_reports.other_keys("d.test", [key]) == {mark: "other.test"}


# B3, B7


@pytest.mark.parametrize(
    ("name", "code", "expected", "status"),
    [
        ("Barracuda", "127.0.0.2", "dnsbl.listed", "fail"),
        ("Barracuda", "127.0.0.9", "dnsbl.refused", "unknown"),
        ("SpamCop", "127.0.1.2", "dnsbl.refused", "unknown"),
        ("Mailspike", "127.0.0.10", "dnsbl.listed", "fail"),
        ("PSBL", "127.0.0.2", "dnsbl.listed-minor", "warn"),
        ("UCEPROTECT 1", "127.0.0.2", "dnsbl.listed-minor", "info"),
    ],
)
def test_b3_only_documented_answers_are_a_listing(name: str, code: str, expected: str, status: str) -> None:
    block = next(one for one in dnsbl.LISTS if one.name == name)
    net = Paper(
        {(f"2.0.0.127.{block.zone}", "A"): ["127.0.0.2"], (dnsbl.question(OURS, block.zone), "A"): [code]}
    )
    found = list(
        dnsbl.check_lists(
            Subject(name="d.test", server=MailServer(host=HOST, addresses=frozenset({OURS}))), net, (block,)
        )
    )
    filled(found)
    assert [(f.code, str(f.status)) for f in found] == [(expected, status)]
