"""What DMARC reports say about who sends and who signs: S13 and D1, fed by letters that arrive."""

import gzip
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from mailadmin.dns import suite
from mailadmin.dns.dkim.record import is_selector, to_text
from mailadmin.dns.finding import Finding
from mailadmin.dns.reports import aggregate
from mailadmin.dns.subject import Reported, Selector, Subject
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewDomain
from mailadmin.services import dns_received, dns_reports, report_box
from tests.mailadmin.dns.cases import SERVER
from tests.mailadmin.dns.partners import NOW, Paper
from tests.mailadmin.dns.servers import rsa_key
from tests.mailadmin.dns.test_received import NAME, letter, report
from tests.mailadmin.dns.words import filled
from tests.stack import Stack

INCLUDES = {
    ("d.test", "TXT"): ['"v=spf1 a:mail.zoo.test include:news.test include:_spf.google.com -all"'],
    ("news.test", "TXT"): ['"v=spf1 ip4:198.51.100.0/24 -all"'],
    ("_spf.google.com", "TXT"): ['"v=spf1 ip4:192.0.2.0/28 ~all"'],
    ("mail.zoo.test", "A"): ["203.0.113.10"],
}


def judged(check: str, net: Paper, reported: Reported | None, **more: Any) -> dict[tuple[str, str], Finding]:
    found = suite.judge(
        suite.EVERY[check], Subject(name="d.test", server=SERVER, reported=reported, **more), net
    )
    filled(found)
    return {(finding.code, finding.on): finding for finding in found}


def days(number: int) -> Any:
    return NOW - timedelta(days=number)


# S13


def of_includes(reported: Reported | None, more: dict[tuple[str, str], Any] | None = None) -> dict[str, str]:
    found = judged("spf", Paper(INCLUDES | (more or {})), reported)
    return {on: f"{code} {f.status}" for (code, on), f in found.items() if code.startswith("spf.include-")}


def test_an_include_that_no_report_has_seen_for_sixty_days_is_said() -> None:
    found = of_includes(
        Reported(since=days(61), passing=(("198.51.100.7", days(3)), ("203.0.113.10", days(1))))
    )
    assert found == {"news.test": "spf.include-seen pass", "_spf.google.com": "spf.include-unseen info"}


def test_it_says_whom_and_since_when() -> None:
    reported = Reported(since=days(61), passing=(("198.51.100.7", days(9)), ("198.51.100.8", days(3))))
    found = judged("spf", Paper(INCLUDES), reported)
    assert found["spf.include-seen", "news.test"].facts["day"] == days(3).date().isoformat()
    assert found["spf.include-unseen", "_spf.google.com"].facts["service"] == "Google Workspace"


def test_before_sixty_days_of_reports_nobody_is_unseen() -> None:
    assert of_includes(Reported(since=days(59))) == {
        "news.test": "spf.include-watching n/a",
        "_spf.google.com": "spf.include-watching n/a",
    }


def test_who_was_last_seen_longer_ago_is_unseen() -> None:
    found = of_includes(Reported(since=days(69), passing=(("198.51.100.7", days(61)),)))
    assert found["news.test"] == "spf.include-unseen info"


def test_never_is_only_said_when_all_was_looked_at() -> None:
    cut = Reported(since=days(69), passing=(("203.0.113.10", days(1)),), whole=False)
    assert set(of_includes(cut).values()) == {"spf.include-unmeasured unknown"}


def test_what_does_not_answer_is_unknown() -> None:
    """E1: what the include asks for is away; that is no "never seen"."""
    more = {
        ("news.test", "TXT"): ['"v=spf1 exists:%{i}.list.test -all"'],
        ("203.0.113.10.list.test", "A"): "timeout",
    }
    found = of_includes(Reported(since=days(69), passing=(("203.0.113.10", days(1)),)), more)
    assert found["news.test"] == "spf.include-unmeasured unknown"


def test_without_reports_nothing_is_said_of_them() -> None:
    found = judged("spf", Paper(INCLUDES), None)
    assert str(found["spf.reports-none", ""].status) == "n/a"


# D1


def key(bits: str = "") -> str:
    public = rsa_key(int(bits or 2048)).public_key()
    return to_text(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def quoted(text: str) -> str:
    return " ".join(f'"{text[n : n + 200]}"' for n in range(0, len(text), 200))


def of_selector(records: list[str] | None, *, own: bool = False) -> dict[str, str]:
    net = Paper({("k1._domainkey.d.test", "TXT"): records} if records else {("d.test", "A"): ["192.0.2.1"]})
    found = judged("dkim", net, Reported(since=days(1), selectors=(Selector("k1", own),)))
    return {code: str(f.status) for (code, on), f in found.items() if on == "k1"}


def test_a_reported_key_is_looked_up_and_judged() -> None:
    assert of_selector([quoted(key())]) | {"dkim.present": "pass", "dkim.strong": "pass"} == of_selector(
        [quoted(key())]
    )
    assert of_selector([quoted(key("1024"))])["dkim.short"] == "warn"
    assert of_selector([quoted(key() + "; t=y")])["dkim.testing"] == "warn"


@pytest.mark.parametrize(
    ("records", "own", "code", "status"),
    [
        (None, False, "dkim.reported-missing", "info"),
        (None, True, "dkim.reported-missing", "warn"),
        (['"v=DKIM1; p=A"', '"v=DKIM1; p=B"'], False, "dkim.reported-several", "fail"),
        (['"v=DKIM1; p=%%%"'], False, "dkim.reported-broken", "fail"),
        (['"v=DKIM1; p="'], False, "dkim.revoked-on-purpose", "info"),
    ],
)
def test_a_reported_key_that_does_not_serve(
    records: list[str] | None, own: bool, code: str, status: str
) -> None:
    assert of_selector(records, own=own) == {code: status}


def test_a_reported_key_that_does_not_answer_is_unknown() -> None:
    net = Paper({("k1._domainkey.d.test", "TXT"): "timeout"})
    found = judged("dkim", net, Reported(since=days(1), selectors=(Selector("k1"),)))
    assert {str(f.status) for (code, _), f in found.items() if code == "unanswered"} == {"unknown"}


@pytest.mark.parametrize("name", ["s1", "google", "a.b-c", "20250101", "k_1"])
def test_a_selector_is_labels(name: str) -> None:
    assert is_selector(name)


@pytest.mark.parametrize("name", ["", ".", "a..b", "a b", "*", "a.", "-a", "é", "a" * 64, "a;b", 'a"', "a\n"])
def test_what_a_report_calls_a_selector_may_be_none(name: str) -> None:
    assert not is_selector(name)


# Through the front door: a report arrives, is read, and the check says so


def signed(source: str, selector: str, *, dkim: str = "pass", spf: str = "pass", domain: str = NAME) -> str:
    return (
        f"<record><row><source_ip>{source}</source_ip><count>5</count><policy_evaluated>"
        f"<disposition>none</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row>"
        f"<identifiers><header_from>{NAME}</header_from></identifiers><auth_results>"
        "<dkim><domain>esp.test</domain><selector>theirs</selector><result>pass</result></dkim>"
        f"<dkim><domain>{domain}</domain><selector>{selector}</selector><result>{dkim}</result></dkim>"
        "</auth_results></record>"
    )


def test_every_signature_of_a_letter_is_read() -> None:
    (read,) = aggregate.read(report(signed("198.51.100.7", "News"))).rows
    assert [(s.domain, s.selector, s.good) for s in read.signatures] == [
        ("esp.test", "theirs", True),
        (NAME, "news", True),
    ]
    assert read.signer == "esp.test"


@pytest.fixture
def ours(db: None, poste: Client, settings: Any) -> Client:
    settings.MAIL_ADDRESSES = ["203.0.113.10"]
    poste.domains.create(NewDomain(name=NAME))
    return poste


def test_only_signatures_in_our_name_that_can_be_true_count(ours: Client) -> None:
    assert dns_received.reported(NAME) is None
    rows = (
        signed("198.51.100.7", "news"),
        signed("198.51.100.8", "forged", dkim="fail"),
        signed("203.0.113.10", "mine", dkim="fail"),
        signed("198.51.100.9", "other", domain="else.test"),
        signed("198.51.100.9", "not a selector"),
    )
    dns_received.take(ours, report(*rows, days=3))
    found = dns_received.reported(NAME)
    assert found is not None
    assert found.selectors == (Selector("mine", own=True), Selector("news"))


def test_a_letter_with_a_report_arrives_and_the_checks_say_so(
    stack: Stack, postie_settings: Any, ours: Client
) -> None:
    address, password = stack.create_mailbox()
    postie_settings.REPORTS_MAILBOX, postie_settings.REPORTS_PASSWORD = address, password
    zone = {
        (NAME, "TXT"): ['"v=spf1 include:news.test include:gone.test -all"'],
        ("news.test", "TXT"): ['"v=spf1 ip4:198.51.100.0/24 -all"'],
        ("gone.test", "TXT"): ['"v=spf1 ip4:192.0.2.0/24 -all"'],
        (f"news._domainkey.{NAME}", "TXT"): [quoted(key("1024"))],
    }
    before = dns_reports.verify(ours, Paper(zone, now=timezone.now()), NAME)
    assert {code_of(data) for _check, data in before.findings} >= {"spf.reports-none", "dkim.reports-none"}
    for number, old in enumerate((65, 2)):
        told = report(signed("198.51.100.7", "news"), identifier=f"s{number}", days=old)
        stack.deliver(letter(gzip.compress(told), "application/gzip", "r.xml.gz"), address)
    assert [one.state for one in report_box.fetch(ours)] == ["new", "new"]
    after = dns_reports.verify(ours, Paper(zone, now=timezone.now()), NAME)
    said = {(code_of(data), data["on"]) for _check, data in after.findings}
    assert {
        ("spf.include-seen", "news.test"),
        ("spf.include-unseen", "gone.test"),
        ("dkim.short", "news"),
    } <= said
    lines = {line.finding.code: line.says for line in dns_reports.lines(after)}
    assert lines["spf.include-unseen"].startswith("gone.test may send in the domain's name")


def code_of(data: dict[str, Any]) -> str:
    return str(data["code"])
