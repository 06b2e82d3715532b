# ruff: noqa: E501  examples are quoted as they stand in the standards
"""The readers of records: the standards' own examples, no exception whatever comes, work that grows with the text."""

import re
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailadmin.dns import bimi, mta_sts, suite, tags, tls_rpt
from mailadmin.dns.dkim import record as dkim
from mailadmin.dns.dmarc import record as dmarc
from mailadmin.dns.formats import quoted
from mailadmin.dns.network import Page
from mailadmin.dns.spf import record as spf
from mailadmin.dns.subject import Subject
from tests.mailadmin.dns import counting
from tests.mailadmin.dns.cases import SERVER
from tests.mailadmin.dns.partners import Paper
from tests.mailadmin.dns.words import filled

# The standards' examples


@pytest.mark.parametrize(
    ("text", "kind", "bits"),
    [
        # RFC 6376, C; RFC 8463, A.2
        (
            "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB",
            "rsa",
            1024,
        ),
        ("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "ed25519", 256),
        (
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
            "rsa",
            1024,
        ),
    ],
)
def test_dkim_examples(text: str, kind: str, bits: int) -> None:
    found = dkim.parse(text)
    assert (found.kind, found.bits) == (kind, bits)


@pytest.mark.parametrize(
    ("text", "policy", "reports"),
    [
        # RFC 7489, B.2.1 to B.2.4; RFC 9989 keeps them but for pct
        ("v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com", "none", ["dmarc-feedback@example.com"]),
        (
            "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com; ruf=mailto:auth-reports@example.com",
            "none",
            ["dmarc-feedback@example.com"],
        ),
        (
            "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com; ruf=mailto:auth-reports@thirdparty.example.net",
            "none",
            ["dmarc-feedback@example.com"],
        ),
        (
            "v=DMARC1; p=quarantine; rua=mailto:dmarc-feedback@example.com,mailto:tld-test@thirdparty.example.net!10m; pct=25",
            "quarantine",
            ["dmarc-feedback@example.com", "tld-test@thirdparty.example.net"],
        ),
    ],
)
def test_dmarc_examples(text: str, policy: str, reports: list[str]) -> None:
    found = dmarc.parse(text)
    assert dmarc.is_dmarc(text)
    assert found.policy == policy
    assert [dmarc.mailbox(uri) for uri in found.reports] == reports


def test_mta_sts_examples() -> None:
    """RFC 8461, 3.1 and 3.2."""
    assert tags.parse("v=STSv1; id=20160831085700Z;") == {"v": "STSv1", "id": "20160831085700Z"}
    policy = mta_sts.parse_policy(
        b"version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmx: backupmx.example.com\nmax_age: 604800\n"
    )
    assert (policy.mode, policy.max_age) == ("enforce", 604800)
    assert policy.hosts == ("mail.example.com", "*.example.net", "backupmx.example.com")
    assert policy.covers("a.example.net")
    assert not policy.covers("a.b.example.net")


@pytest.mark.parametrize(
    "text",
    ["v=TLSRPTv1;rua=mailto:reports@example.com", "v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt"],
)
def test_tls_rpt_examples(text: str) -> None:
    """RFC 8460, 3.1.1 and 3.1.2."""
    assert tls_rpt.bad_uris(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("v=BIMI1; l=https://image.example.com/bimi/logo/example-bimi.svg;", "bimi.present"),
        ("v=BIMI1; l=; a=;", "bimi.declined"),
    ],
)
def test_bimi_examples(text: str, code: str) -> None:
    """draft-brand-indicators-for-message-identification, 4.3 and 4.4."""
    assert code in bimi_codes(text)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        # RFC 7208, A.1
        ("v=spf1 +all", "all"),
        ("v=spf1 a -all", "a all"),
        ("v=spf1 a:example.org -all", "a all"),
        ("v=spf1 mx mx:example.org -all", "mx mx all"),
        ("v=spf1 mx/30 mx:example.org/30 -all", "mx mx all"),
        ("v=spf1 ptr -all", "ptr all"),
        ("v=spf1 ip4:192.0.2.128/28 -all", "ip4 all"),
        # A.4
        (
            "v=spf1 mx -exists:%{ir}.bl.example.org ?exists:%{ir}.%{l1r-}._spf.%{d2} -all",
            "mx exists exists all",
        ),
        ("v=spf1 redirect=_spf.example.com", ""),
    ],
)
def test_spf_examples(text: str, terms: str) -> None:
    assert " ".join(term.name for term in spf.parse(text).terms) == terms


# No exception


def bimi_codes(text: str, body: bytes = b"") -> set[str]:
    net = Paper({("default._bimi.d.test", "TXT"): [quoted(text)]})
    for url in re.findall(r"https://[^;\s]+", text):
        net.pages[url] = Page(url, 200, {}, body)
    found = suite.judge(suite.CHECKS["bimi"], Subject(name="d.test", server=SERVER), net)
    filled(found)
    return {finding.code for finding in found}


PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=120)


@given(PRINTABLE, st.binary(max_size=200))
def test_any_bimi_record_and_any_picture(text: str, body: bytes) -> None:
    assert bimi_codes(f"v=BIMI1; {text}", body)
    assert bimi_codes(f"v=BIMI1; l=https://x.test/l.svg; {text}", body)
    list(bimi.logo_faults(body))


# Work that grows with the text

MODULES = (spf, dkim, dmarc, mta_sts, tls_rpt, tags, bimi)
EXPRESSIONS = sorted({found for module in MODULES for found in counting.patterns(module)})
ALPHABETS = (
    "a",
    "1",
    ".",
    "-",
    "a.",
    "a-",
    "/",
    "/1",
    " ",
    ";",
    "; ",
    "%{d}",
    "%{",
    "%{d-",
    "=",
    "A1",
    "a@",
    "mx:",
    "\t",
    "*.",
    ",",
    ":",
)
HEADS = ("", ".", "a:.", "v=", "v=spf1 ", "mailto:", "https://a", "%{d", ";", "*.a", "/")
TAILS = ("", "!", "\x7f", ".", "}")
SMALL, TIMES = 20, 4


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda e: e[0][:30])
def test_no_expression_tries_more_than_in_proportion(expression: tuple[str, int]) -> None:
    """Four times the text, at most about four times the steps: a square would be sixteen."""
    pattern, flags = expression
    anchored = not pattern.startswith(("(?:/", ";", "[^", "%"))  # those are searched for
    for head in HEADS:
        for piece in ALPHABETS:
            for tail in TAILS:
                small, large = (
                    counting.steps(pattern, flags, head + piece * n + tail, anchored=anchored)
                    for n in (SMALL, SMALL * TIMES)
                )
                assert large <= small * TIMES * 1.5 + 60, (pattern, head, piece, tail)


def lines_run(work: Callable[[], Any]) -> int:
    """Lines of Python executed; what C does in one line is the expressions above or a plain copy."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except (spf.SyntaxFault, tags.TagFault, dkim.RecordFault, dmarc.RecordFault, mta_sts.PolicyFault):
        pass
    finally:
        sys.settrace(before)
    return count


def picture(body: bytes) -> list[str]:
    return list(bimi.logo_faults(body))


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (spf.parse, lambda n: "v=spf1 " + "a:x.test " * n + "-all"),
        (spf.parse, lambda n: "v=spf1 exists:" + "%{d}." * n + "test"),
        (spf.parse, lambda n: "v=spf1 a:." + "a" * n + "!"),
        (spf.parse, lambda n: "v=spf1 " + "x=y " * n),
        (dkim.parse, lambda n: "v=DKIM1; p=" + "A " * n),
        (dkim.parse, lambda n: "v=DKIM1; h=" + "sha256:" * n + "; p="),
        (dmarc.parse, lambda n: "v=DMARC1; p=none; rua=" + "mailto:a@x.test," * n),
        (dmarc.parse, lambda n: "v=DMARC1; p=none; fo=" + "1:" * n + "1"),
        (tags.parse, lambda n: ";".join(f"t{k}=1" for k in range(n))),
        (tls_rpt.bad_uris, lambda n: "v=TLSRPTv1; rua=" + "mailto:a@x.test," * n),
        (
            mta_sts.parse_policy,
            lambda n: b"version: STSv1\nmode: enforce\nmax_age: 1\n" + b"mx: a.test\n" * n,
        ),
        (
            lambda body: list(bimi.logo_faults(body)),
            lambda n: b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<g/>" * n + b"</svg>",
        ),
    ],
)
def test_no_parser_does_more_than_in_proportion(parse: Any, text: Any) -> None:
    small, large = (lines_run(partial(parse, text(n))) for n in (50, 50 * TIMES))
    assert large <= small * TIMES * 1.2 + 50


def test_the_counter_sees_a_square_and_agrees_with_re() -> None:
    square = r"\.(?:[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*)\Z"
    small, large = (counting.steps(square, 0, "." + "a" * n + "!", anchored=True) for n in (20, 80))
    assert large > 10 * small
    for pattern, flags in EXPRESSIONS:
        for text in ("", "a", "mailto:a@b.test", "v=spf1 ", "*.a.test", "%{d}.x", "/24//64", "id=1;"):
            found = counting.Counter(pattern, flags, text).search(anchored=True)
            assert found is (re.compile(pattern, flags).match(text) is not None), (pattern, text)
