"""Whatever anybody publishes: a sentence, never an exception, and no time lost."""

import contextlib
import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailadmin.dns import caa, dnsbl, expected, formats, mta_sts, names, suite, tags, tls_rpt
from mailadmin.dns.dkim import record as dkim
from mailadmin.dns.dmarc import record as dmarc
from mailadmin.dns.finding import Finding, Status, fill
from mailadmin.dns.spf import record as spf
from tests.mailadmin.dns.cases import GOOD_KEY, OURS, SERVER, Case, p
from tests.mailadmin.dns.partners import Paper

LINES = st.text(max_size=300) | st.from_regex(r"v=(spf1|DMARC1|DKIM1|STSv1|TLSRPTv1);?[ -~]{0,200}")


@given(LINES)
@example("v=spf1 " + "a/" * 2000)
@example("v=spf1 " + "%{" * 2000)
@example("v=spf1 exists:" + "%{d}" * 1000 + "/")
def test_any_spf_text(text: str) -> None:
    with contextlib.suppress(spf.SyntaxFault):
        spf.parse(text)


@given(LINES)
@example("v=DKIM1; p=" + "A" * 60000)
def test_any_dkim_text(text: str) -> None:
    with contextlib.suppress(dkim.RecordFault):
        dkim.parse(text)


@given(LINES)
@example(";" * 60000)
def test_any_tag_list(text: str) -> None:
    with contextlib.suppress(tags.TagFault):
        tags.parse(text)
    with contextlib.suppress(dmarc.RecordFault):
        dmarc.parse(text)
    tls_rpt.bad_uris(text)
    dmarc.is_dmarc(text)


@given(st.binary(max_size=500))
@example(b"mx: a\n" * 10000)
def test_any_policy_file(body: bytes) -> None:
    with contextlib.suppress(mta_sts.PolicyFault):
        mta_sts.parse_policy(body)


@given(st.text(max_size=100))
def test_any_name(text: str) -> None:
    with contextlib.suppress(ValueError):
        names.is_domain(names.normal(text))


@given(LINES)
def test_any_text_in_the_zone_gives_findings(text: str) -> None:
    printable = "".join(c for c in text if " " <= c <= "~")
    quoted = [formats.quoted(printable)]
    net = Paper({("d.test", "TXT"): quoted, ("_dmarc.d.test", "TXT"): quoted})
    for check in ("spf", "dmarc", "mta-sts", "tls-rpt"):
        for finding in suite.judge(suite.CHECKS[check], Case(check, "", "").subject("d.test"), net):
            fill(suite.WORDS[finding.code].says, finding.facts)
            assert Finding.from_json(finding.to_json()) == finding


POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mail.zoo.test\r\nmx: *.zoo.test\r\nmax_age: 1209600\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        POLICY.replace(b"version: STSv1\r\n", b""),
        POLICY.replace(b"STSv1", b"STSv2"),
        POLICY.replace(b"mode: enforce\r\n", b""),
        POLICY.replace(b"enforce", b"strict"),
        POLICY.replace(b"1209600", b"31557601"),
        POLICY.replace(b"1209600", b"-1"),
        POLICY.replace(b"max_age: 1209600\r\n", b""),
        POLICY + b"mode: testing\r\n",
        b"version: STSv1\nmode: enforce\nmax_age: 86400\n",
        POLICY.replace(b"*.zoo.test", b"*"),
        POLICY.replace(b"*.zoo.test", b"a.*.test"),
        b"\xff\xfe",
    ],
)
def test_a_bad_policy_is_refused(body: bytes) -> None:
    with pytest.raises(mta_sts.PolicyFault):
        mta_sts.parse_policy(body)


def test_a_wildcard_stands_for_exactly_one_label() -> None:
    policy = mta_sts.parse_policy(POLICY.replace(b"\r\n", b"\n"))
    assert policy.covers("mail.zoo.test")
    assert policy.covers("b.zoo.test")
    assert not policy.covers("a.b.zoo.test")
    assert not policy.covers("zoo.test")
    assert not policy.covers("evilzoo.test")


@pytest.mark.parametrize(
    ("ip", "question"),
    [
        ("192.0.2.99", "99.2.0.192.list.test"),
        (
            "2001:db8:1:2:3:4:567:89ab",
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.list.test",
        ),
    ],
)
def test_block_list_questions_as_in_rfc_5782(ip: str, question: str) -> None:
    assert dnsbl.question(ipaddress.ip_address(ip), "list.test") == question


HEALTHY = {("2.0.0.127.zen.spamhaus.org", "A"): ["127.0.0.2"]}
OUR_QUESTION = dnsbl.question(OURS, "zen.spamhaus.org")


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({}, "dnsbl.clean"),
        ({(OUR_QUESTION, "A"): ["127.0.0.2"]}, "dnsbl.listed"),
        ({(OUR_QUESTION, "A"): ["127.0.0.3"]}, "dnsbl.listed"),
        ({(OUR_QUESTION, "A"): ["127.0.0.4", "127.0.0.10"]}, "dnsbl.listed"),
        ({(OUR_QUESTION, "A"): ["127.0.0.10"]}, "dnsbl.policy"),
        ({(OUR_QUESTION, "A"): ["127.0.0.99"]}, "dnsbl.refused"),
        ({(OUR_QUESTION, "A"): ["127.255.255.252"]}, "dnsbl.refused"),
        ({(OUR_QUESTION, "A"): ["127.255.255.254"]}, "dnsbl.refused"),
        ({(OUR_QUESTION, "A"): ["127.255.255.255"]}, "dnsbl.refused"),
        ({(OUR_QUESTION, "A"): ["203.0.113.1"]}, "dnsbl.refused"),
        ({(OUR_QUESTION, "A"): "SERVFAIL"}, "dnsbl.refused"),
        ({("2.0.0.127.zen.spamhaus.org", "A"): "timeout"}, "dnsbl.refused"),
        ({("1.0.0.127.zen.spamhaus.org", "A"): ["127.0.0.2"]}, "dnsbl.dead"),
        ({("2.0.0.127.zen.spamhaus.org", "A"): []}, "dnsbl.dead"),
    ],
)
def test_a_refusal_is_never_a_listing(answers: dict[tuple[str, str], list[str] | str], code: str) -> None:
    net = Paper(HEALTHY | answers)
    found = list(dnsbl.check_lists(Case("", "", "").subject("d.test"), net, dnsbl.LISTS[:1]))
    assert [finding.code for finding in found] == [code]
    assert (found[0].status is Status.UNKNOWN) == (code in ("dnsbl.refused", "dnsbl.dead"))


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ({}, "caa.none"),
        ({("mail.zoo.test", "CAA"): ['0 issue "letsencrypt.org"']}, "caa.allowed"),
        ({("zoo.test", "CAA"): ['0 issue "letsencrypt.org"']}, "caa.allowed"),
        ({("zoo.test", "CAA"): ['0 issue "letsencrypt.org; validationmethods=dns-01"']}, "caa.refused"),
        ({("zoo.test", "CAA"): ['0 issue ";"']}, "caa.refused"),
        ({("zoo.test", "CAA"): ['0 issue "other.test"']}, "caa.refused"),
        ({("zoo.test", "CAA"): ['0 iodef "mailto:x@zoo.test"']}, "caa.no-issue"),
        ({("zoo.test", "CAA"): ['128 future "x"']}, "caa.unknown-critical"),
    ],
)
def test_caa(records: dict[tuple[str, str], list[str] | str], code: str) -> None:
    found = list(caa.check_caa(Case("", "", "").subject("d.test"), Paper(records)))
    assert code in [finding.code for finding in found]


PTR = "10.113.0.203.in-addr.arpa"


@pytest.mark.parametrize(
    ("records", "codes"),
    [
        ({}, {"reverse.missing"}),
        (
            {(PTR, "PTR"): ["mail.zoo.test."], ("mail.zoo.test", "A"): ["203.0.113.10"]},
            {"reverse.present", "reverse.way-back", "reverse.same", "reverse.own", "reverse.ehlo"},
        ),
        ({(PTR, "PTR"): ["mail.zoo.test."]}, {"reverse.no-way-back", "reverse.ehlo-elsewhere"}),
        ({(PTR, "PTR"): ["a.test.", "b.test."]}, {"reverse.several"}),
        ({(PTR, "PTR"): ["203-0-113-10.isp.test."]}, {"reverse.generic"}),
        ({(PTR, "PTR"): ["10.113.0.203.dsl.isp.test."]}, {"reverse.generic"}),
        (
            {(PTR, "PTR"): ["x.test."], ("x.test", "A"): ["203.0.113.10"]},
            {"reverse.other-name", "reverse.way-back"},
        ),
    ],
)
def test_reverse_names(records: dict[tuple[str, str], list[str] | str], codes: set[str]) -> None:
    found = suite.judge(suite.CHECKS["reverse"], Case("", "", "").subject("d.test"), Paper(records))
    assert codes <= {finding.code for finding in found}


def test_spf_is_merged_and_never_replaced() -> None:
    subject = Case("", "", "").subject("d.test")
    assert SERVER.host in expected.merged(subject, [])
    assert (
        expected.merged(subject, ["v=spf1 include:_spf.google.com ip4:192.0.2.1 ~all"])
        == "v=spf1 a:mail.zoo.test include:_spf.google.com ip4:192.0.2.1 ~all"
    )
    assert expected.merged(subject, ["v=spf1 mx -all", "v=spf1 a ~all"]) == "v=spf1 a:mail.zoo.test mx a -all"
    assert expected.merged(subject, ["v=spf1 mx +all"]) == "v=spf1 a:mail.zoo.test mx -all"


def test_a_zone_file_splits_long_keys() -> None:
    text = formats.zone_file([{"name": "s.d.test", "kind": "TXT", "value": f"v=DKIM1; p={p(GOOD_KEY)}"}])
    strings = text.split('"')[1::2]
    assert all(len(string) <= 255 for string in strings)
    assert "".join(strings) == f"v=DKIM1; p={p(GOOD_KEY)}"


def test_every_code_has_words_and_every_word_is_a_code() -> None:
    import re
    from pathlib import Path

    source = "".join(path.read_text() for path in Path("mailadmin/dns").rglob("*.py"))
    used = set(
        re.findall(
            r'(?:ok|info|warn|fail|critical|unknown|not_applicable)\(\s*"([a-z-]+\.[a-z0-9-]+)"', source
        )
    )
    assert used <= set(suite.WORDS)
    for code, words in suite.WORDS.items():
        assert words.says
        assert words.check, code
