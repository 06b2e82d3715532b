"""Ports, greetings, strangers and sign-in, against small servers that answer wrongly on purpose."""

import dataclasses
import socket

import pytest

from mailadmin.dns import suite
from mailadmin.dns.finding import Finding, Status
from mailadmin.dns.network import Unreachable
from mailadmin.dns.service import dialogue
from mailadmin.dns.subject import Subject
from tests.mailadmin.dns.cases import SERVER
from tests.mailadmin.dns.servers import EHLO, HOST, OURS, Authority, Imap, Loopback, Smtp, serve
from tests.mailadmin.dns.words import filled

ABOUT = Subject(name="d.test", server=dataclasses.replace(SERVER, panel="panel.test"))
CANARY = dataclasses.replace(
    ABOUT, server=dataclasses.replace(ABOUT.server, canary="c@d.test", canary_password='p"w\\d')
)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def judged(check: str, net: Loopback, about: Subject = ABOUT) -> dict[str, Finding]:
    found = suite.judge(suite.EVERY[check], about, net)
    filled(found)
    return {finding.code: finding for finding in found}


def statuses(found: dict[str, Finding]) -> dict[str, str]:
    return {code: str(finding.status) for code, finding in found.items()}


def asked(check: str, server: Smtp, about: Subject = ABOUT, *, stranger: bool = True, **records):
    with serve(server) as port:
        return judged(check, Loopback(records.get("records"), ports={25: port}, stranger=stranger), about)


def test_a_sound_server_passes_everything() -> None:
    found = statuses(asked("smtp", Smtp()))
    assert found == {
        "smtp.open": "pass",
        "smtp.name": "pass",
        "smtp.extensions": "pass",
        "service.no-clear-sign-in": "pass",
        "smtp.silent": "pass",
    }


@pytest.mark.parametrize(
    ("server", "code", "status"),
    [
        (Smtp(greeting="220 other.test ESMTP"), "smtp.name-other", "warn"),
        (Smtp(name="other.test"), "smtp.name-other", "warn"),
        (Smtp(greeting="220 localhost ESMTP"), "smtp.name-bad", "fail"),
        (Smtp(name="mail"), "smtp.name-bad", "fail"),
        (Smtp(greeting=f"220 {HOST} ESMTP Exim 4.94.2"), "smtp.version-shown", "info"),
        (Smtp(ehlo=EHLO[1:]), "smtp.no-starttls", "fail"),
        (Smtp(ehlo=("STARTTLS", "PIPELINING")), "smtp.extensions-missing", "info"),
        (Smtp(ehlo=(*EHLO, "AUTH PLAIN LOGIN")), "service.clear-sign-in", "fail"),
        (Smtp(answers={"VRFY": "250 root <root@d.test>"}), "smtp.tells-users", "warn"),
        (Smtp(answers={"EXPN": "250 list"}), "smtp.tells-users", "warn"),
        (Smtp(greeting="421 too many connections"), "smtp.unmeasured", "unknown"),
        (Smtp(greeting="450 4.7.1 wait"), "smtp.unmeasured", "unknown"),
        (Smtp(greeting="554 go away"), "smtp.closed", "fail"),
        (Smtp(greeting="hello there"), "smtp.closed", "fail"),
        (Smtp(answers={"EHLO": "421 busy"}), "smtp.unmeasured", "unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_port_25(server: Smtp, code: str, status: str) -> None:
    assert statuses(asked("smtp", server))[code] == status


def test_a_closed_port_is_critical() -> None:
    assert judged("smtp", Loopback(ports={}))["smtp.closed"].critical


def test_a_server_that_says_nothing_is_critical_and_costs_only_the_patience(monkeypatch) -> None:
    monkeypatch.setattr(dialogue.Dialogue.__init__, "__defaults__", (0.3,))
    assert asked("smtp", Smtp(wait=1))["smtp.closed"].facts["reason"] == "timeout"


def test_a_slow_greeting_is_a_warning(monkeypatch) -> None:
    from mailadmin.dns.service import ports

    monkeypatch.setattr(ports, "SOON", 0.05)
    monkeypatch.setattr(ports, "LATE", 0.1)
    assert statuses(asked("smtp", Smtp(wait=0.2)))["smtp.slow"] == "warn"
    monkeypatch.setattr(ports, "LATE", 60)
    assert statuses(asked("smtp", Smtp(wait=0.2)))["smtp.open"] == "info"


def test_an_ipv6_address_that_is_published_but_closed_fails() -> None:
    import ipaddress

    about = dataclasses.replace(
        ABOUT, server=dataclasses.replace(SERVER, addresses=frozenset({ipaddress.ip_address("::1")}))
    )
    assert judged("smtp", Loopback(ports={}), about)["host.ipv6-closed"].status is Status.FAIL


def test_an_ipv6_address_that_answers_passes() -> None:
    import ipaddress

    about = dataclasses.replace(
        ABOUT, server=dataclasses.replace(SERVER, addresses=frozenset({ipaddress.ip_address("2001:db8::10")}))
    )
    with serve(Smtp()) as port:
        net = Loopback(ports={25: port})
        net.doors = dataclasses.replace(net.doors, addresses={"2001:db8::10": "127.0.0.1"})
        assert statuses(judged("smtp", net, about))["host.ipv6-open"] == "pass"


def test_no_route_is_our_side_and_unknown() -> None:
    import ipaddress

    about = dataclasses.replace(
        ABOUT, server=dataclasses.replace(SERVER, addresses=frozenset({ipaddress.ip_address("2001:db8::1")}))
    )
    found = judged("smtp", Loopback(ports={}), about)
    assert {f.status for f in found.values()} <= {Status.UNKNOWN, Status.FAIL}
    assert set(found) <= {"smtp.unmeasured", "host.ipv6-closed"}


# Strangers


RELAYS = {
    "plain": {r"RCPT TO:<probe@example\.net>": "250 ok"},
    "percent": {r"RCPT TO:<probe%": "250 ok"},
    "quoted": {r'RCPT TO:<"probe@': "250 ok"},
    "routed": {r"RCPT TO:<@d\.test:": "250 ok"},
    "empty sender": {r"RCPT TO:<probe2@": "250 ok"},
    "localhost": {r"RCPT TO:<probe3@": "250 ok"},
}


@pytest.mark.parametrize("name", RELAYS)
def test_every_way_of_relaying_is_found(name: str) -> None:
    found = asked("relay", Smtp(answers=RELAYS[name]))
    assert found["smtp.open-relay"].critical
    assert len(found["smtp.open-relay"].facts["ways"]) == 1


def test_a_closed_server_passes_and_hears_no_data() -> None:
    server = Smtp()
    assert statuses(asked("relay", server)) == {"smtp.no-relay": "pass"}
    assert not [line for line in server.heard if line.upper().startswith("DATA")]
    assert {line.split(" ")[0] for line in server.heard} <= {"EHLO", "MAIL", "RCPT", "RSET"}
    assert server.heard[0] == "EHLO panel.test"


@pytest.mark.parametrize(
    ("answers", "stranger", "code"),
    [
        (RELAYS["plain"], False, "smtp.relay-trusted"),
        ({"RCPT": "450 4.2.0 greylisted"}, True, "smtp.relay-later"),
        ({"EHLO": "554 no"}, True, "smtp.relay-unmeasured"),
    ],
)
def test_what_proves_nothing_is_unknown(answers, stranger: bool, code: str) -> None:
    found = asked("relay", Smtp(answers=answers), stranger=stranger)
    assert statuses(found) == {code: "unknown"}


def test_a_catch_all_is_no_relay() -> None:
    found = asked("relay", Smtp(answers={r"RCPT TO:<[^>]*@d\.test>": "250 ok"}))
    assert statuses(found) == {"smtp.no-relay": "pass"}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (
            {r"RCPT TO:<(postmaster|abuse)@": "250 ok"},
            {"smtp.refuses-unknown": "pass", "receivers.role": "pass"},
        ),
        ({}, {"smtp.refuses-unknown": "pass", "receivers.role-missing": "fail"}),
        ({"RCPT": "250 ok"}, {"smtp.takes-anybody": "warn", "receivers.role": "pass"}),
        ({"RCPT": "451 later"}, {"smtp.anybody-later": "unknown", "receivers.role-later": "unknown"}),
        ({"EHLO": "500 no"}, {"smtp.recipients-unmeasured": "unknown"}),
    ],
)
def test_who_can_be_written_to(answers, expected) -> None:
    assert statuses(asked("recipients", Smtp(answers=answers))) == expected


def test_a_catch_all_on_purpose_is_only_noted() -> None:
    about = dataclasses.replace(ABOUT, catch_all=True)
    assert statuses(asked("recipients", Smtp(answers={"RCPT": "250 ok"}), about))["smtp.catch-all"] == "info"


REJECT = {("_dmarc.d.test", "TXT"): ['"v=DMARC1; p=reject"']}
TAKES = {"RCPT": "250 ok", "DATA": "354 go", r"\.$": "250 taken", r"\S+:|$|This": ""}


class Taking(Smtp):
    """Takes a letter to its end, then says what `end` says."""

    end = "250 taken"

    def __call__(self, connection) -> None:
        from tests.mailadmin.dns.servers import lines, say

        say(connection, self.greeting)
        writing = False
        for line in lines(connection):
            self.heard.append(line)
            if writing and line != ".":
                continue
            say(connection, self.end if writing else self.reply(line))
            writing = line == "DATA"


@pytest.mark.parametrize(
    ("about", "end", "stranger", "records", "expected"),
    [
        (ABOUT, "", True, {}, {"smtp.spoof-no-policy": "n/a"}),
        (ABOUT, "", True, REJECT, {"smtp.spoof-undecided": "unknown"}),
        (CANARY, "250 taken", True, REJECT, {"smtp.spoof-accepted": "warn"}),
        (CANARY, "250 taken", False, REJECT, {"smtp.spoof-undecided": "unknown"}),
        (CANARY, "550 5.7.1 DMARC", True, REJECT, {"smtp.spoof-refused": "pass"}),
        (CANARY, "451 4.7.1 later", True, REJECT, {"smtp.spoof-unmeasured": "unknown"}),
    ],
)
def test_forged_mail(about, end: str, stranger: bool, records, expected) -> None:
    server = Taking(answers={"RCPT": "250 ok", "DATA": "354 go"})
    server.end = end
    assert statuses(asked("spoof", server, about, stranger=stranger, records=records)) == expected


def test_a_forged_sender_refused_at_once_is_right() -> None:
    assert statuses(asked("spoof", Smtp(), records=REJECT)) == {"smtp.spoof-refused": "pass"}


# Clients' ports


def client_ports(
    authority: Authority, *, imap: Imap | None = None, smtp: Smtp | None = None, about=CANARY, check="login"
):
    context, _ = authority.context()
    imap = imap or Imap()
    smtp = smtp or Smtp(answers={"AUTH": "235 in", "MAIL": "553 not yours"})
    imap.context = smtp.context = context
    imap.wrapped = smtp.wrapped = True
    with serve(imap) as imaps, serve(smtp) as submissions:
        net = Loopback(ports={993: imaps, 465: submissions}, authorities=str(authority.file))
        return judged(check, net, about)


def test_the_canary_signs_in_everywhere(authority: Authority) -> None:
    found = statuses(client_ports(authority))
    assert found == {"login.works": "pass", "imap.offers": "pass", "submission.own-sender": "pass"}


def test_a_refused_canary_is_critical(authority: Authority) -> None:
    found = client_ports(authority, imap=Imap(login="NO [AUTHENTICATIONFAILED] no"))
    assert found["login.refused"].critical


@pytest.mark.parametrize(
    ("imap", "smtp", "code", "status"),
    [
        (Imap(login="NO [UNAVAILABLE] backend"), None, "login.unmeasured", "unknown"),
        (Imap(inside="IMAP4rev1"), None, "imap.missing", "info"),
        (None, Smtp(answers={"AUTH": "454 later"}), "login.unmeasured", "unknown"),
        (None, Smtp(answers={"AUTH": "235 in", "RCPT": "250 ok"}), "submission.any-sender", "warn"),
        (None, Smtp(answers={"AUTH": "235 in", "RCPT": "451 x"}), "submission.unmeasured", "unknown"),
    ],
)
def test_signing_in(authority: Authority, imap, smtp, code: str, status: str) -> None:
    assert statuses(client_ports(authority, imap=imap, smtp=smtp))[code] == status


def test_a_slow_sign_in_is_a_warning(authority: Authority, monkeypatch) -> None:
    from mailadmin.dns.service import login

    monkeypatch.setattr(login, "QUICK", 0.05)
    assert statuses(client_ports(authority, imap=Imap(wait=0.1)))["login.slow"] == "warn"


def test_the_password_is_not_shown_to_a_server_nobody_vouches_for(authority: Authority) -> None:
    smtp = Smtp(answers={"AUTH": "235 in"})
    other = Authority()
    context, _ = other.context()
    smtp.context, smtp.wrapped = context, True
    with serve(smtp) as port:
        found = judged("login", Loopback(ports={465: port}, authorities=str(authority.file)), CANARY)
    assert found["login.untrusted"].status is Status.UNKNOWN
    assert not smtp.heard


def test_without_a_canary_nothing_is_tried() -> None:
    assert statuses(judged("login", Loopback(ports={}))) == {"login.no-canary": "n/a"}


@pytest.mark.parametrize(
    ("answers", "code", "status"),
    [
        ({"MAIL": "530 5.7.0 sign in"}, "submission.signed-in-only", "pass"),
        ({"RCPT": "250 ok"}, "submission.anonymous", "fail"),
        ({"EHLO": "421 busy"}, "submission.unmeasured", "unknown"),
        ({"MAIL": "451 4.7.1 later"}, "submission.unmeasured", "unknown"),
    ],
)
def test_submission_without_signing_in(authority: Authority, answers, code: str, status: str) -> None:
    found = client_ports(authority, smtp=Smtp(answers=answers), check="anonymous")
    assert statuses(found) == {code: status}


SRV_587 = {("_submission._tcp.d.test", "SRV"): [f"0 1 587 {HOST}."]}
SRV_110 = {("_pop3._tcp.d.test", "SRV"): [f"0 1 110 {HOST}."]}


def test_a_port_that_is_advertised_but_closed_fails() -> None:
    found = suite.judge(suite.EVERY["ports"], ABOUT, Loopback(SRV_587, ports={}))
    closed = {f.on for f in found if f.code == "service.closed"}
    assert closed == {"465", "587", "993"}
    assert {f.on for f in found if f.code == "service.absent"} == {"143", "995", "110", "4190"}
    old = suite.judge(suite.EVERY["ports"], ABOUT, Loopback(SRV_110, ports={}))
    assert "110" in {f.on for f in old if f.code == "service.closed"}


def test_a_port_that_answers_and_one_that_we_cannot_reach() -> None:
    with serve(Smtp()) as port:
        assert "service.open" in judged("ports", Loopback(SRV_587, ports={587: port}))

    class Cut(Loopback):
        def connect(self, ip: str, port: int) -> socket.socket:
            raise Unreachable("unreachable")

    assert statuses(judged("ports", Cut(ports={}))) == {"service.unmeasured": "unknown"}


def test_services_in_the_clear(authority: Authority) -> None:
    with serve(Imap("IMAP4rev1 AUTH=PLAIN")) as imap, serve(Smtp(ehlo=("AUTH LOGIN",))) as smtp:
        found = suite.judge(suite.EVERY["ports"], ABOUT, Loopback(ports={143: imap, 587: smtp}))
    clear = {f.on: f.facts["ways"] for f in found if f.code == "service.clear-sign-in"}
    assert clear == {f"{OURS} 143": ["AUTH=PLAIN", "LOGIN"], f"{OURS} 587": ["AUTH LOGIN"]}
    assert {f.on for f in found if f.code == "service.no-tls"} == {"143", "587"}
    filled(found)


def test_a_server_that_trusts_us_proves_nothing() -> None:
    with serve(Imap("IMAP4rev1 STARTTLS AUTH=PLAIN")) as imap:
        found = suite.judge(suite.EVERY["ports"], ABOUT, Loopback(ports={143: imap}, stranger=False))
    assert [str(f.status) for f in found if f.code == "service.clear-trusted"] == ["unknown"]
    filled(found)


# Clock and the way out


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (0, "clock.right"),
        (4, "clock.right"),
        (30, "clock.off"),
        (200, "clock.off"),
        (400, "clock.wrong"),
        (-400, "clock.wrong"),
    ],
)
def test_the_clock(seconds: int, code: str) -> None:
    from datetime import timedelta
    from email.utils import format_datetime

    from mailadmin.dns.network import Page
    from tests.mailadmin.dns.partners import NOW

    net = Loopback(ports={})
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    net.pages[f"https://{HOST}/"] = Page(f"https://{HOST}/", 404, {"date": date})
    assert list(judged("clock", net)) == [code]


def test_a_clock_nobody_tells_is_unknown() -> None:
    assert statuses(judged("clock", Loopback(ports={}))) == {"clock.unmeasured": "unknown"}


def outbound(count: int, reachable: int, **more) -> dict[str, str]:
    hosts = tuple(f"mx{n}.test" for n in range(count))
    about = dataclasses.replace(ABOUT, server=dataclasses.replace(SERVER, outbound=hosts, **more))
    records = {(host, "A"): [OURS if n < reachable else "127.0.0.9"] for n, host in enumerate(hosts)}
    with serve(Smtp()) as port:
        return statuses(judged("outbound", Loopback(records, ports={25: port}), about))


def test_the_way_out() -> None:
    assert outbound(3, 3) == {"outbound.open": "pass"}
    assert outbound(3, 2) == {"outbound.open": "pass"}
    assert outbound(3, 1) == {"outbound.narrow": "warn"}
    assert outbound(3, 0) == {"outbound.closed": "fail"}
    assert outbound(3, 0, smart_host=True) == {"outbound.smart-host": "n/a"}
    assert outbound(0, 0) == {"outbound.not-asked": "n/a"}


def test_hosts_that_cannot_be_looked_up_prove_nothing() -> None:
    about = dataclasses.replace(ABOUT, server=dataclasses.replace(SERVER, outbound=("mx.test",)))
    net = Loopback({("mx.test", "A"): "SERVFAIL"}, ports={})
    assert statuses(judged("outbound", net, about)) == {"outbound.unmeasured": "unknown"}
