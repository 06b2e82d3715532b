"""The twelve rules of the engine, one test each, through the real resolver, suite and services."""

import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import dns.message
import dns.name
import dns.rrset
import pytest
from django.core.cache import cache
from django.utils import timezone

from mailadmin.dns import answers, names, plan, suite, update, wire
from mailadmin.dns.finding import Status, info
from mailadmin.dns.network import State
from mailadmin.dns.resolver import Resolver, Settings
from mailadmin.dns.subject import Key, Subject
from mailadmin.models import DnsReport
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewDomain
from mailadmin.services import dns_alerts, dns_probes, dns_reports
from tests.mailadmin.dns import cases, zoo
from tests.mailadmin.dns.partners import Paper
from tests.mailadmin.dns.servers import HOST, OURS, Loopback, Smtp, serve
from tests.mailadmin.dns.test_service_ports import ABOUT

MEMORY = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SPF = {"spf": suite.CHECKS["spf"]}


@pytest.fixture
def remembered(settings: Any, db: None) -> None:
    settings.CACHES = MEMORY
    cache.clear()


def zone_with(text: str) -> str:
    """The name of the zoo's zone that has this in it."""
    return next(f"{name}.zoo.test" for name, case in cases.ALL.items() if text in case.zone)


def about(name: str) -> Subject:
    return cases.ALL[name].subject(f"{name}.zoo.test")


def test_e1_unknown_is_not_fail(zoo_resolver: Settings, zoo_network: Resolver) -> None:
    deaf = Resolver(replace(zoo_resolver, resolver=zoo.NOBODY))
    signing = replace(about("signed-good"), keys=(Key("s", cases.GOOD_KEY),))
    found = [finding for _check, finding in suite.run(signing, deaf).findings]
    assert any(finding.status is Status.UNKNOWN for finding in found)
    assert not [finding for finding in found if finding.status in (Status.FAIL, Status.WARN)]
    bogus = suite.judge(suite.CHECKS["dnssec"], about("signed-bogus"), zoo_network)
    assert "dnssec.bogus" in {finding.code for finding in bogus}
    assert all(finding.critical for finding in bogus if finding.status is Status.FAIL)


def test_e2_two_agreeing_results_before_a_change(remembered: None) -> None:
    good, bad = (
        {("d.test", "TXT"): ['"v=spf1 ip4:203.0.113.10 -all"']},
        {("d.test", "TXT"): ['"v=spf1 +all"']},
    )
    domain = Subject(name="d.test", server=cases.SERVER)
    told: list[str] = []

    def run(records: Any, minutes: int) -> list[str]:
        at = timezone.now() + timedelta(minutes=minutes)
        dns_reports.keep(domain, Paper(records, now=at))
        new, _ended = dns_alerts.tell("d.test", lambda title, text: told.append(text))
        return [key for key in new if key == "spf.all-open"]

    assert run(good, 0) == run(good, 20) == []
    assert run(bad, 40) == []  # once is nothing
    assert run(bad, 45) == []  # twice within minutes is once
    assert run(bad, 56) == ["spf.all-open"]
    assert run(bad, 80) == []  # said once
    for minute in (100, 120, 140):
        run(good if minute % 40 else bad, minute)
    line = next(x for x in dns_reports.lines(DnsReport.objects.all()[0]) if x.finding.key == "spf.present")
    assert line.settled is not None


class Recording:
    """The real wire, with every question written down."""

    def __init__(self) -> None:
        self.asked: list[wire.Question] = []

    def __call__(self, questions: Sequence[wire.Question]) -> list[wire.Reply]:
        self.asked += questions
        return wire.exchange(questions)


def test_e3_every_authoritative_server_is_asked(zoo_resolver: Settings) -> None:
    seen = Recording()
    network = Resolver(zoo_resolver, transport=seen)
    report = suite.run(about("liar-other"), network, checks=SPF)
    torn = [finding for _check, finding in report.findings if finding.code == "zone.servers-disagree"]
    assert torn
    assert torn[0].status is Status.WARN
    own = [q for q in seen.asked if (q.name, q.kind) == ("liar-other.zoo.test", "TXT")]
    assert {q.address for q in own} == {zoo_resolver.resolver, zoo.FIRST, zoo.LIAR}
    assert {q.address for q in own if q.recursive} == {zoo_resolver.resolver}
    query = dns.message.from_wire(b"id" + wire._query(next(q for q in own if not q.recursive)))
    assert query.payload == 1232
    assert not query.flags & dns.flags.RD
    # An answer that does not fit arrives whole, over TCP.
    with network.watching("big-txt.zoo.test"):
        big = network.ask("big-txt.zoo.test", "TXT")
    assert sum(len(text) for text in big.texts) > 30_000


def test_e3_a_remembered_nothing_is_not_judged(zoo_resolver: Settings) -> None:
    name = "e3.written.zoo.test"
    zone = update.Zone("written.zoo.test", zoo.FIRST, "postie", zoo.SECRET)
    change = plan.Change(name, "TXT", (), ("here",), "x")
    network = Resolver(zoo_resolver)
    assert network.ask(name, "TXT").state is State.ABSENT  # the resolver remembers that now
    update.apply(zone, [change])
    try:
        with network.watching("written.zoo.test"):
            assert network.ask(name, "TXT").texts == ["here"]
    finally:
        update.apply(zone, [change.inverse])


def test_e4_the_resolver_proves_itself_first(zoo_resolver: Settings, zoo_network: Resolver) -> None:
    assert zoo_network.validates()
    for blind in (
        replace(zoo_resolver, secure_name="c1.zoo.test"),  # no AD where it must be
        replace(zoo_resolver, bogus_name="mail.zoo.test"),  # an answer where there must be none
    ):
        network = Resolver(blind)
        assert not network.validates()
        for check in ("dnssec", "dane"):
            found = suite.judge(suite.CHECKS[check], about("signed-dane"), network)
            assert {f.status for f in found} <= {Status.UNKNOWN}


def test_e5_aliases_are_followed_and_written_down(zoo_network: Resolver) -> None:
    domain = zone_with("_dmarc CNAME x._dmarc")
    with zoo_network.watching(domain):
        answer = zoo_network.ask(f"_dmarc.{domain}", "TXT")
    assert answer.chain == (f"x._dmarc.{domain}",)
    assert answer.texts[0].startswith("v=DMARC1")
    for length, state in ((8, State.FOUND), (9, State.FAILED)):
        message = dns.message.make_response(dns.message.make_query("a0.test", "A"))
        for n in range(length):
            message.answer.append(dns.rrset.from_text(f"a{n}.test.", 60, "IN", "CNAME", f"a{n + 1}.test."))
        message.answer.append(dns.rrset.from_text(f"a{length}.test.", 60, "IN", "A", "192.0.2.1"))
        message = dns.message.from_wire(message.to_wire())
        found = answers.read("a0.test", "A", "x", wire.Reply(message, 0.0))
        assert found.state is state


def test_e6_strings_are_joined_without_a_space(zoo_network: Resolver) -> None:
    domain = zone_with('"v=spf1 ip4:203." "0.113.10 -all"')
    assert zoo_network.ask(domain, "TXT").texts == ["v=spf1 ip4:203.0.113.10 -all"]
    found = suite.judge(suite.CHECKS["spf"], about("binary-txt"), zoo_network)
    assert "spf.sender-passes" in {finding.code for finding in found}  # undecodable is no crash


def test_e7_one_spelling(zoo_network: Resolver) -> None:
    assert names.normal("  BÜRO.Example. ") == "xn--bro-hoa.example"
    assert names.address("2001:DB8:0::10") == names.address("2001:db8::10")
    assert zoo_network.ask("MAIL.Zoo.Test", "A").records == zoo_network.ask("mail.zoo.test", "A").records
    host = {(HOST, "A"): [OURS]}
    loud, quiet = (
        suite.judge(suite.CHECKS["mx"], ABOUT, Paper({("d.test", "MX"): [f"10 {name}."]} | host))
        for name in (HOST.upper(), HOST)
    )
    assert [(f.code, f.on) for f in loud] == [(f.code, f.on) for f in quiet]


def test_e8_ours_is_the_public_address() -> None:
    server = Smtp(answers={"STARTTLS": "502 no"})
    with serve(server) as port:
        net = Loopback(ports={25: port})  # NAT: 203.0.113.10 is really 127.0.0.1
        found = [f for c in ("host", "reverse", "smtp") for f in suite.judge(suite.EVERY[c], ABOUT, net)]
    assert {"host.same", "smtp.open"} & {f.code for f in found}
    assert not [f for f in found if "127.0.0.1" in str(f.facts) or "127.0.0.1" in f.on]
    assert not [name for name, _kind in net.asked if name.endswith("127.in-addr.arpa")]


def test_e9_what_was_asked_and_judged_is_kept(remembered: None, zoo_network: Resolver) -> None:
    saved = DnsReport.objects.get(pk=dns_reports.keep(about("signed-good"), zoo_network).pk)
    asked = [question for questions in saved.questions.values() for question in questions]
    fields = {"name", "kind", "rcode", "flags", "server", "records", "ttl", "milliseconds", "views"}
    assert asked
    assert all(fields <= set(question) for question in asked)
    for line in dns_reports.lines(saved):
        assert line.check
        assert line.says
    assert any(line.rfc for line in dns_reports.lines(saved))
    assert all({"value", "found", "state"} <= set(record) for record in saved.expected)
    new, gone = dns_reports.changes(saved)
    assert (new, gone) == ([], [])


def test_e10_parallel_bounded_and_asked_once(zoo_resolver: Settings, poste: Client) -> None:
    seen = Recording()
    suite.run(about("signed-good"), Resolver(zoo_resolver, transport=seen))
    twice = [
        key
        for key, count in Counter((q.name, q.kind, q.address, q.unchecked) for q in seen.asked).items()
        if count > 1
    ]
    shared = [
        key for key in twice if key[1] not in ("SOA", "NS", "DS", "DNSKEY")
    ]  # the zone cuts are walked apart
    assert not shared
    assert wire.PATIENCE * wire.TRIES <= 2
    assert suite.PATIENCE <= 20

    def slow(_subject: Subject, _net: Any) -> Any:
        time.sleep(1)
        yield info("caa.none")

    checks = {"slow": slow, "spf": suite.CHECKS["spf"]}
    report = suite.run(ABOUT, Paper({}), checks=checks, patience=0.2)
    assert ("slow", "too-slow", Status.UNKNOWN) in [(c, f.code, f.status) for c, f in report.findings]
    assert any(check == "spf" for check, _finding in report.findings)
    for number in range(5):
        poste.domains.create(NewDomain(name=f"e10-{number}.test"))
    times = dict(dns_reports.schedule(poste))
    assert times == dict(dns_reports.schedule(poste))
    assert all(0 <= seconds < 3600 for seconds in times.values())
    assert len(set(times.values())) > 1


def test_e11_probes_are_seldom_and_polite(remembered: None, settings: Any) -> None:
    settings.PROBE_SERVICES = True
    server = Smtp(answers={"STARTTLS": "502 no"})
    with serve(server) as port:
        net = Loopback(ports={25: port})
        dns_probes.findings(ABOUT, net)
        heard = list(server.heard)
        dns_probes.findings(ABOUT, net)
    assert server.heard == heard  # not again within a quarter of an hour
    verbs = {line.split(" ")[0].upper() for line in heard}
    assert verbs <= {"EHLO", "STARTTLS", "MAIL", "RCPT", "RSET", "VRFY", "EXPN", "QUIT"}
    assert "DATA" not in verbs
    greeted = {line.split(" ", 1)[1] for line in heard if re.match("EHLO ", line, re.IGNORECASE)}
    assert greeted == {ABOUT.server.panel}
    assert dns_probes.APART >= 15 * 60


def test_e12_accepted_with_a_reason_until_a_day(remembered: None) -> None:
    domain = Subject(name="d.test", server=cases.SERVER)
    for minutes in (0, 20, 40):
        report = dns_reports.keep(domain, Paper({}, now=timezone.now() + timedelta(minutes=minutes)))
    before = dns_reports.counts(dns_reports.lines(report))["fail"]
    today = timezone.localdate()
    dns_reports.accept("d.test", "spf.missing", "Another team's", today, "chief@d.test")
    assert dns_reports.counts(dns_reports.lines(report))["fail"] == before - 1
    assert "spf.missing" not in dns_alerts.tell("d.test", lambda title, text: None)[0]
    dns_reports.accept("d.test", "spf.missing", "Another team's", today - timedelta(days=1), "chief@d.test")
    assert dns_reports.counts(dns_reports.lines(report))["fail"] == before
    assert "spf.missing" in dns_alerts.tell("d.test", lambda title, text: None)[0]
