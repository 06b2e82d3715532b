# ruff: noqa: E501  a table reads best with one case a line
"""Registration, routes, set-up of mail programs, logo, domain lists: what is asked over the web, from paper."""

import dataclasses
import hashlib
import json
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mailadmin.dns import bimi, client_checks, client_setup, dnsbl, outside, suite
from mailadmin.dns.finding import Finding
from mailadmin.dns.network import Page
from mailadmin.dns.subject import Subject
from tests.mailadmin.dns.cases import SERVER
from tests.mailadmin.dns.partners import NOW, Paper
from tests.mailadmin.dns.words import filled

HOST = SERVER.host
ABOUT = Subject(
    name="d.test", server=dataclasses.replace(SERVER, rdap="https://rdap.test", rpki="https://rpki.test")
)


def statuses(check, net: Paper, about: Subject = ABOUT) -> dict[str, str]:
    found: list[Finding] = suite.judge(check, about, net)
    filled(found)
    return {finding.code: str(finding.status) for finding in found}


# N6


def registered(days: int, *states: str, moved: bool = False) -> Paper:
    ends = (NOW + timedelta(days=days, hours=1)).isoformat().replace("+00:00", "Z")
    body = {
        "status": list(states),
        "events": [{"eventAction": "registration"}, {"eventAction": "expiration", "eventDate": ends}],
    }
    net = Paper({})
    page = Page("", 200, {}, json.dumps(body).encode())
    net.pages["https://rdap.test/domain/d.test"] = page
    if moved:
        net.pages["https://rdap.test/domain/d.test"] = Page("", 302, {"location": "https://registry.test/d"})
        net.pages["https://registry.test/d"] = page
    return net


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (registered(46), {"registration.good": "pass"}),
        (registered(46, moved=True), {"registration.good": "pass"}),
        (registered(45), {"registration.ends-soon": "warn"}),
        (registered(11), {"registration.ends-soon": "warn"}),
        (registered(10), {"registration.ends": "fail"}),
        (registered(-5), {"registration.ends": "fail"}),
        (registered(400, "client hold"), {"registration.held": "fail", "registration.good": "pass"}),
        (registered(400, "pending delete"), {"registration.held": "fail", "registration.good": "pass"}),
        (registered(400, "client transfer prohibited"), {"registration.good": "pass"}),
        (Paper({}), {"registration.unmeasured": "unknown"}),
    ],
)
def test_the_end_of_the_registration(net: Paper, expected) -> None:
    assert statuses(outside.check_registration, net) == expected


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"events": 7}', b'{"events": [{"eventAction": "expiration", "eventDate": "x"}]}'],
)
def test_a_registry_that_talks_nonsense_is_unknown(body: bytes) -> None:
    net = Paper({})
    net.pages["https://rdap.test/domain/d.test"] = Page("", 200, {}, body)
    assert statuses(outside.check_registration, net) == {"registration.unmeasured": "unknown"}


def test_nobody_is_asked_unless_named() -> None:
    about = dataclasses.replace(ABOUT, server=SERVER)
    assert statuses(outside.check_registration, Paper({}), about) == {"registration.not-asked": "n/a"}
    assert statuses(outside.check_routes, Paper({}), about) == {"routes.not-asked": "n/a"}


# N8


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("valid", {"routes.valid": "pass"}),
        ("unknown", {"routes.none": "info"}),
        ("invalid_asn", {"routes.invalid": "warn"}),
        ("invalid_length", {"routes.invalid": "warn"}),
        ("", {"routes.unmeasured": "unknown"}),
    ],
)
def test_route_origins(state: str, expected) -> None:
    net = Paper({})
    base = "https://rpki.test/data"
    info = {"data": {"prefix": "203.0.113.0/24", "asns": ["64500"]}}
    net.pages[f"{base}/network-info/data.json?resource=203.0.113.10"] = Page(
        "", 200, {}, json.dumps(info).encode()
    )
    url = f"{base}/rpki-validation/data.json?resource=64500&prefix=203.0.113.0/24"
    net.pages[url] = Page("", 200, {}, json.dumps({"data": {"status": state}}).encode())
    assert statuses(outside.check_routes, net) == expected


def test_routes_nobody_knows_are_unknown() -> None:
    assert statuses(outside.check_routes, Paper({})) == {"routes.unmeasured": "unknown"}


# C4, C5, C6

LEADS_HERE = {("autoconfig.d.test", "A"): ["203.0.113.10"], ("autodiscover.d.test", "A"): ["203.0.113.10"]}
CONFIG = "https://autoconfig.d.test/mail/config-v1.1.xml?emailaddress=postmaster%40d.test"
DISCOVER = "https://autodiscover.d.test/autodiscover/autodiscover.xml"
GOOD = client_setup.autoconfig("d.test", HOST).encode()
FOUND = client_setup.autodiscover("postmaster@d.test", HOST).encode()


def clients(records=None, **pages: Page) -> dict[str, str]:
    net = Paper(LEADS_HERE if records is None else records)
    net.pages[CONFIG] = pages.get("config", Page(CONFIG, 200, {}, GOOD))
    net.pages[DISCOVER] = pages.get("discover", Page(DISCOVER, 200, {}, FOUND))
    for key, url in (
        ("clear", CONFIG.replace("https", "http")),
        ("known", "https://d.test/.well-known/autoconfig/mail/config-v1.1.xml"),
        ("next", "https://two.test/"),
        ("last", "https://three.test/"),
    ):
        if key in pages:
            net.pages[url] = pages[key]
    return statuses(client_checks.check_clients, net)


def test_what_postie_serves_is_right() -> None:
    assert clients() == {"autoconfig.good": "pass", "autodiscover.good": "pass"}


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"config": Page("", 200, {}, GOOD.replace(HOST.encode(), b"old.test"))}, "autoconfig.wrong", "fail"),
        ({"config": Page("", 200, {}, GOOD.replace(b"993", b"143"))}, "autoconfig.wrong", "fail"),
        ({"config": Page("", 200, {}, GOOD.replace(b"SSL", b"plain"))}, "autoconfig.wrong", "fail"),
        ({"config": Page("", 200, {}, GOOD.replace(b"%EMAILADDRESS%", b"%EMAILLOCALPART%"))}, "autoconfig.wrong", "fail"),
        ({"config": Page("", 200, {}, b"<clientConfig/>")}, "autoconfig.wrong", "fail"),
        ({"config": Page("", 200, {}, b"<html")}, "autoconfig.invalid", "fail"),
        ({"config": Page("", 200, {}, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')}, "autoconfig.invalid", "fail"),
        ({"config": Page("", 404)}, "autoconfig.broken", "fail"),
        ({"config": Page("", error="certificate", detail="expired")}, "autoconfig.broken", "fail"),
        ({"config": Page("", error="timeout")}, "autoconfig.unmeasured", "unknown"),
        ({"config": Page("", 404), "clear": Page("", 200, {}, GOOD)}, "autoconfig.http", "info"),
        ({"config": Page("", 404), "known": Page("", 200, {}, GOOD)}, "autoconfig.good", "pass"),
        ({"records": {}}, "autoconfig.none", "info"),
        ({"records": {}}, "autodiscover.none", "info"),
        ({"records": {**LEADS_HERE, ("ua-auto-config.d.test", "A"): ["203.0.113.10"]}}, "clients.ua-auto-config", "info"),
        ({"records": {("autodiscover.d.test", "CNAME"): ["autodiscover.outlook.com."]}}, "autodiscover.elsewhere", "fail"),
        ({"records": {("_autodiscover._tcp.d.test", "SRV"): ["0 0 443 x.office365.com."]}}, "autodiscover.elsewhere", "fail"),
        ({"discover": Page("", 200, {}, FOUND.replace(HOST.encode(), b"old.test"))}, "autodiscover.wrong", "fail"),
        ({"discover": Page("", 200, {}, b"<html>hello")}, "autodiscover.broken", "fail"),
        ({"discover": Page("", error="certificate", detail="name")}, "autodiscover.broken", "fail"),
        ({"discover": Page("", error="timeout")}, "autodiscover.unmeasured", "unknown"),
        (
            {"discover": Page("", 302, {"location": "https://two.test/"}), "next": Page("", 200, {}, FOUND)},
            "autodiscover.good",
            "pass",
        ),
        (
            {
                "discover": Page("", 302, {"location": "https://two.test/"}),
                "next": Page("", 302, {"location": "https://three.test/"}),
                "last": Page("", 200, {}, FOUND),
            },
            "autodiscover.redirects",
            "info",
        ),
    ],
)  # fmt: skip
def test_settings_for_mail_programs(change, code: str, status: str) -> None:
    assert clients(**change)[code] == status


# I1, I2

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64">'
    b"<title>Kronos</title><circle cx='32' cy='32' r='30'/></svg>"
)
LOGO = "https://d.test/logo.svg"


def logo(record: str, policy: str = "p=reject", page: Page | None = None, more: str = "") -> dict[str, str]:
    records = {
        ("default._bimi.d.test", "TXT"): [f'"{record}"'],
        ("_dmarc.d.test", "TXT"): [f'"v=DMARC1; {policy}"'],
    }
    if more:
        records["default._bimi.d.test", "TXT"].append(f'"{more}"')
    net = Paper(records)
    net.pages[LOGO] = page or Page(LOGO, 200, {}, SVG)
    return statuses(bimi.check_bimi, net)


@pytest.mark.parametrize(
    ("record", "policy", "code", "status"),
    [
        (f"v=BIMI1; l={LOGO}", "p=reject", "bimi.present", "pass"),
        (f"v=BIMI1; l={LOGO}", "p=reject", "bimi.no-proof", "info"),
        (f"v=BIMI1; l={LOGO}", "p=reject", "bimi.logo", "pass"),
        (f"v=BIMI1; l={LOGO}", "p=quarantine", "bimi.enforced", "pass"),
        (f"v=BIMI1; l={LOGO}", "p=none", "bimi.not-enforced", "fail"),
        (f"v=BIMI1; l={LOGO}", "p=reject; t=y", "bimi.not-enforced", "fail"),
        (f"v=BIMI1; l={LOGO}", "p=reject; sp=none", "bimi.not-enforced", "fail"),
        (f"v=BIMI1; l={LOGO}", "p=reject; pct=50", "bimi.not-enforced", "fail"),
        ("v=BIMI1; l=http://d.test/logo.svg", "p=reject", "bimi.invalid", "fail"),
        ("v=BIMI1; l", "p=reject", "bimi.invalid", "fail"),
        ("v=BIMI1; l=;", "p=reject", "bimi.declined", "info"),
        ("something else", "p=reject", "bimi.none", "info"),
    ],
)
def test_the_logo_record(record: str, policy: str, code: str, status: str) -> None:
    assert logo(record, policy)[code] == status


def test_two_logo_records_fail() -> None:
    assert logo(f"v=BIMI1; l={LOGO}", more="v=BIMI1; l=") == {"bimi.several": "fail"}


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (SVG, ""),
        (SVG.replace(b"1.2", b"1.1"), "tiny-ps"),
        (SVG.replace(b"tiny-ps", b"tiny"), "tiny-ps"),
        (SVG.replace(b"<title>Kronos</title>", b""), "title"),
        (SVG.replace(b"viewBox", b"x='0' viewBox"), "x, y"),
        (SVG.replace(b"64 64", b"64 32"), "viewBox"),
        (SVG.replace(b"</svg>", b"<script/></svg>"), "script"),
        (SVG.replace(b"</svg>", b"<image href='https://x.test/a.png'/></svg>"), "image"),
        (SVG.replace(b"</svg>", b"<use href='https://x.test/a'/></svg>"), "href"),
        (SVG.replace(b"</svg>", b"<use href='#a'/></svg>"), ""),
        (SVG + b" " * 33000, "32 KiB"),
        (b"<html/>", "svg"),
        (b"\x89PNG", "svg"),
    ],
)
def test_the_picture(body: bytes, fault: str) -> None:
    faults = list(bimi.logo_faults(body))
    assert (fault in faults) if fault else not faults


@pytest.mark.parametrize(
    ("page", "code", "status"),
    [
        (Page("", 404), "bimi.logo-away", "fail"),
        (Page("", error="timeout"), "bimi.unmeasured", "unknown"),
        (Page("", 200, {}, SVG.replace(b"Kronos", b"Untitled")), "bimi.title", "info"),
        (Page("", 200, {}, b"<html/>"), "bimi.logo-wrong", "fail"),
    ],
)
def test_the_logo_as_served(page: Page, code: str, status: str) -> None:
    assert logo(f"v=BIMI1; l={LOGO}", page=page)[code] == status


# I3


def mark_certificate(
    *, name: str = "d.test", picture: bytes = SVG, days: int = 300, mark: bool = True
) -> Page:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    logotype = x509.UnrecognizedExtension(
        x509.ObjectIdentifier("1.3.6.1.5.5.7.1.12"), hashlib.sha256(picture).digest()
    )
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(NOW - timedelta(days=400)).not_valid_after(NOW + timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False).add_extension(logotype, False)
    )  # fmt: skip
    if mark:
        builder = builder.add_extension(x509.ExtendedKeyUsage([x509.ObjectIdentifier(bimi.MARK)]), False)
    return Page("", 200, {}, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


@pytest.mark.parametrize(
    ("page", "code", "status"),
    [
        (mark_certificate(), "bimi.proof", "pass"),
        (mark_certificate(days=20), "bimi.proof-ends", "warn"),
        (mark_certificate(days=-2), "bimi.proof-wrong", "fail"),
        (mark_certificate(name="other.test"), "bimi.proof-wrong", "fail"),
        (mark_certificate(picture=b"another"), "bimi.proof-wrong", "fail"),
        (mark_certificate(mark=False), "bimi.proof-wrong", "fail"),
        (Page("", 200, {}, b"no certificate"), "bimi.proof-wrong", "fail"),
        (Page("", error="timeout"), "bimi.unmeasured", "unknown"),
    ],
)
def test_the_mark_certificate(page: Page, code: str, status: str) -> None:
    proof = "https://d.test/mark.pem"
    net = Paper(
        {
            ("default._bimi.d.test", "TXT"): [f'"v=BIMI1; l={LOGO}; a={proof}"'],
            ("_dmarc.d.test", "TXT"): ['"v=DMARC1; p=reject"'],
        }
    )
    net.pages[LOGO], net.pages[proof] = Page(LOGO, 200, {}, SVG), page
    assert statuses(bimi.check_bimi, net)[code] == status


# B6

LIST = dnsbl.DOMAIN_LISTS[:1]
ALIVE = {("dbltest.com.dbl.spamhaus.org", "A"): ["127.0.1.2"]}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (ALIVE, {"dnsbl.domain-clean": "pass"}),
        (ALIVE | {("d.test.dbl.spamhaus.org", "A"): ["127.0.1.2"]}, {"dnsbl.domain": "fail", "dnsbl.domain-clean": "pass"}),
        (ALIVE | {("d.test.dbl.spamhaus.org", "A"): ["127.0.1.255"]}, {"dnsbl.refused": "unknown", "dnsbl.domain-clean": "pass"}),
        ({("dbltest.com.dbl.spamhaus.org", "A"): ["127.255.255.254"]}, {"dnsbl.refused": "unknown"}),
        ({("dbltest.com.dbl.spamhaus.org", "A"): "SERVFAIL"}, {"dnsbl.refused": "unknown"}),
        ({}, {"dnsbl.dead": "unknown"}),
    ],
)  # fmt: skip
def test_domain_lists(answers, expected) -> None:
    assert statuses(lambda about, net: dnsbl.check_domains(about, net, LIST), Paper(answers)) == expected
