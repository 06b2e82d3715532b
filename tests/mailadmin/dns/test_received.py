"""Reports of receivers: read, kept, summed up, said; and everything hostile that may come instead."""

import gzip
import io
import json
import time
import tracemalloc
import zipfile
import zlib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from mailadmin import connections
from mailadmin.dns import suite
from mailadmin.dns.dmarc.readiness import check_readiness, next_policy, next_record, with_policy
from mailadmin.dns.dmarc.record import parse
from mailadmin.dns.reports import aggregate, tls
from mailadmin.dns.reports.unpack import MOST_OPEN, ReportFault, documents
from mailadmin.dns.subject import Seen
from mailadmin.health.canary import Failed
from mailadmin.models import DnsReport, ReceivedReport
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewDomain
from mailadmin.services import dns_plans, dns_received, dns_reports, report_box
from tests.mailadmin.dns.partners import Paper
from tests.mailadmin.dns.words import filled
from tests.stack import Stack

NAME = "reported.test"
NOW = datetime.now(UTC).replace(microsecond=0)


def row(source: str, count: int, *, dkim: str = "pass", spf: str = "pass", disposition: str = "none") -> str:
    return (
        f"<record><row><source_ip>{source}</source_ip><count>{count}</count><policy_evaluated>"
        f"<disposition>{disposition}</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row>"
        f"<identifiers><header_from>{NAME}</header_from></identifiers><auth_results><dkim><domain>{NAME}</domain>"
        f"<selector>s1</selector><result>{dkim}</result></dkim></auth_results></record>"
    )


def report(*rows: str, name: str = NAME, identifier: str = "1", days: int = 1, policy: str = "none") -> bytes:
    begin, end = (int((NOW - timedelta(days=n)).timestamp()) for n in (days, days - 1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feedback><version>1.0</version><report_metadata>'
        f"<org_name>Receiver</org_name><email>d@receiver.test</email><report_id>{identifier}</report_id>"
        f"<date_range><begin>{begin}</begin><end>{end}</end></date_range></report_metadata>"
        f"<policy_published><domain>{name}</domain><adkim>r</adkim><p>{policy}</p></policy_published>"
        f"{''.join(rows)}</feedback>"
    ).encode()


# RFC 7489, appendix C says what a report is; this one is RFC 9990's own form, with its namespace.
RFC9990 = b"""<?xml version="1.0" encoding="UTF-8"?>
<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">
  <version>1.0</version>
  <report_metadata>
    <org_name>Sample Reporter</org_name><email>report_sender@example-reporter.com</email>
    <extra_contact_info>...</extra_contact_info>
    <report_id>3v98abbp8ya9n3va8yr8oa3ya</report_id>
    <date_range><begin>302832000</begin><end>302918399</end></date_range>
    <generator>Example DMARC Aggregate Reporter v1.2</generator>
  </report_metadata>
  <policy_published>
    <domain>example.com</domain><p>quarantine</p><sp>none</sp><np>none</np>
    <testing>n</testing><discovery_method>treewalk</discovery_method>
  </policy_published>
  <record>
    <row><source_ip>192.0.2.123</source_ip><count>123</count>
      <policy_evaluated><disposition>pass</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>
    <identifiers><envelope_from>example.com</envelope_from><header_from>example.com</header_from></identifiers>
    <auth_results>
      <dkim><domain>example.com</domain><selector>abc123</selector><result>pass</result></dkim>
      <spf><domain>example.com</domain><result>fail</result></spf>
    </auth_results>
  </record>
</feedback>"""
# RFC 8460, appendix B.
RFC8460 = {
    "organization-name": "Company-X",
    "date-range": {"start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z"},
    "contact-info": "sts-reporting@company-x.example",
    "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
    "policies": [
        {
            "policy": {
                "policy-type": "sts",
                "policy-string": ["version: STSv1", "mode: testing", "mx: *.mail.company-y.example"],
                "policy-domain": "company-y.example",
                "mx-host": ["*.mail.company-y.example"],
            },
            "summary": {"total-successful-session-count": 5326, "total-failure-session-count": 303},
            "failure-details": [
                {
                    "result-type": "certificate-expired",
                    "sending-mta-ip": "2001:db8:abcd:0012::1",
                    "receiving-mx-hostname": "mx1.mail.company-y.example",
                    "failed-session-count": 100,
                },
                {
                    "result-type": "starttls-not-supported",
                    "receiving-mx-hostname": "mx2.mail.company-y.example",
                    "failed-session-count": 200,
                },
                {"result-type": "validation-failure", "failed-session-count": 3},
            ],
        }
    ],
}


def test_the_examples_of_the_rfcs() -> None:
    found = aggregate.read(RFC9990)
    assert (found.org, found.domain, found.policy, found.letters) == (
        "Sample Reporter", "example.com", "quarantine", 123,
    )  # fmt: skip
    assert found.rows == (
        aggregate.Row(
            "192.0.2.123",
            123,
            "pass",
            True,
            False,
            "example.com",
            (aggregate.Signature("example.com", "abc123", True),),
            strict=True,
        ),
    )
    assert found.rows[0].aligned
    other = tls.read(json.dumps(RFC8460).encode())
    assert (other.domain, other.good, other.bad, other.policies) == ("company-y.example", 5326, 303, ("sts",))
    assert [(f.kind, f.sessions) for f in other.failures] == [
        ("certificate-expired", 100), ("starttls-not-supported", 200), ("validation-failure", 3),
    ]  # fmt: skip


def read(raw: bytes) -> list[Any]:
    return [tls.read(one) if one.startswith(b"{") else aggregate.read(one) for one in documents(raw)]


def letter(data: bytes, kind: str, name: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "d@receiver.test", "r@kronos.test", "Report Domain"
    message.set_content("This is a report. <b>not this</b>")
    main, _, sub = kind.partition("/")
    message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def zipped(**files: bytes) -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return box.getvalue()


@pytest.mark.parametrize("make", [
    lambda x: x,
    gzip.compress,
    lambda x: zipped(a=x),
    lambda x: letter(gzip.compress(x), "application/gzip", "r!d!1!2.xml.gz"),
    lambda x: letter(zipped(a=x), "application/zip", "r.zip"),
    lambda x: letter(x, "text/xml", "r.xml"),
    lambda x: letter(zipped(a=gzip.compress(x)), "application/octet-stream", "r"),
    lambda x: x.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"),
])  # fmt: skip
def test_a_report_is_found_however_it_is_packed(make: Any) -> None:
    found = documents(make(report(row("203.0.113.10", 3))))
    assert [aggregate.read(one).letters for one in found] == [3]


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + b"".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9))
    + b"]><feedback><report_metadata><org_name>&j;</org_name></report_metadata></feedback>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><feedback>&e;</feedback>'
PACKER = zlib.compressobj(9, wbits=31)
BOMB = PACKER.compress(b"<" + b" " * (60 * 1024 * 1024)) + PACKER.flush()


@pytest.mark.parametrize(("raw", "reason"), [
    (LAUGHS, "entities"), (OUTSIDE, "entities"), (b"<feedback", "malformed"), (b"<a></b>", "malformed"),
    (b"<a>" * 100_000, "malformed"), (b"<feedback/>", "malformed"), (b"{}", "malformed"),
    (b"[" * 10, "empty"),
    (b"{" * 100_000, "malformed"), (b'{"policies": 3}', "malformed"), (b'{"policies": [3]}', "malformed"),
    (b"", "empty"), (b"hello", "empty"), (b"\x1f\x8bxx", "broken"), (b"PK\x03\x04xx", "broken"),
    (gzip.compress(b"<a/>")[:-9], "broken"), (BOMB, "big"), (zipped(a=BOMB), "big"),
    (zipped(a=b"<" + b" " * (MOST_OPEN + 1)), "big"), (zipped(a=zipped(b=zipped(c=b"<a/>"))), "broken"),
    (b"x" * (15 * 1024 * 1024 + 1), "big"),
    (b'<?xml version="1.0" encoding="nonsense"?><feedback/>', "malformed"),
    (report().replace(b"<begin>", b"<begin>9"), "malformed"),
    (report(name="not a domain"), "malformed"), (report(identifier=""), "malformed"),
])  # fmt: skip
def test_what_is_no_report_is_said_in_one_word(raw: bytes, reason: str) -> None:
    with pytest.raises(ReportFault, match=f"^{reason}$"):
        read(raw)


def test_a_bomb_costs_little_memory() -> None:
    """A thousand times as much as it seems: unpacked only up to the bound, in a zip as in gzip."""
    tracemalloc.start()
    for bomb in (BOMB, zipped(a=b"<" + b" " * (60 * 1024 * 1024))):
        assert len(bomb) < 200_000
        tracemalloc.reset_peak()
        with pytest.raises(ReportFault):
            documents(bomb)
        assert tracemalloc.get_traced_memory()[1] < 3.5 * MOST_OPEN
    tracemalloc.stop()


def test_bounds_of_rows_text_and_counts() -> None:
    huge = report(row("203.0.113.10", 1).replace("<selector>s1", "<selector>" + "s" * 100_000))
    assert len(aggregate.read(huge).rows[0].signatures[0].selector) <= 100
    many = report(row("203.0.113.10", 1) * (aggregate.MOST_ROWS + 1))
    with pytest.raises(ReportFault, match="big"):
        aggregate.read(many)
    odd = report(
        row("nobody", 1), row("203.0.113.10", -1), row("203.0.113.10", 10**12), row("2001:db8::1", 2)
    )
    assert [one.source for one in aggregate.read(odd).rows] == ["2001:db8::1"]


@given(st.binary(max_size=300) | st.text(alphabet="<>/&;feedbackrow \"'=!x1", max_size=300).map(str.encode))
@settings(max_examples=200, deadline=None)
def test_whatever_comes_ends_as_a_report_or_a_fault(data: bytes) -> None:
    good = report(row("203.0.113.10", 1))
    for raw in (data, gzip.compress(data), b"<" + data, b"{" + data, good[:200] + data + good[200:]):
        try:
            read(raw)
        except ReportFault:
            continue


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["policies", "policy", "summary", "failure-details", "date-range",
                                         "start-datetime", "end-datetime", "report-id", "policy-domain",
                                         "total-failure-session-count", "policy-type", "result-type"]),
                        inner, max_size=5), max_leaves=20))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_json_is_a_tls_report_or_a_fault(value: Any) -> None:
    for told in (value, RFC8460 | value if isinstance(value, dict) else value):
        try:
            tls.read(json.dumps(told).encode())
        except ReportFault:
            continue


def test_reading_takes_time_in_proportion() -> None:
    """Ten times the rows cost about ten times the work: counted in processor time, with much room."""

    def cost(rows: int) -> float:
        raw = report(row("203.0.113.10", 1) * rows)
        started = time.process_time()
        aggregate.read(raw)
        return time.process_time() - started

    cost(100)
    assert cost(10_000) < 60 * max(cost(1_000), 0.004)


# The safe way


@pytest.mark.parametrize(("policy", "seen", "days", "expected"), [
    ("none", None, 30, "none"),
    ("none", [(100, 100, True)], 13, "none"),
    ("none", [(19, 19, True)], 30, "none"),
    ("none", [(100, 100, True)], 14, "quarantine"),
    ("quarantine", [(100, 100, True), (2, 0, False)], 14, "reject"),
    ("reject", [(100, 100, True)], 30, "reject"),
    ("none", [(100, 100, True), (5, 0, False)], 30, "none"),
    ("quarantine", [(100, 100, True), (5, 0, False)], 30, "quarantine"),
    ("reject", [(100, 90, True)], 30, "none"),
    ("reject", [(50, 50, True), (500, 0, False)], 30, "reject"),
])  # fmt: skip
def test_the_next_step_is_a_safe_one(policy: str, seen: Any, days: int, expected: str) -> None:
    told = seen and [Seen(f"198.51.100.{n}", *one) for n, one in enumerate(seen)]
    assert next_policy(policy, told, days) == expected


def test_the_record_with_the_next_policy_keeps_the_rest() -> None:
    text = with_policy("v=DMARC1; p=quarantine; sp=none; rua=mailto:r@d.test; adkim=s", "reject")
    assert text == "v=DMARC1; p=reject; sp=reject; rua=mailto:r@d.test; adkim=s"
    assert parse(text).policy == "reject"
    assert with_policy("v=DMARC1;p=none", "quarantine") == "v=DMARC1; p=quarantine"


GOOD, LOST = [(100, 100, True)], [(100, 50, True)]


@pytest.mark.parametrize(("text", "seen", "days", "expected"), [
    ("v=DMARC1; p=none; rua=mailto:r@d.test", GOOD, 14, "v=DMARC1; p=quarantine; rua=mailto:r@d.test"),
    ("v=DMARC1; p=none", GOOD, 13, "v=DMARC1; p=none"),
    ("v=DMARC1; p=quarantine; pct=10; rua=mailto:r@d.test", GOOD, 14,
     "v=DMARC1; p=quarantine; rua=mailto:r@d.test"),
    ("v=DMARC1; p=quarantine; pct=10", GOOD, 3, "v=DMARC1; p=quarantine; pct=10"),
    ("v=DMARC1; p=reject; t=y", GOOD, 14, "v=DMARC1; p=reject"),
    ("v=DMARC1; p=quarantine; pct=100", GOOD, 14, "v=DMARC1; p=reject; sp=reject; pct=100"),
    ("v=DMARC1; p=reject", GOOD, 14, "v=DMARC1; p=reject"),
    ("v=DMARC1; p=reject; pct=10", LOST, 14, "v=DMARC1; p=none; pct=10"),
    ("v=DMARC1; p=whatever", GOOD, 14, "v=DMARC1; p=whatever"),
])  # fmt: skip
def test_half_a_policy_becomes_a_whole_one_before_the_next(
    text: str, seen: Any, days: int, expected: str
) -> None:
    told = [Seen(f"198.51.100.{n}", *one) for n, one in enumerate(seen)]
    assert next_record(text, told, days) == expected


FULL, LAX = [(100, 100, True, 100), (1, 0, False, 0)], [(100, 100, True, 99)]
END = "v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s"


@pytest.mark.parametrize(("text", "seen", "days", "expected"), [
    ("v=DMARC1; p=reject; sp=reject", FULL, 14, END),
    ("v=DMARC1; p=reject; sp=reject; adkim=r; rua=mailto:r@d.test; aspf=s", FULL, 14,
     f"{END}; rua=mailto:r@d.test"),
    (END.replace("; ", ";"), FULL, 14, END.replace("; ", ";")),
    ("v=DMARC1; p=reject; sp=reject", FULL, 13, "v=DMARC1; p=reject; sp=reject"),
    ("v=DMARC1; p=reject; sp=reject", LAX, 14, "v=DMARC1; p=reject; sp=reject"),
    ("v=DMARC1; p=quarantine", FULL, 14, "v=DMARC1; p=reject; sp=reject"),
])  # fmt: skip
def test_the_last_step_is_strict_alignment(text: str, seen: Any, days: int, expected: str) -> None:
    """Only when all that passes would pass then, too."""
    told = [Seen(f"198.51.100.{n}", *one) for n, one in enumerate(seen)]
    assert next_record(text, told, days) == expected
    assert parse(expected).policy == "reject"


ROW = """<record><row><source_ip>192.0.2.1</source_ip><count>2</count><policy_evaluated>
<disposition>none</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row>
<identifiers><header_from>d.test</header_from></identifiers>
<auth_results><dkim><domain>{signer}</domain><result>{dkim}</result></dkim>
<spf><domain>{envelope}</domain><scope>{scope}</scope><result>{spf}</result></spf></auth_results></record>"""


@pytest.mark.parametrize(("facts", "strict"), [
    ({"signer": "d.test"}, True),
    ({"signer": "mail.d.test"}, False),
    ({"signer": "d.test", "dkim": "fail"}, False),
    ({"envelope": "d.test"}, True),
    ({"envelope": "d.test", "spf": "fail"}, False),
    ({"envelope": "d.test", "scope": "helo"}, False),
    ({"envelope": "bounce.d.test", "signer": "D.test."}, True),
])  # fmt: skip
def test_strict_alignment_is_read_from_what_passed(facts: dict[str, str], strict: bool) -> None:
    told = {"dkim": "pass", "spf": "pass", "signer": "x.d.test", "envelope": "x.d.test", "scope": "mfrom"}
    found = aggregate.read(report(ROW.format(**(told | facts)), name="d.test"))
    assert [one.strict for one in found.rows] == [strict]


# Through the front door


@pytest.fixture
def ours(db: None, poste: Client, settings: Any) -> Client:
    settings.MAIL_ADDRESSES = ["203.0.113.10"]
    poste.domains.create(NewDomain(name=NAME))
    return poste


PAGE = f"/admin/domains/{NAME}/dns/reports/"


def upload(browser: Browser, data: bytes, language: str = "en") -> str:
    file = SimpleUploadedFile("report.xml.gz", data)
    answer = browser.post(PAGE, {"report": file}, follow=True, headers={"accept-language": language})
    return answer.content.decode()


def test_a_report_is_uploaded_summed_up_and_said(ours: Client, admin: Browser) -> None:
    assert "No report was read yet." in admin.get(PAGE).content.decode()
    publish("none")
    for day in range(1, 17):
        rows = (
            row("203.0.113.10", 20),
            row("198.51.100.7", 1, dkim="fail", spf="fail", disposition="reject"),
        )
        text = upload(admin, gzip.compress(report(*rows[: 1 + (day == 3)], identifier=str(day), days=day)))
    assert "The report was read." in text
    assert "This report was read before." in upload(
        admin, report(row("203.0.113.10", 20), identifier="16", days=16)
    )
    assert "p=quarantine is safe now" in text
    assert f"<code>v=DMARC1; p=quarantine; rua=mailto:r@{NAME}</code>" in text
    assert "Your server." in text
    assert "A forger; or a service of yours" in text
    assert "1 were refused or put aside" in text
    assert upload(admin, LAUGHS).count("There is no DMARC or TLS report in this file.") == 1
    assert "another domain" in upload(admin, report(name="else.test"))
    assert "another time" in upload(admin, RFC9990.replace(b"example.com", NAME.encode()))
    text = admin.get(PAGE, headers={"accept-language": "es"}).content.decode()
    assert "ya es seguro" in text
    assert "Tu servidor." in text
    assert text.count("<h1") == 1


PLAN = f"/admin/domains/{NAME}/dns/plan/"


def publish(policy: str) -> None:
    """What the last check found at _dmarc."""
    text = f"v=DMARC1; p={policy}; rua=mailto:r@{NAME}"
    record = {"purpose": "dmarc", "name": f"_dmarc.{NAME}", "kind": "TXT", "value": text, "found": [text],
              "state": "published", "optional": False}  # fmt: skip
    DnsReport.objects.create(domain=NAME, at=timezone.now(), status="pass", expected=[record])


def test_the_plan_offers_the_next_step_with_its_evidence_and_never_ticks_it(
    ours: Client, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        connections, "network", lambda: Paper({(f"_dmarc.{NAME}", "TXT"): ['"v=DMARC1; p=none"']})
    )
    publish("none")
    assert "next safe step" not in admin.get(PLAN).content.decode()
    for day in range(1, 17):
        dns_received.take(ours, report(row("203.0.113.10", 20), identifier=f"a{day}", days=day))
    text = admin.get(PLAN).content.decode()
    assert f"<ins><code>v=DMARC1; p=quarantine; rua=mailto:r@{NAME}</code></ins>" in text
    assert "reports of 16 days with p=none tell of 320 letters; 100 % pass" in text
    assert 'name="change" value="0">' in text
    assert "El siguiente paso seguro de DMARC" in (
        admin.get(PLAN, headers={"accept-language": "es"}).content.decode()
    )


def test_a_policy_is_watched_for_two_weeks_of_its_own(ours: Client) -> None:
    """Reports of the policy before say nothing of the one that stands."""
    publish("quarantine")
    for day in range(1, 31):
        policy = "quarantine" if day <= 13 else "none"
        told = report(row("203.0.113.10", 20), identifier=f"b{day}", days=day, policy=policy)
        dns_received.take(ours, told)
    assert dns_received.summary(NAME).days == 13
    assert dns_plans.step(NAME) is None
    ReceivedReport.objects.filter(domain=NAME, identifier="b14").update(
        facts={"policy": "quarantine", "sources": []}
    )
    step = dns_plans.step(NAME)
    assert step is not None
    assert step.new == (f"v=DMARC1; p=reject; sp=reject; rua=mailto:r@{NAME}",)
    publish("none")
    assert dns_plans.step(NAME) is None  # no report shows this policy


def test_tls_reports_in_plain_words(ours: Client, admin: Browser) -> None:
    told = json.loads(json.dumps(RFC8460))
    told["policies"][0]["policy"]["policy-domain"] = NAME
    told["date-range"] = {
        "start-datetime": (NOW - timedelta(days=1)).isoformat(),
        "end-datetime": NOW.isoformat(),
    }
    text = upload(
        admin, letter(gzip.compress(json.dumps(told).encode()), "application/tlsrpt+gzip", "t.json.gz")
    )
    assert "5326" in text
    assert "The certificate had ended." in text
    assert (
        "El certificado estaba vencido."
        in admin.get(PAGE, headers={"accept-language": "es"}).content.decode()
    )


def test_a11_is_judged_from_what_was_read(ours: Client) -> None:
    assert dns_reports.subject(ours, NAME).seen is None
    dns_received.take(ours, report(row("203.0.113.10", 97), row("198.51.100.7", 3, dkim="fail", spf="fail")))
    seen = dns_reports.subject(ours, NAME).seen
    assert seen == (Seen("203.0.113.10", 97, 97, True, 97), Seen("198.51.100.7", 3, 0, False))
    record = parse("v=DMARC1; p=none")
    found = suite.judge(
        lambda about, _net: check_readiness(about, record), dns_reports.subject(ours, NAME), Paper({})
    )
    filled(found)
    assert [f.code for f in found] == ["dmarc.not-ready"]


def test_what_is_kept_is_bounded(ours: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_received, "MOST_REPORTS", 3)
    monkeypatch.setattr(dns_received, "MOST_SOURCES", 2)
    for number in range(5):
        rows = [row(f"198.51.100.{n}", n + 1) for n in range(4)]
        dns_received.take(ours, report(*rows, identifier=str(number), days=number + 1))
    assert ReceivedReport.objects.count() == 3
    for kept in ReceivedReport.objects.all():
        assert [one["source"] for one in kept.facts["sources"]] == ["198.51.100.3", "198.51.100.2"]


def test_a_domain_admin_sees_only_his_own(ours: Client, domain_admin: Browser) -> None:
    assert domain_admin.get(PAGE).status_code == 404
    assert domain_admin.post(PAGE, {}).status_code == 404


def test_the_command_reads_files_and_sums_up(ours: Client, tmp_path: Any, capsys: Any) -> None:
    path = tmp_path / "report.zip"
    path.write_bytes(zipped(a=report(row("203.0.113.10", 5)), b=report(name="else.test")))
    call_command("dns_reports", str(path), "--json")
    assert [one["state"] for one in json.loads(capsys.readouterr().out)] == ["new", "other"]
    call_command("dns_reports", "--domain", NAME, "--json")
    assert json.loads(capsys.readouterr().out)[0] | {"letters": 5, "verdict": "ok"} == {
        "source": "203.0.113.10", "letters": 5, "aligned": 5, "spf": 5, "dkim": 5, "verdict": "ok",
    }  # fmt: skip
    path.write_bytes(b"nothing")
    with pytest.raises(SystemExit):
        call_command("dns_reports", str(path), "--json")


def test_the_mailbox_is_read_once_and_nothing_is_deleted(
    stack: Stack, postie_settings: Any, ours: Client
) -> None:
    """A real Dovecot: letters with reports and others; the second run finds nothing new."""
    address, password = stack.create_mailbox("reports")
    postie_settings.REPORTS_MAILBOX, postie_settings.REPORTS_PASSWORD = address, password
    good = letter(
        gzip.compress(report(row("203.0.113.10", 7), identifier="box")), "application/gzip", "r.xml.gz"
    )
    for raw in (good, letter(b"%PDF", "application/pdf", "x.pdf"), letter(BOMB, "application/gzip", "b.gz")):
        stack.deliver(raw, address)
    states = sorted(one.state for one in report_box.fetch(ours))
    assert states == ["big", "empty", "new"]
    assert report_box.fetch(ours) == []
    assert len(stack.messages(address)) == 3
    assert ReceivedReport.objects.get().facts["sources"][0]["letters"] == 7
    postie_settings.REPORTS_PASSWORD = "wrong"
    with pytest.raises(Failed, match="no_imap"):
        report_box.fetch(ours)
    postie_settings.REPORTS_PASSWORD = ""
    stack.deliver(letter(report(identifier="master"), "text/xml", "m.xml"), address)
    assert [one.state for one in report_box.fetch(ours)] == ["new"]  # by the master user
    postie_settings.IMAP_MASTER_USER = ""
    with pytest.raises(Failed, match="no_login"):
        report_box.fetch(ours)
