"""Age and name of the network (B8), complaints (G1), trust in a signed profile (C7): local partners."""

import dataclasses
import datetime
import json
import plistlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from mailadmin.dns import dnsbl, outside, profile, suite
from mailadmin.dns.finding import Finding
from mailadmin.dns.network import Page
from mailadmin.dns.subject import Subject
from mailadmin.dns.web import Asking, Web
from mailadmin.services import dns_probes
from tests.mailadmin.dns.cases import SERVER
from tests.mailadmin.dns.partners import NOW, Paper
from tests.mailadmin.dns.words import filled


def statuses(check: str, net: Paper, **server: Any) -> dict[str, str]:
    about = Subject(name="d.test", server=dataclasses.replace(SERVER, **server))
    found: list[Finding] = suite.judge(suite.EVERY[check], about, net)
    filled(found)
    return {finding.code: str(finding.status) for finding in found}


# B8: the whole network


def whole(*listed: str) -> dict[tuple[str, str], list[str] | str]:
    zone = dnsbl.WHOLE.zone
    return {(f"{'.'.join(reversed(ip.split('.')))}.{zone}", "A"): ["127.0.0.2"] for ip in listed}


@pytest.mark.parametrize(
    ("records", "code", "status"),
    [
        (whole("127.0.0.2"), "dnsbl.asn", "pass"),
        (whole("127.0.0.2", "203.0.113.10"), "dnsbl.asn-listed", "warn"),
        (whole(), "dnsbl.asn-unmeasured", "unknown"),
        (whole("127.0.0.2", "127.0.0.1", "203.0.113.10"), "dnsbl.asn-unmeasured", "unknown"),
        (
            whole("127.0.0.2") | {(f"10.113.0.203.{dnsbl.WHOLE.zone}", "A"): ["127.255.255.254"]},
            "dnsbl.asn-unmeasured",
            "unknown",
        ),
        (
            whole("127.0.0.2") | {(f"10.113.0.203.{dnsbl.WHOLE.zone}", "A"): "SERVFAIL"},
            "dnsbl.asn-unmeasured",
            "unknown",
        ),
    ],
)
def test_b8_the_whole_network(records: Any, code: str, status: str) -> None:
    assert statuses("neighbours", Paper(records))[code] == status


@pytest.mark.parametrize(
    ("told", "code", "status"),
    [
        ({"time": (NOW - datetime.timedelta(days=91)).isoformat()}, "network.age", "pass"),
        ({"time": (NOW - datetime.timedelta(days=89)).isoformat()}, "network.young", "info"),
        ({"time": "2001-01-01T00:00:00"}, "network.age", "pass"),
        ({"time": "long ago"}, "network.unmeasured", "unknown"),
        ({}, "network.unmeasured", "unknown"),
        (None, "network.unmeasured", "unknown"),
        ([], "network.unmeasured", "unknown"),
    ],
)
def test_b8_the_age_of_the_network(told: Any, code: str, status: str) -> None:
    net = Paper({})
    for ip in ("203.0.113.10", "2001%3Adb8%3A%3A10"):
        url = f"https://rpki.test/data/routing-status/data.json?resource={ip}"
        net.pages[url] = Page(url, 200, {}, json.dumps({"data": {"first_seen": told}}).encode())
    assert set(statuses("network-age", net, rpki="https://rpki.test").items()) == {(code, status)}


# G1: complaints


@contextmanager
def gmail(days: Any, *, refuses: bool = False) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Postmaster Tools and its token server, over HTTP; gives the address and what was asked."""
    heard: list[tuple[str, str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is its base's
            """Quiet."""

        def say(self, status: int, told: Any) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.append(("POST", self.path, body))
            self.say(
                *((400, {"error": "invalid_grant"}) if refuses else (200, {"access_token": "ya29.token"}))
            )

        def do_GET(self) -> None:
            heard.append(("GET", self.path, self.headers.get("Authorization", "")))
            self.say(200, days)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()


class Online(Paper):
    def fetch(self, url: str, *, post=None, host_address="", headers=None, patience=0.0) -> Page:
        return Web().fetch(url, self, Asking(post, "127.0.0.1", headers or {}, patience))


def complaints(days: Any, **more: Any) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    with gmail(days, **more) as (url, heard):
        told = {"client_id": "c", "client_secret": "s&s", "refresh_token": "r", "token_uri": f"{url}/token"}
        return statuses("complaints", Online({}), complaints=url, complaints_key=json.dumps(told)), heard


def rated(*rates: Any) -> dict[str, Any]:
    return {"trafficStats": [{"name": "x", "userReportedSpamRatio": rate} for rate in rates]}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (rated(0, 0.0009), {"complaints.few": "pass"}),
        (rated(0.001, 0), {"complaints.some": "warn"}),
        (rated(0.0029), {"complaints.some": "warn"}),
        (rated(0.003), {"complaints.many": "fail"}),
        (rated("x", -1, 7, None, True), {"complaints.unmeasured": "unknown"}),
        ({"trafficStats": [{"name": "no mail that day"}]}, {"complaints.unmeasured": "unknown"}),
        ({}, {"complaints.unmeasured": "unknown"}),
        ([], {"complaints.unmeasured": "unknown"}),
    ],
)
def test_g1_what_gmails_readers_say(days: Any, expected: dict[str, str]) -> None:
    found, heard = complaints(days)
    assert found == expected
    assert heard[0] == (
        "POST",
        "/token",
        "grant_type=refresh_token&client_id=c&client_secret=s%26s&refresh_token=r",
    )
    assert heard[1][1].startswith("/v1/domains/d.test/trafficStats?")
    assert heard[1][2] == "Bearer ya29.token"
    assert "ya29" not in heard[1][1]


def test_g1_a_refused_key_is_unknown() -> None:
    assert complaints({}, refuses=True)[0] == {"complaints.unmeasured": "unknown"}
    for key in ("{", "[]", "{}", '{"client_id": 1}'):
        found = statuses("complaints", Paper({}), complaints="https://p.test", complaints_key=key)
        assert found == {"complaints.unmeasured": "unknown"}


def test_nobody_is_asked_unless_named(settings: Any, tmp_path: Path) -> None:
    assert statuses("complaints", Paper({})) == {"complaints.not-asked": "n/a"}
    assert statuses("network-age", Paper({})) == {"network.not-asked": "n/a"}
    assert not {"complaints", "network-age"} & set(dns_probes.outside())
    key = tmp_path / "key.json"
    key.write_text('{"refresh_token": "very-secret"}')
    settings.POSTMASTER_TOOLS_KEY = str(key)
    assert "complaints" in dns_probes.outside()
    assert dns_probes.server().complaints_key == '{"refresh_token": "very-secret"}'
    assert "very-secret" not in repr(dns_probes.server())
    settings.POSTMASTER_TOOLS_KEY = str(tmp_path / "none.json")
    assert dns_probes.server().complaints_key == ""


# C7: who signed the profile


class Issuer:
    """A root and a certificate of a web server below it, as RFC 5280 wants them."""

    def __init__(self) -> None:
        self.root_key, self.key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.root = self._make("Root", self.root_key, self.root_key, ca=True)

    def leaf(self, *, ended: bool = False) -> x509.Certificate:
        return self._make("mail.test", self.key, self.root_key, ca=False, ended=ended)

    def _make(self, name: str, key: Any, signer: Any, *, ca: bool, ended: bool = False) -> x509.Certificate:
        subject, root = (
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (name, "Root")
        )
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "encipher_only", "decipher_only"), False,
        )  # fmt: skip
        ends = NOW - datetime.timedelta(1) if ended else NOW + datetime.timedelta(90)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject).issuer_name(root).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - datetime.timedelta(30)).not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca, None), True)
            .add_extension(
                x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, **usage), True
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root_key.public_key()), False
            )
        )  # fmt: skip
        if not ca:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
            made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        return made.sign(signer, hashes.SHA256())


class Trusting(Paper):
    path = ""

    @property
    def authorities(self) -> str:
        return self.path


@pytest.mark.parametrize(
    ("ended", "known", "code", "status"),
    [
        (False, True, "profile.signed", "pass"),
        (False, False, "profile.untrusted", "warn"),
        (True, True, "profile.untrusted", "warn"),
    ],
)
def test_c7_who_signed_it(ended: bool, known: bool, code: str, status: str, tmp_path: Path) -> None:
    issuer = Issuer()
    body = plistlib.dumps({"PayloadContent": [], "PayloadIdentifier": "test.d"})
    builder = pkcs7.PKCS7SignatureBuilder().set_data(body)
    builder = builder.add_signer(issuer.leaf(ended=ended), issuer.key, hashes.SHA256())
    signed = builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    net = Trusting({})
    pem = tmp_path / "root.pem"
    pem.write_bytes((issuer if known else Issuer()).root.public_bytes(serialization.Encoding.PEM))
    net.path = str(pem)
    net.pages["https://mail.test/d.test.mobileconfig"] = Page("", 200, {}, signed)
    assert statuses("profile", net, profile="https://mail.test/%s.mobileconfig")[code] == status


@given(st.binary(max_size=300))
def test_c7_anything_may_come_instead_of_a_signature(body: bytes) -> None:
    assert isinstance(profile.certificates(body), list)
    assert outside._moment(body.decode("latin-1")) is None or body
