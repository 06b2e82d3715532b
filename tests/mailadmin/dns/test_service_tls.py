"""TLS and certificates of a service, against servers that are wrong in one thing each."""

import dataclasses
import hashlib
import socket
import ssl
import struct
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from mailadmin.dns import suite
from mailadmin.dns.finding import Finding
from mailadmin.dns.mta_sts import policy_text, policy_url
from mailadmin.dns.network import Page
from mailadmin.dns.service import certificate, hello, tlsa
from mailadmin.dns.subject import Subject
from tests.mailadmin.dns.cases import SERVER
from tests.mailadmin.dns.partners import NOW
from tests.mailadmin.dns.servers import HOST, Authority, Loopback, Smtp, rsa_key, serve
from tests.mailadmin.dns.words import filled

ABOUT = Subject(name="d.test", server=dataclasses.replace(SERVER, panel="panel.test"))


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def judge(check: str, net: Loopback, about: Subject = ABOUT) -> list[Finding]:
    found = suite.judge(suite.EVERY[check], about, net)
    filled(found)
    return found


def statuses(found: list[Finding]) -> dict[str, str]:
    return {finding.code: str(finding.status) for finding in found}


def on_port(port: int, context: ssl.SSLContext | None, check: str, authority: Authority) -> dict[str, str]:
    """The check against one TLS server on 25 (STARTTLS) or 465 (from the first byte)."""
    with serve(Smtp(context=context, wrapped=port == 465)) as real:
        return statuses(
            judge(check, Loopback(ports={port: real}, authorities=str(authority.file), now=today()))
        )


def today():
    import datetime

    return datetime.datetime.now(datetime.UTC)


# Versions and suites


def test_a_modern_server_passes(authority: Authority) -> None:
    found = on_port(25, authority.context(key=rsa_key(3072))[0], "tls", authority)
    assert found == {
        "tls.version": "pass",
        "tls.suite": "pass",
        "tls.exchange": "pass",
        "tls.key": "pass",
        "tls.signature": "pass",
    }


@pytest.mark.parametrize(("port", "status"), [(25, "warn"), (465, "fail")])
def test_old_versions_and_broken_suites(authority: Authority, port: int, status: str) -> None:
    found = on_port(port, authority.context(old=True, key=rsa_key(2048))[0], "tls", authority)
    assert found["tls.version-old"] == status
    assert found["tls.suite-broken"] == status  # NULL, anonymous, static RSA
    assert found["tls.key-ageing"] == "info"


def test_what_exactly_was_accepted_is_told(authority: Authority) -> None:
    context, _ = authority.context(old=True, key=rsa_key(2048))
    with serve(Smtp(context=context)) as port:
        found = {f.code: f.facts for f in judge("tls", Loopback(ports={25: port}))}
    assert found["tls.version-old"]["versions"] == ["TLS 1.1", "TLS 1.0"]
    assert {"NULL", "static RSA"} <= set(found["tls.suite-broken"]["suites"])


def test_cbc_is_only_noted(authority: Authority) -> None:
    context, _ = authority.context(key=rsa_key(3072), ciphers="ECDHE+AES:@SECLEVEL=0")
    assert on_port(465, context, "tls", authority)["tls.suite-cbc"] == "info"


def test_a_server_with_tls_13_only(authority: Authority) -> None:
    context, _ = authority.context()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    found = on_port(465, context, "tls", authority)
    assert found["tls.version"] == "pass"


@pytest.mark.parametrize(
    ("bits", "code"), [(1024, "tls.key-weak"), (2048, "tls.key-ageing"), (3072, "tls.key")]
)
def test_keys(authority: Authority, bits: int, code: str) -> None:
    assert code in on_port(25, authority.context(key=rsa_key(bits))[0], "tls", authority)


@pytest.mark.parametrize(
    ("kind", "bits", "hashed", "codes"),
    [
        ("RSA", 512, "sha256", {"tls.key-broken": "fail", "tls.signature": "pass"}),
        ("EC", 224, "sha256", {"tls.key-weak": "warn", "tls.signature": "pass"}),
        ("EC", 256, "sha1", {"tls.key": "pass", "tls.signature-broken": "fail"}),
        ("EC", 256, "md5", {"tls.key": "pass", "tls.signature-broken": "fail"}),
        ("EC", 256, "sha224", {"tls.key": "pass", "tls.signature-weak": "warn"}),
        ("Ed25519", 256, "", {"tls.key": "pass", "tls.signature": "pass"}),
    ],
)
def test_keys_no_library_makes_any_more(authority: Authority, kind, bits, hashed, codes) -> None:
    good = certificate.read(authority.context()[1][0])
    assert good is not None
    cert = dataclasses.replace(good, kind=kind, bits=bits, hash=hashed)
    assert statuses(list(certificate.judge_key(cert, "x"))) == codes


# A server that answers with bytes written by hand


def canned(reply: bytes):
    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(reply)

    return talk


def server_hello(
    version=hello.TLS12, suite=0xC02F, *, compression=0, extensions=(0xFF01, 0x0017), hashed=4, prime=0
) -> bytes:
    extra = b"".join(
        struct.pack("!HH", kind, 1 if kind == 0xFF01 else 0) + (b"\0" if kind == 0xFF01 else b"")
        for kind in extensions
    )
    body = struct.pack("!H", version) + b"r" * 32 + b"\0" + struct.pack("!HB", suite, compression)
    body += struct.pack("!H", len(extra)) + extra
    messages = b"\x02" + len(body).to_bytes(3, "big") + body
    if prime:
        numbers = [prime.to_bytes(256, "big"), b"\x02", b"y" * 256]
        exchange = b"".join(struct.pack("!H", len(n)) + n for n in numbers)
    else:
        exchange = b"\x03\x00\x1d\x20" + b"k" * 32
    exchange += bytes([hashed, 1]) + b"\0\4sign"
    messages += b"\x0c" + len(exchange).to_bytes(3, "big") + exchange + b"\x0e\0\0\0"
    return struct.pack("!BHH", 22, version, len(messages)) + messages


@pytest.mark.parametrize(
    ("reply", "code", "status"),
    [
        (server_hello(hello.SSL3, 0x0005), "tls.version-broken", "fail"),
        (b"\x80\x0b\x04\x00\x01\x00\x02\x00\x00\x00\x00\x00\x00", "tls.version-broken", "fail"),
        (server_hello(suite=0x0005), "tls.suite-broken", "fail"),
        (server_hello(suite=0x000A), "tls.suite-broken", "fail"),
        (server_hello(extensions=(0x0017,)), "tls.renegotiation", "fail"),
        (server_hello(extensions=(0xFF01,)), "tls.master-secret", "warn"),
        (server_hello(compression=1), "tls.compression", "fail"),
        (server_hello(hashed=2), "tls.exchange-sha1", "warn"),
        (server_hello(suite=0x009E, prime=2**2047 + 3), "tls.group", "warn"),
        (server_hello(suite=0x009E, prime=hello.ffdhe(2048)), "tls.exchange", "pass"),
        (b"220 this is no TLS\r\n", "tls.unmeasured", "unknown"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "tls.unmeasured", "unknown"),
        (b"", "tls.unmeasured", "unknown"),
    ],
)
def test_answers_no_library_gives_any_more(reply: bytes, code: str, status: str) -> None:
    with serve(canned(reply)) as port:
        found = statuses(judge("tls", Loopback(ports={465: port})))
    assert found[code] == status


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    reader = hello.Reader()
    try:
        for n in range(0, len(data), 7):
            if reader.feed(data[n : n + 7]):
                break
    except hello.HelloFault:
        return
    assert len(reader.messages) <= hello.MOST_BYTES


def test_the_primes_are_those_of_rfc_7919() -> None:
    ends = {2048: "886b423861285c97", 3072: "25e41d2b66c62e37", 4096: "c68a007e5e655f6a"}
    for bits, end in ends.items():
        text = f"{hello.ffdhe(bits):x}"
        assert text.startswith("ffffffffffffffffadf85458a2bb4a9aafdc5620273d3cf1")
        assert text.endswith(end + "f" * 16)


# Trust, names, dates


@pytest.mark.parametrize(
    ("options", "on_25", "on_465"),
    [
        ({}, {"certificate.trusted": "pass"}, {"certificate.trusted": "pass"}),
        ({"alone": True}, {"certificate.self-signed": "info"}, {"certificate.untrusted": "fail"}),
        ({"whole": False}, {"certificate.chain": "warn"}, {"certificate.chain": "fail"}),
        ({"names": ("other.test",)}, {"certificate.name": "warn"}, {"certificate.name": "fail"}),
        ({"days": 30}, {"certificate.dates": "pass"}, {"certificate.dates": "pass"}),
        ({"days": 20}, {"certificate.ends-soon": "warn"}, {"certificate.ends-soon": "warn"}),
        ({"days": 2}, {"certificate.ends": "warn"}, {"certificate.ends": "fail"}),
        ({"days": -2}, {"certificate.ended": "warn"}, {"certificate.ended": "fail"}),
    ],
)
def test_certificates(authority: Authority, options, on_25, on_465) -> None:
    context, _ = authority.context(**options)
    for port, expected in ((25, on_25), (465, on_465)):
        found = on_port(port, context, "certificates", authority)
        assert expected.items() <= found.items()


def test_a_certificate_that_ended_is_critical_for_clients(authority: Authority) -> None:
    context, _ = authority.context(days=-2)
    with serve(Smtp(context=context, wrapped=True)) as port:
        found = judge("certificates", Loopback(ports={465: port}, now=today()))
    assert next(f for f in found if f.code == "certificate.ended").critical


def test_a_port_that_hangs_up_is_unknown() -> None:
    with serve(canned(b"")) as port:
        assert statuses(judge("certificates", Loopback(ports={465: port}))) == {
            "certificate.unmeasured": "unknown"
        }


def test_a_stale_daemon_after_a_renewal(authority: Authority) -> None:
    old, new = authority.context()[0], authority.context()[0]
    with serve(Smtp(context=old)) as smtp, serve(Smtp(context=new, wrapped=True)) as smtps:
        net = Loopback(ports={25: smtp, 465: smtps}, authorities=str(authority.file))
        assert statuses(judge("certificates", net))["certificate.differs"] == "warn"
    with serve(Smtp(context=new)) as smtp, serve(Smtp(context=new, wrapped=True)) as smtps:
        net = Loopback(ports={25: smtp, 465: smtps}, authorities=str(authority.file))
        assert statuses(judge("certificates", net))["certificate.same"] == "pass"


def test_names_that_lead_here_should_be_in_the_certificate(authority: Authority) -> None:
    records = {("mail.d.test", "A"): ["203.0.113.10"]}
    for names, code in (((HOST,), "certificate.names"), ((HOST, "*.d.test"), "certificate.covers")):
        context, _ = authority.context(names=names)
        with serve(Smtp(context=context, wrapped=True)) as port:
            found = statuses(judge("certificate-names", Loopback(records, ports={993: port})))
            server = statuses(judge("certificates", Loopback(records, ports={993: port})))
        assert found == {code: "warn" if code.endswith("names") else "pass"}
        assert "certificate.covers" in server
    assert statuses(judge("certificate-names", Loopback(records, ports={}))) == {
        "certificate.unmeasured": "unknown"
    }
    assert judge("certificate-names", Loopback({}, ports={})) == []


# MTA-STS


@pytest.mark.parametrize(
    ("mode", "options", "expected"),
    [
        ("enforce", {}, {"sts.mx-certificate": "pass"}),
        ("enforce", {"alone": True}, {"sts.mx-untrusted": "fail"}),
        ("testing", {"alone": True}, {"sts.mx-untrusted": "warn"}),
        ("testing", {"names": ("other.test",)}, {"sts.mx-untrusted": "warn"}),
        ("none", {"alone": True}, {}),
    ],
)
def test_what_the_policy_asks_of_the_mx(authority: Authority, mode: str, options, expected) -> None:
    context, _ = authority.context(**options)
    with serve(Smtp(context=context)) as port:
        net = Loopback(
            {("_mta-sts.d.test", "TXT"): ['"v=STSv1; id=1;"']},
            ports={25: port},
            authorities=str(authority.file),
        )
        url = policy_url("d.test")
        net.pages[url] = Page(url, 200, {}, policy_text([HOST], mode).encode())
        assert statuses(judge("mx-certificates", net)) == expected


def test_an_mx_that_does_not_answer_is_unknown() -> None:
    net = Loopback({("_mta-sts.d.test", "TXT"): ['"v=STSv1; id=1;"']}, ports={})
    url = policy_url("d.test")
    net.pages[url] = Page(url, 200, {}, policy_text([HOST], "enforce").encode())
    assert statuses(judge("mx-certificates", net)) == {"sts.mx-unmeasured": "unknown"}


# DANE


def tlsa_findings(context, records: list[str], about: Subject = ABOUT, now=None, ttl=300) -> list[Finding]:
    with serve(Smtp(context=context)) as port:
        net = Loopback({(f"_25._tcp.{HOST}", "TLSA"): records}, ports={25: port}, now=now or today())
        return judge("tlsa", net, about)


def read(der: bytes) -> certificate.Certificate:
    found = certificate.read(der)
    assert found is not None
    return found


STALE = f"3 1 1 {'ab' * 32}"


def test_tlsa_records_that_fit(authority: Authority) -> None:
    context, chain = authority.context()
    spki = read(chain[0]).spki
    for record in (
        f"3 1 1 {hashlib.sha256(spki).hexdigest()}",
        f"3 1 2 {hashlib.sha512(spki).hexdigest()}",
        f"3 0 1 {hashlib.sha256(chain[0]).hexdigest()}",
        f"3 1 0 {spki.hex()}",
        f"2 0 1 {hashlib.sha256(chain[1]).hexdigest()}",
        tlsa.record_for(chain[0]),
    ):
        assert statuses(tlsa_findings(context, [record]))["tlsa.fits"] == "pass"


def test_a_tlsa_record_that_fits_nothing_is_critical(authority: Authority) -> None:
    context, chain = authority.context()
    found = tlsa_findings(context, [STALE])
    misfit = next(f for f in found if f.code == "tlsa.misfit")
    assert misfit.critical
    assert tlsa.record_for(chain[0]) in misfit.facts["record"]


def test_a_stale_record_beside_a_good_one_is_only_noted(authority: Authority) -> None:
    context, chain = authority.context()
    assert statuses(tlsa_findings(context, [STALE, tlsa.record_for(chain[0])]))["tlsa.extra"] == "info"


def test_each_kind_of_certificate_needs_a_record(authority: Authority) -> None:
    """A server with an RSA and an ECDSA certificate: senders may meet either."""
    key = rsa_key(2048)
    context, ec_chain = authority.context()
    _, rsa_chain = authority.context(key=key)
    serial = read(rsa_chain[0]).serial
    context.load_cert_chain(authority.folder / f"{serial}.pem")
    found = tlsa_findings(context, [tlsa.record_for(ec_chain[0])])
    assert {f.on: str(f.status) for f in found if f.code.startswith(("tlsa.fits", "tlsa.misfit"))} == {
        f"{HOST} EC": "pass",
        f"{HOST} RSA": "fail",
    }
    both = [tlsa.record_for(ec_chain[0]), tlsa.record_for(rsa_chain[0])]
    assert statuses(tlsa_findings(context, both))["tlsa.fits"] == "pass"


def test_usage_2_needs_the_authority_in_the_chain(authority: Authority) -> None:
    context, _ = authority.context(whole=False)
    _, chain = authority.context()
    record = f"2 0 1 {hashlib.sha256(chain[1]).hexdigest()}"
    assert statuses(tlsa_findings(context, [record]))["tlsa.authority-absent"] == "fail"
    context, chain = authority.context(names=("other.test",))
    assert statuses(tlsa_findings(context, [record]))["tlsa.authority-name"] == "fail"
    context, chain = authority.context()
    assert statuses(tlsa_findings(context, [record]))["tlsa.authority"] == "pass"


@pytest.mark.parametrize(("days", "code", "status"), [(60, "tlsa.time", "pass"), (10, "tlsa.one", "warn")])
def test_one_record_shortly_before_the_end(authority: Authority, days, code, status) -> None:
    context, chain = authority.context(days=days)
    assert statuses(tlsa_findings(context, [tlsa.record_for(chain[0])]))[code] == status


def test_the_next_key_stands_in_the_dns_before_it_is_used(authority: Authority) -> None:
    context, chain = authority.context(days=30)
    fresh, shown = authority.context(days=31)
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    about = dataclasses.replace(ABOUT, server=dataclasses.replace(ABOUT.server, next_key=spki))
    good, coming = tlsa.record_for(chain[0]), f"3 1 1 {hashlib.sha256(spki).hexdigest()}"
    assert next(f for f in tlsa_findings(context, [good], about) if f.code == "tlsa.next-missing").critical
    early_days = tlsa_findings(fresh, [tlsa.record_for(shown[0])], about)
    assert statuses(early_days)["tlsa.next-missing"] == "warn"
    early = next(f for f in tlsa_findings(context, [good, coming], about) if f.code == "tlsa.next-early")
    memory = {name: (today() - timedelta(hours=1)).isoformat() for name in early.facts["remember"]}
    later = dataclasses.replace(about, memory=memory)
    assert statuses(tlsa_findings(context, [good, coming], later))["tlsa.next"] == "pass"
    assert statuses(tlsa_findings(context, [good, coming]))["tlsa.next-unknown"] == "n/a"


def test_a_server_that_hides_is_unknown() -> None:
    net = Loopback({(f"_25._tcp.{HOST}", "TLSA"): [STALE]}, ports={}, now=NOW)
    assert statuses(judge("tlsa", net)) == {"tlsa.unmeasured": "unknown"}
