"""S14, A11, T11, T13, T14, C7, B2, B7, B8 and G1: each verdict the rule has."""

import dataclasses
import datetime
import ipaddress
import plistlib
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from hypothesis import given
from hypothesis import strategies as st

from mailadmin.dns import bulk, dnsbl, mta_sts, profile, suite
from mailadmin.dns.finding import Finding, Status
from mailadmin.dns.network import Page
from mailadmin.dns.subject import Seen, Subject
from mailadmin.services import dns_probes
from tests.mailadmin.dns.cases import SERVER
from tests.mailadmin.dns.partners import Paper
from tests.mailadmin.dns.servers import HOST, Authority
from tests.mailadmin.dns.words import filled

ABOUT = Subject(name="d.test", server=SERVER)
Records = dict[tuple[str, str], Any]


def statuses(check: str, net: Paper, about: Subject = ABOUT) -> dict[str, str]:
    found = suite.judge(suite.EVERY[check], about, net)
    filled(found)
    return {finding.code: str(finding.status) for finding in found}


# S14

GOOGLE = {
    ("_spf.google.com", "TXT"): ['"v=spf1 ip4:192.0.2.0/28 ip4:192.0.2.64/28 ip6:2001:db8:1::/48 ~all"']
}


@pytest.mark.parametrize(
    ("record", "more", "code", "status"),
    [
        ("ip4:192.0.2.0/28 ip4:192.0.2.64/28 ip6:2001:db8:1::/48", GOOGLE, "spf.copies", "pass"),
        ("ip4:192.0.2.0/28 ip4:192.0.2.64/28", GOOGLE, "spf.copies-old", "warn"),
        ("ip4:192.0.2.0/28 ip4:192.0.2.64/28 include:_spf.google.com", GOOGLE, "spf.copies-none", "n/a"),
        ("ip4:203.0.113.10", GOOGLE, "spf.copies-none", "n/a"),
        ("ip4:198.51.100.0/24 ip4:192.0.2.0/28", GOOGLE, "spf.copies-none", "n/a"),
        (
            "ip4:192.0.2.0/28 ip4:192.0.2.64/28",
            {("_spf.google.com", "TXT"): "timeout"},
            "spf.copies-unmeasured",
            "unknown",
        ),
    ],
)
def test_s14_copied_addresses(record: str, more: Records, code: str, status: str) -> None:
    assert statuses("spf", Paper({("d.test", "TXT"): [f'"v=spf1 {record} -all"']} | more))[code] == status


# A11


def from_reports(*seen: tuple[int, int, bool]) -> tuple[Seen, ...]:
    return tuple(
        Seen(f"198.51.100.{n}", letters, aligned, own) for n, (letters, aligned, own) in enumerate(seen)
    )


@pytest.mark.parametrize(
    ("policy", "seen", "code", "status"),
    [
        ("reject", None, "dmarc.reports-unread", "n/a"),
        ("reject", from_reports((3, 3, True)), "dmarc.reports-few", "unknown"),
        ("reject", from_reports((100, 98, False)), "dmarc.ready", "pass"),
        ("reject", from_reports((1000, 999, True)), "dmarc.not-ready", "info"),
        ("reject", from_reports((100, 97, False)), "dmarc.not-ready", "info"),
        ("reject", from_reports((100, 90, False)), "dmarc.not-ready", "info"),
        ("reject", from_reports((100, 89, False)), "dmarc.losing", "warn"),
        ("none", from_reports((100, 10, True)), "dmarc.not-ready", "info"),
    ],
)
def test_a11_readiness(policy: str, seen: tuple[Seen, ...] | None, code: str, status: str) -> None:
    net = Paper({("_dmarc.d.test", "TXT"): [f'"v=DMARC1; p={policy}"']})
    assert statuses("dmarc", net, dataclasses.replace(ABOUT, seen=seen))[code] == status


# T11

URL = mta_sts.policy_url("d.test")
WITH_ID: Records = {("_mta-sts.d.test", "TXT"): ['"v=STSv1; id=1;"'], ("d.test", "MX"): ["10 old.test."]}


def policy(mode: str, host: str) -> Page:
    return Page(
        URL, 200, {"content-type": "text/plain"}, mta_sts.policy_text(["old.test", host], mode).encode()
    )


@pytest.mark.parametrize(
    ("records", "page", "code", "status"),
    [
        (WITH_ID, policy("enforce", HOST), "sts.order", "pass"),
        (WITH_ID, policy("enforce", "x.test"), "sts.order-move", "warn"),
        (WITH_ID, policy("testing", "x.test"), "sts.order", "pass"),
        ({}, policy("testing", HOST), "sts.order-id", "info"),
        ({}, Page(URL, error="dns"), "sts.order-file", "info"),
        ({}, Page(URL, error="timeout"), "sts.order-unmeasured", "unknown"),
    ],
)
def test_t11_order_of_the_roll_out(records: Records, page: Page, code: str, status: str) -> None:
    net = Paper(records)
    net.pages[URL] = page
    assert statuses("mta-sts", net)[code] == status


def test_t11_the_plan_has_the_name_of_the_policy_before_its_id() -> None:
    from mailadmin.dns import expected, plan

    changes = plan.plan(one.to_json() for one in expected.compare(ABOUT, Paper({})))
    kinds = [change.kind for change in changes if change.purpose == "mta-sts"]
    assert kinds == ["CNAME", "TXT"]


# T13, T14


@pytest.mark.parametrize(
    ("records", "about", "code", "status"),
    [
        (
            {(f"_smtp._tls.{HOST}", "TXT"): ['"v=TLSRPTv1; rua=mailto:x@zoo.test"']},
            ABOUT,
            "tlsrpt.host",
            "pass",
        ),
        ({}, ABOUT, "tlsrpt.host-none", "info"),
        ({(f"_smtp._tls.{HOST}", "TXT"): "timeout"}, ABOUT, "tlsrpt.host-unmeasured", "unknown"),
        ({}, dataclasses.replace(ABOUT, name="zoo.test"), "tlsrpt.host-same", "n/a"),
        (
            {("_smtp._tls.d.test", "TXT"): ['"v=TLSRPTv1; rua=mailto:x@else.test"']},
            ABOUT,
            "tlsrpt.elsewhere",
            "pass",
        ),
    ],
)
def test_t13_t14_reports(records: Records, about: Subject, code: str, status: str) -> None:
    assert statuses("tls-rpt", Paper(records), about)[code] == status


def test_t14_dmarc_s_agreement_is_never_asked_for() -> None:
    net = Paper({("_smtp._tls.d.test", "TXT"): ['"v=TLSRPTv1; rua=mailto:x@else.test,https://y.test/r"']})
    found = statuses("tls-rpt", net)
    assert not {"warn", "fail"} & set(found.values())
    assert not [name for name, _ in net.asked if "_report" in name]


# C7

PROFILE = {"PayloadIdentifier": "test.d", "PayloadContent": [{"PayloadType": "com.apple.mail.managed"}]}
PROFILE_URL = "https://mail.test/d.test.mobileconfig"


def signed(body: bytes) -> bytes:
    from cryptography import x509

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "d.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(1))
    builder = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(body)
        .add_signer(made.sign(key, hashes.SHA256()), key, hashes.SHA256())
    )
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def xml(**more: Any) -> bytes:
    return plistlib.dumps(PROFILE | more)


@pytest.mark.parametrize(
    ("page", "memory", "code", "status"),
    [
        (Page(PROFILE_URL, 200, {}, signed(xml())), {}, "profile.untrusted", "warn"),
        (Page(PROFILE_URL, 200, {}, xml()), {}, "profile.unsigned", "info"),
        (Page(PROFILE_URL, 200, {}, xml()), {"profile": "test.d"}, "profile.name-same", "pass"),
        (Page(PROFILE_URL, 200, {}, xml()), {"profile": "test.old"}, "profile.name", "warn"),
        (Page(PROFILE_URL, 200, {}, xml(PayloadIdentifier="")), {}, "profile.name", "warn"),
        (
            Page(PROFILE_URL, 200, {}, xml(PayloadContent=[{"IncomingPassword": "x"}])),
            {},
            "profile.password",
            "fail",
        ),
        (
            Page(PROFILE_URL, 200, {}, signed(xml(PayloadContent=[{"OutgoingPassword": "x"}]))),
            {},
            "profile.password",
            "fail",
        ),
        (Page(PROFILE_URL, 200, {}, b"<html>"), {}, "profile.broken", "fail"),
        (Page(PROFILE_URL, 404), {}, "profile.broken", "fail"),
        (Page(PROFILE_URL, error="timeout"), {}, "profile.unmeasured", "unknown"),
    ],
)
def test_c7_profile(page: Page, memory: dict[str, str], code: str, status: str) -> None:
    net = Paper({})
    net.pages[PROFILE_URL] = page
    server = dataclasses.replace(SERVER, profile="https://mail.test/%s.mobileconfig")
    assert statuses("profile", net, Subject(name="d.test", server=server, memory=memory))[code] == status


def test_c7_nothing_offered_is_no_fault() -> None:
    assert statuses("profile", Paper({})) == {"profile.none": "n/a"}


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda b: b"<plist>" + b + b"</plist>"))
def test_c7_any_file(body: bytes) -> None:
    assert profile.read(body) is None or isinstance(profile.read(body), dict)
    assert isinstance(profile.certificates(body), list)


# B2, B7, B8

V6 = ipaddress.ip_address("2001:db8::10")
SIX = dataclasses.replace(ABOUT, server=dataclasses.replace(SERVER, addresses=frozenset({V6})))
ZEN = "zen.spamhaus.org"


def listing(ip: str, code: str = "127.0.0.2") -> Records:
    return {(dnsbl.question(ipaddress.ip_address(ip), ZEN), "A"): [code]}


ALIVE = {(f"2.0.0.127.{block.zone}", "A"): ["127.0.0.2"] for block in dnsbl.LISTS} | listing("::ffff:7f00:2")


@pytest.mark.parametrize(
    ("records", "code", "status"),
    [
        (ALIVE, "dnsbl.clean-ipv6", "pass"),
        (ALIVE | listing("2001:db8::"), "dnsbl.network-listed", "warn"),
        (ALIVE | listing("2001:db8::10"), "dnsbl.listed", "fail"),
        (ALIVE | listing("2001:db8::10", "127.255.255.254"), "dnsbl.refused", "unknown"),
    ],
)
def test_b2_ipv6_and_its_network(records: Records, code: str, status: str) -> None:
    net = Paper(records)
    assert statuses("block-lists", net, SIX)[code] == status
    assert all(name.count(".") == 32 + ZEN.count(".") for name, _ in net.asked if name.endswith(ZEN))


@pytest.mark.parametrize(
    ("records", "code", "status"),
    [
        (ALIVE, "dnsbl.set", "pass"),
        (ALIVE | {(f"2.0.0.127.{dnsbl.LISTS[1].zone}", "A"): []}, "dnsbl.set-dead", "info"),
        (dict.fromkeys(ALIVE, "SERVFAIL"), "dnsbl.set-unmeasured", "unknown"),
    ],
)
def test_b7_the_set_is_small_and_alive(records: Records, code: str, status: str) -> None:
    assert statuses("block-lists", Paper(records))[code] == status
    assert len(dnsbl.LISTS) <= 8


def test_b1_a_small_list_is_a_warning() -> None:
    small = dnsbl.LISTS[-1]
    listed = {(dnsbl.question(ipaddress.ip_address("203.0.113.10"), small.zone), "A"): ["127.0.0.2"]}
    assert statuses("block-lists", Paper(ALIVE | listed))["dnsbl.listed-minor"] == "warn"


class LongLived(Paper):
    def ask(self, name: str, kind: str) -> Any:
        return dataclasses.replace(super().ask(name, kind), ttl=86_401)


def test_x13_tlsa_that_is_remembered_too_long() -> None:
    net = LongLived({("d.test", "MX"): [f"10 {HOST}."], (f"_25._tcp.{HOST}", "TLSA"): [f"3 1 1 {'ab' * 32}"]})
    assert statuses("dane", net)["dane.ttl-long"] == "info"


class Unsigned(Paper):
    def ask(self, name: str, kind: str) -> Any:
        return dataclasses.replace(super().ask(name, kind), secure=False)


def test_x2_a_host_without_dnssec_is_a_note() -> None:
    soa = "ns1.x.test. h.x.test. 1 3600 600 1209600 300"
    net = Unsigned(
        {("d.test", "SOA"): [soa], ("d.test", "MX"): [f"10 {HOST}."], (HOST, "A"): ["203.0.113.10"]}
    )
    assert statuses("dnssec", net)["dnssec.host-insecure"] == "info"


def near(count: int, code: str = "127.0.0.2") -> Records:
    found: Records = {}
    for step in dnsbl.NEIGHBOURS[:count]:
        found |= listing(f"203.0.113.{10 + step}", code)
    return found


@pytest.mark.parametrize(
    ("records", "code", "status"),
    [
        (ALIVE, "dnsbl.neighbours", "pass"),
        (ALIVE | near(8, "127.0.0.10"), "dnsbl.neighbours", "pass"),
        (ALIVE | near(2), "dnsbl.neighbours-some", "info"),
        (ALIVE | near(3), "dnsbl.neighbours-bad", "warn"),
        ({}, "dnsbl.neighbours-unmeasured", "unknown"),
    ],
)
def test_b8_neighbours(records: Records, code: str, status: str) -> None:
    net = Paper(records)
    assert statuses("neighbours", net)[code] == status
    assert len(net.asked) <= 5 + len(dnsbl.NEIGHBOURS)


def test_b8_is_off_by_default() -> None:
    assert "neighbours" not in dns_probes.outside()


# G1

MET = [
    "spf.sender-passes",
    "dkim.same-key",
    "dmarc.syntax-good",
    "reverse.way-back",
    "smtp.extensions",
    "letter.aligned",
]


def composed(*found: Finding) -> dict[str, str]:
    said = list(bulk.check_bulk(found))
    filled(said)
    return {finding.code: str(finding.status) for finding in said}


def test_g1_from_what_is_known() -> None:
    met = [Finding(Status.PASS, code) for code in MET]
    assert composed(*met) == {"bulk.ready": "pass"}
    assert composed(*met[:-1]) == {"bulk.unmeasured": "unknown"}
    assert composed(*met[1:], Finding(Status.FAIL, "spf.missing")) == {"bulk.missing": "warn"}
    assert composed(*met, Finding(Status.FAIL, "spf.sender-fails", on="203.0.113.11")) == {
        "bulk.missing": "warn"
    }
    assert composed(*met[1:], Finding(Status.UNKNOWN, "unanswered")) == {"bulk.unmeasured": "unknown"}
    assert composed(*met, Finding(Status.PASS, "spf.parked")) == {}


def test_g1_only_speaks_of_findings_there_are() -> None:
    assert {code for codes in bulk.NEEDS.values() for code in codes} <= set(suite.WORDS)


def test_the_authority_of_the_tests_signs() -> None:
    assert len(profile.certificates(signed(xml()))) == 1
    assert not profile.certificates(Authority().context()[1][0])
