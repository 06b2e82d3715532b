"""The service checks against the bundled Postfix and Dovecot: a sound server gets no false alarm."""

import dataclasses
import socket

import pytest

from mailadmin.dns import suite
from mailadmin.dns.finding import Finding, Status
from mailadmin.dns.letter import Letter, check_letter
from mailadmin.dns.network import Unreachable
from mailadmin.dns.subject import Subject
from tests.mailadmin.dns.cases import SERVER
from tests.mailadmin.dns.servers import OURS, Loopback
from tests.mailadmin.dns.test_service_tls import today
from tests.mailadmin.dns.words import filled
from tests.mailserver.outside import letter, proxy_header
from tests.stack import PASSWORD, Stack, eventually

HOST = "mail.kronos.test"
DNS = {
    (HOST, "A"): [OURS],
    ("kronos.test", "MX"): [f"10 {HOST}."],
    ("_dmarc.kronos.test", "TXT"): ['"v=DMARC1; p=reject"'],
}


class AsStranger(Loopback):
    """As seen from TEST-NET, through the PROXY twins of the bundled server."""

    def __init__(self, stack: Stack, *, stranger: bool = True) -> None:
        ports = {
            25: stack.ports["smtp_proxy"],
            465: stack.ports["submissions"],
            587: stack.ports["submission"],
            993: stack.ports["imaps"],
            143: stack.ports["imap_proxy"],
            4190: stack.ports["sieve_proxy"],
        }
        certificate = str(stack.root / "tls/mail.crt")
        super().__init__(DNS, ports=ports, authorities=certificate, stranger=stranger, now=today())

    def connect(self, ip: str, port: int) -> socket.socket:
        connection = super().connect(ip, port)
        if port in (25, 143, 4190):
            try:
                connection.sendall(proxy_header("198.51.100.77"))
            except OSError:
                raise Unreachable("closed") from None
        return connection


@pytest.fixture(scope="module")
def about(stack: Stack) -> Subject:
    address, password = stack.create_mailbox("canary")
    stack.create_alias("postmaster@kronos.test", [address])
    stack.create_alias("abuse@kronos.test", [address])
    server = dataclasses.replace(
        SERVER, host=HOST, panel="panel.test", canary=address, canary_password=password
    )
    assert password == PASSWORD
    return Subject(name="kronos.test", server=server)


def judge(check: str, about: Subject, stack: Stack) -> list[Finding]:
    found = suite.judge(suite.EVERY[check], about, AsStranger(stack))
    filled(found)
    return found


@pytest.mark.parametrize("check", ["smtp", "ports", "tls", "relay", "anonymous", "login", "recipients"])
def test_the_bundled_server_passes(check: str, about: Subject, stack: Stack) -> None:
    found = judge(check, about, stack)
    assert found
    bad = [f for f in found if f.status in (Status.WARN, Status.FAIL, Status.UNKNOWN)]
    bad = [f for f in bad if f.code != "login.slow"]  # after a refused sign-in Dovecot is slow on purpose
    assert not bad


def test_its_certificate_is_one_everywhere(about: Subject, stack: Stack) -> None:
    found = {f.code: f.status for f in judge("certificates", about, stack)}
    assert found["certificate.same"] is Status.PASS
    assert found["certificate.trusted"] is Status.PASS
    assert found["certificate.dates"] is Status.PASS
    assert not [code for code, status in found.items() if status in (Status.WARN, Status.FAIL)]


def test_it_is_no_relay_for_a_stranger(about: Subject, stack: Stack) -> None:
    assert [(f.code, f.facts["count"]) for f in judge("relay", about, stack)] == [("smtp.no-relay", 6)]


def test_nobody_else_signs_in(about: Subject, stack: Stack) -> None:
    wrong = dataclasses.replace(about, server=dataclasses.replace(about.server, canary_password="wrong"))
    found = judge("login", wrong, stack)
    assert {(f.code, f.critical) for f in found} == {("login.refused", True)}


def test_a_stopped_service_is_seen(about: Subject, stack: Stack) -> None:
    net = AsStranger(stack)
    net.doors = dataclasses.replace(net.doors, ports={**net.doors.ports, 25: 1, 993: 1})
    found = suite.judge(suite.EVERY["smtp"], about, net) + suite.judge(suite.EVERY["ports"], about, net)
    assert {"smtp.closed", "service.closed"} <= {f.code for f in found}


def test_a_letter_of_the_bundled_server_proves_itself(about: Subject, stack: Stack) -> None:
    """D12, A10: signed by Rspamd with the key of the API, delivered, fetched and judged as from outside."""
    name = "proof.test"
    stack.create_domain(name)
    stack.api.put(f"domains/{name}/dkim")
    key = stack.api.get(f"domains/{name}/dkim").json()
    ana, password = stack.create_mailbox("ana", name)
    text = f'"v=DKIM1; k=rsa; p={key["public"][:200]}" "{key["public"][200:]}"'
    net = Loopback(
        {
            (f"{key['selector']}._domainkey.{name}", "TXT"): [text],
            (f"_dmarc.{name}", "TXT"): ['"v=DMARC1; p=reject; adkim=s; aspf=s"'],
        },
        ports={},
    )

    def judged() -> dict[str, Status]:
        stack.send(letter(ana, ana), ana, [ana], password)
        raw = eventually(lambda: stack.messages(ana))[-1]
        subject = dataclasses.replace(about, name=name)
        found = suite.judge(lambda s, n: check_letter(s, Letter(raw, ana, 1), n), subject, net)
        filled(found)
        return {finding.code: finding.status for finding in found}

    proven = eventually(lambda: found if "letter.signature" in (found := judged()) else None)
    assert proven is not None
    assert proven["letter.aligned"] is Status.PASS
    assert not [code for code, status in proven.items() if status in (Status.WARN, Status.FAIL)]
