# ruff: noqa: E501  a table reads best with one case a line
"""A letter that really arrived: signature, alignment, what the receiver wrote down."""

import base64
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization

from mailadmin import connections
from mailadmin.dns import suite
from mailadmin.dns.letter import Letter, check_letter
from mailadmin.dns.subject import Subject
from mailadmin.services import dns_echo, dns_letters
from tests.mailadmin.dns.cases import SERVER
from tests.mailadmin.dns.partners import Paper
from tests.mailadmin.dns.servers import rsa_key
from tests.mailadmin.dns.words import filled
from tests.stack import Stack

KEY = rsa_key(2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
DER = KEY.public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)
P = base64.b64encode(DER).decode()
TEXT = f'"v=DKIM1; k=rsa; p={P[:200]}" "{P[200:]}"'
ABOUT = Subject(name="d.test", server=SERVER)
PLAIN = b"From: Canary <c@d.test>\r\nTo: c@d.test\r\nSubject: test\r\nMessage-ID: <1@d.test>\r\n\r\nhello\r\n"
HOP = b"Received: from a.test by b.test with ESMTPS id 1; Mon, 1 Jun 2026 12:00:00 +0000\r\n"


def signed(raw: bytes = PLAIN, domain: bytes = b"d.test", extra: bytes = b"to", **options) -> bytes:
    headers = [b"from", extra, b"subject"]
    return bytes(dkim.sign(raw, b"s", domain, PEM, include_headers=headers, **options)) + raw


def judged(letter: Letter, policy: str = "p=reject", **records) -> dict[str, str]:
    net = Paper(
        {
            ("s._domainkey.d.test", "TXT"): [TEXT],
            ("s._domainkey.other.test", "TXT"): [TEXT],
            ("s._domainkey.news.d.test", "TXT"): [TEXT],
            ("_dmarc.d.test", "TXT"): [f'"v=DMARC1; {policy}"'],
        }
        | records.get("dns", {})
    )
    found = suite.judge(lambda about, network: check_letter(about, letter, network), ABOUT, net)
    filled(found)
    return {finding.code: str(finding.status) for finding in found}


def sent(
    raw: bytes, sender: str = "c@d.test", seconds: float | None = 3, *, external: bool = False
) -> Letter:
    return Letter(raw, sender, seconds, external)


def test_a_good_letter() -> None:
    assert judged(sent(HOP + signed())) == {
        "letter.signature": "pass",
        "letter.aligned": "pass",
        "letter.quick": "pass",
        "letter.encrypted": "pass",
    }


SIMPLE: dict[str, Any] = {"canonicalize": (b"simple", b"simple")}
RESULTS = (
    b"Authentication-Results: mx.test; spf=%s smtp.mailfrom=d.test; dkim=pass header.d=d.test; dmarc=pass\r\n"
)


@pytest.mark.parametrize(
    ("letter", "policy", "code", "status"),
    [
        (sent(PLAIN), "p=reject", "letter.unsigned", "fail"),
        (sent(signed().replace(b"hello", b"hallo")), "p=reject", "letter.signature-bad", "fail"),
        (sent(signed(length=True)), "p=reject", "letter.signature-limited", "warn"),
        (sent(signed(**SIMPLE)), "p=reject", "letter.signature-simple", "info"),
        (sent(signed(PLAIN, extra=b"from")), "p=reject", "letter.oversigned", "info"),
        (sent(signed(domain=b"other.test"), "x@other.test"), "p=reject", "letter.unaligned", "fail"),
        (sent(signed(domain=b"other.test"), "x@other.test"), "p=none", "letter.unaligned-watched", "warn"),
        (sent(signed(domain=b"other.test")), "p=reject", "letter.half-aligned", "info"),
        (sent(signed(), "bounce@other.test"), "p=reject", "letter.half-aligned", "info"),
        (sent(signed(domain=b"news.d.test"), "b@news.d.test"), "p=reject", "letter.aligned", "pass"),
        (sent(signed(domain=b"news.d.test"), "b@news.d.test"), "p=reject; adkim=s; aspf=s", "letter.unaligned", "fail"),
        (sent(signed(domain=b"news.d.test"), "b@news.d.test"), "p=reject; adkim=s", "letter.half-aligned", "info"),
        (sent(b"", seconds=None), "p=reject", "letter.lost", "fail"),
        (sent(signed(), seconds=90), "p=reject", "letter.slow", "warn"),
        (sent(HOP.replace(b"ESMTPS", b"ESMTP") + signed()), "p=reject", "letter.clear", "warn"),
        (sent(b"X-Spam: Yes\r\n" + signed()), "p=reject", "letter.spam", "warn"),
        (sent(RESULTS % b"pass" + signed(), external=True), "p=reject", "letter.judged", "pass"),
        (sent(RESULTS % b"fail" + signed(), external=True), "p=reject", "letter.judged-bad", "fail"),
        (sent(signed(), external=True), "p=reject", "letter.judged-partly", "warn"),
    ],
)  # fmt: skip
def test_letters(letter: Letter, policy: str, code: str, status: str) -> None:
    assert judged(letter, policy)[code] == status


def test_a_key_that_cannot_be_asked_for_is_unknown() -> None:
    found = judged(sent(signed()), dns={("s._domainkey.d.test", "TXT"): "SERVFAIL"})
    assert found == {"letter.unmeasured": "unknown"}


def test_two_keys_at_one_name_break_the_signature() -> None:
    found = judged(sent(signed()), dns={("s._domainkey.d.test", "TXT"): [TEXT, TEXT.replace("k=rsa; ", "")]})
    assert found["letter.signature-bad"] == "fail"


def test_the_last_letter_stands_in_the_domains_report(settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    net = Paper({("s._domainkey.d.test", "TXT"): [TEXT]})
    dns_letters.arrived("c@d.test", signed(), 2.0, net)
    found = {finding.code for check, finding in dns_letters.findings("d.test") if check == "letter"}
    assert {"letter.signature", "letter.aligned", "letter.quick"} <= found
    assert dns_letters.findings("e.test") == []


def test_only_the_last_receivers_judgement_counts() -> None:
    """RFC 8601, 5: whoever wrote further down may have been anybody."""
    forged = b"Authentication-Results: evil.test; spf=fail; dkim=fail; dmarc=fail\r\n"
    one = b"Authentication-Results: mx.test;\r\n spf=pass smtp.mailfrom=d.test\r\n"
    two = b"Authentication-Results: MX.test; dkim=pass; dmarc=pass\r\n"
    assert judged(sent(one + two + forged + signed(), external=True))["letter.judged"] == "pass"
    assert judged(sent(forged + one + two + signed(), external=True))["letter.judged-bad"] == "fail"


def test_g3_a_letter_goes_out_and_is_read_where_it_came(
    stack: Stack, postie_settings, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Submission, delivery, IMAP at the other end; then a mailbox that cannot be read, and one that gets nothing."""
    postie_settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    monkeypatch.setattr(connections, "network", lambda: Paper({}))
    echo, password = stack.create_mailbox("echo")
    postie_settings.CANARY_MAILBOX = f"flies@{stack.domain}"
    postie_settings.ECHO_ADDRESS, postie_settings.ECHO_PASSWORD = echo, password
    assert dns_echo.is_wanted()
    found = dns_echo.fly(connections.poste(), 60)
    assert {f.on for f in found} == {"outside"}
    assert {"letter.quick", "letter.slow"} & {f.code for f in found}
    assert {"letter.judged", "letter.judged-partly", "letter.judged-bad", "letter.unmeasured"} & {
        f.code for f in found
    }
    assert stack.messages(echo) == []  # taken away again
    filled(found)
    kept = [finding for _check, finding in dns_letters.findings(stack.domain)]
    assert [(f.key, f.status) for f in kept] == [(f.key, f.status) for f in found]
    assert all(f.asked for f in kept)
    postie_settings.ECHO_PASSWORD = "wrong"
    assert [(f.code, str(f.status)) for f in dns_echo.fly(connections.poste(), 1)] == [
        ("letter.echo-unmeasured", "unknown")
    ]
    other, password = stack.create_mailbox("elsewhere")
    postie_settings.ECHO_ADDRESS = stack.create_alias(f"lost@{stack.domain}", [other])
    postie_settings.ECHO_PASSWORD = password
    assert [f.code for f in dns_echo.fly(connections.poste(), 1)] in (
        ["letter.lost"],
        ["letter.echo-unmeasured"],
    )
