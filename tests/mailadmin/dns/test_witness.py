"""The view from outside: a witness in a process of its own, real sockets between all three."""

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from hypothesis import given, settings
from hypothesis import strategies as st

from mailadmin.dns import suite
from mailadmin.dns.finding import Finding
from mailadmin.dns.network import Page
from mailadmin.dns.subject import Subject
from mailadmin.dns.web import Asking, Web
from mailadmin.dns.witness import protocol
from mailadmin.dns.witness.host import MOST_OF_ONE, Host, Memory
from mailadmin.dns.witness.protocol import Question, WitnessFault
from mailadmin.services import witness as service
from tests.mailadmin.dns.cases import SERVER
from tests.mailadmin.dns.partners import NOW
from tests.mailadmin.dns.servers import HOST, Authority, Imap, Loopback, Smtp, serve
from tests.mailadmin.dns.words import filled

ROOT = Path(__file__).parents[3]
SECRET = "known-to-both-sides-only"
HERE = "127.0.0.1"


@contextmanager
def witness(ports: dict[int, int], *, private: str = "on") -> Iterator[str]:
    """manage.py witness, as a friend runs it; gives its address."""
    told = ",".join(f"{port}={place}" for port, place in ports.items())
    env = os.environ | {"WITNESS_SECRET": SECRET, "WITNESS_PORTS": told, "WITNESS_PRIVATE": private}
    command = [sys.executable, "manage.py", "witness", "--listen", f"{HERE}:0"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout:
            process.stdout.close()


class Asker(Loopback):
    """Our side: written-down DNS, real connections, real HTTP."""

    def fetch(self, url: str, *, post=None, host_address="", headers=None, patience=0.0) -> Page:
        return Web().fetch(url, self, Asking(post, host_address or HERE, headers or {}, patience))

    def now(self) -> datetime:
        return datetime.now(UTC)


def about(url: str, secret: str = SECRET, ours: str = HERE) -> Subject:
    server = dataclasses.replace(
        SERVER,
        host=HOST,
        panel="",
        addresses=frozenset({ip_address(ours)}),
        witness=url,
        witness_secret=secret,
    )
    return Subject(name="d.test", server=server)


def judged(subject: Subject, net: Loopback) -> list[Finding]:
    found = suite.judge(suite.EVERY["witness"], subject, net)
    filled(found)
    return found


def by_code(found: list[Finding]) -> dict[str, set[str]]:
    codes: dict[str, set[str]] = {}
    for finding in found:
        codes.setdefault(finding.code, set()).add(str(finding.status))
    return codes


def test_a_sound_server_looks_sound_from_outside() -> None:
    authority = Authority()
    context, _chain = authority.context()
    smtp = Smtp(context=context)
    with (
        serve(smtp) as mail,
        serve(Smtp(context=context, wrapped=True)) as submissions,
        serve(Imap(context=context, wrapped=True)) as imap,
    ):
        ports = {25: mail, 465: submissions, 993: imap}
        with witness(ports | {110: 1, 143: 1, 587: 1, 995: 1, 4190: 1}) as url:
            found = judged(about(url), Asker(ports=ports))
    assert by_code(found) == {
        "witness.address": {"pass"},
        "witness.open": {"pass"},
        "witness.same-server": {"pass"},
        "smtp.no-relay": {"pass"},
    }
    assert {f.facts["port"] for f in found if f.code == "witness.open"} == {25, 465, 993}
    assert not any(line.startswith("DATA") for line in smtp.heard)


def test_what_only_outside_shows() -> None:
    """Closed ports, a filter in between that takes STARTTLS away, and an open relay for strangers."""
    context, _chain = Authority().context()
    with (
        serve(Smtp(context=context)) as inside,
        serve(Smtp(ehlo=(), answers={"RCPT": "250 sure"})) as between,
        serve(Imap(context=context, wrapped=True)) as imap,
        witness({25: between, 465: 1, 993: 1}) as url,
    ):
        found = judged(about(url), Asker(ports={25: inside, 993: imap}))
    codes = by_code(found)
    assert codes["witness.closed"] == {"fail"}
    assert {f.facts["port"] for f in found if f.code == "witness.closed"} == {465, 993}
    assert codes["witness.stripped"] == {"fail"}
    assert codes["smtp.open-relay"] == {"fail"}
    assert [f.critical for f in found if f.code == "smtp.open-relay"] == [True]


def test_another_server_answers_outside_or_nobody() -> None:
    one, _chain = Authority().context()
    other, _chain = Authority().context()
    with serve(Smtp(context=one)) as inside, serve(Smtp(context=other)) as filtered:
        with witness({25: filtered, 465: 1, 993: 1}) as url:
            assert by_code(judged(about(url), Asker(ports={25: inside})))["witness.other-server"] == {"warn"}
        with witness({25: 1, 465: 1, 993: 1, 443: 1}) as url:
            asking = about(url)
            asking = dataclasses.replace(
                asking, server=dataclasses.replace(asking.server, panel="panel.test")
            )
            codes = by_code(judged(asking, Asker(ports={25: inside})))
    assert codes["witness.smtp-closed"] == {"fail"}
    assert codes["witness.web-closed"] == {"fail"}


def test_what_cannot_be_measured_is_never_a_failure() -> None:
    """E1: a wrong secret, a witness that is away, an address that is not ours, a witness that refuses."""
    with witness({25: 1, 465: 1, 993: 1}) as url:
        assert by_code(judged(about(url, "another-secret-entirely"), Asker(ports={}))) == {
            "witness.silent": {"unknown"}
        }
        assert by_code(judged(about(url, ours="203.0.113.10"), Asker(ports={}))) == {
            "witness.other-address": {"unknown"}
        }
    assert by_code(judged(about(url), Asker(ports={}))) == {"witness.silent": {"unknown"}}
    with witness({25: 1, 465: 1, 993: 1}, private="off") as url:
        found = judged(about(url), Asker(ports={}))
    assert [(f.code, f.facts["reason"]) for f in found] == [("witness.silent", "403")]


def test_nobody_is_asked_unless_named() -> None:
    assert by_code(judged(about(""), Loopback(ports={}))) == {"witness.not-asked": {"n/a"}}


class Told(Loopback):
    """A witness that says what the test says, signed as it should be."""

    def __init__(self, seen: list[protocol.Seen], relay=(), address=HERE, ports=None) -> None:
        super().__init__(ports=ports or {})
        self.seen, self.relay, self.address = tuple(seen), tuple(relay), address

    def fetch(self, url: str, *, post=None, host_address="", headers=None, patience=0.0) -> Page:
        asked = protocol.question(post, SECRET, NOW.timestamp())
        said = protocol.Testimony(asked.nonce, self.address, self.seen, self.relay)
        return Page(url, 200, {}, said.sealed(SECRET))


def test_slow_and_unmeasured_ports() -> None:
    seen = [protocol.Seen(25, "open", "220 x", 11.0), protocol.Seen(465, "unreachable")]
    codes = by_code(judged(about("https://w.test/"), Told(seen)))
    assert codes["witness.slow"] == {"warn"}
    assert codes["witness.unmeasured"] == {"unknown"}


def test_a_witness_cannot_invent_findings() -> None:
    lies: tuple[dict[str, Any], ...] = (
        {"code": "spf.missing", "facts": {}},
        {"code": "smtp.no-relay", "facts": "x"},
        {},
    )
    assert "spf.missing" not in by_code(judged(about("https://w.test/"), Told([], lies)))


def question(**changes: object) -> Question:
    fields = {"at": 1000, "nonce": "0" * 32, "name": HOST, "ports": (25,)}
    return Question(**(fields | changes))  # type: ignore[arg-type]


def host(**changes: object) -> Host:
    fields = {
        "secret": SECRET,
        "name": "w.test",
        "limits": Memory(),
        "private": True,
        "clock": lambda: 1000.0,
    }
    return Host(**({"ports": {25: 1, 465: 1}} | fields | changes))  # type: ignore[arg-type]


def refused(answer: tuple[int, bytes]) -> tuple[int, str]:
    return answer[0], json.loads(answer[1]).get("error", "")


def test_a_witness_looks_at_the_asker_alone_and_at_few_ports() -> None:
    """No other address can even be named; ports off the list, inner networks and strangers are refused."""
    assert refused(host().answer(question(ports=(22,)).sealed(SECRET), HERE)) == (400, "port")
    assert refused(host().answer(question(ports=(993,)).sealed(SECRET), HERE)) == (400, "port")
    assert refused(host().answer(question(ports=()).sealed(SECRET), HERE)) == (400, "malformed")
    assert refused(host(private=False).answer(question().sealed(SECRET), "192.168.1.5")) == (403, "address")
    assert refused(host(private=False).answer(question().sealed(SECRET), "::ffff:10.0.0.1")) == (
        403,
        "address",
    )
    assert refused(host().answer(question().sealed(SECRET), "")) == (403, "address")
    assert refused(host().answer(question().sealed("somebody-else's-secret"), HERE)) == (403, "signature")
    assert refused(host(secret="short").answer(b'{"body": "", "signature": ""}', HERE)) == (403, "secret")
    assert refused(host().answer(question(at=100).sealed(SECRET), HERE)) == (403, "old")
    status, body = host().answer(question().sealed(SECRET), HERE)
    assert status == 200
    assert [s.state for s in protocol.testimony(body, SECRET, "0" * 32).seen] == ["refused"]


def test_a_question_counts_once_and_not_often() -> None:
    one = host()
    data = question().sealed(SECRET)
    assert one.answer(data, HERE)[0] == 200
    assert refused(one.answer(data, HERE)) == (403, "old")
    answers = [one.answer(question(nonce=f"{n:032x}").sealed(SECRET), HERE)[0] for n in range(1, 9)]
    assert answers.count(200) == MOST_OF_ONE - 1
    assert set(answers) == {200, 429}


def test_the_answer_to_another_question_is_no_answer() -> None:
    body = host().answer(question().sealed(SECRET), HERE)[1]
    with pytest.raises(WitnessFault, match="old"):
        protocol.testimony(body, SECRET, "1" * 32)
    with pytest.raises(WitnessFault, match="signature"):  # a question is no testimony either
        protocol.testimony(question().sealed(SECRET), SECRET, "0" * 32)


@given(st.binary(max_size=400) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["v", "at", "nonce", "name", "web", "domain", "ports", "seen", "relay", "address",
                         "port", "state", "body", "signature"]), inner, max_size=6),
    max_leaves=12,
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_nothing_that_is_sent_breaks_either_side(data: bytes) -> None:
    signed = json.dumps({
        "body": data.decode("latin-1"),
        "signature": protocol._sign(protocol.QUESTION, data.decode("latin-1"), SECRET),
    }).encode()  # fmt: skip
    for sent in (data, signed):
        assert host(limits=Memory()).answer(sent, HERE)[0] in (400, 403)
    signed = signed.replace(
        json.loads(signed)["signature"].encode(),
        protocol._sign(protocol.TESTIMONY, data.decode("latin-1"), SECRET).encode(),
    )
    with pytest.raises(WitnessFault):
        protocol.testimony(signed, SECRET, "0" * 32)


@pytest.mark.django_db
def test_postie_itself_is_a_witness_when_told_so(settings) -> None:
    """Behind the proxy the asker is who the proxy says; without the setting there is no such page."""
    browser, place = Browser(enforce_csrf_checks=True), "/.well-known/postie-witness"

    def ask(nonce: int) -> tuple[int, bytes]:
        data = question(at=int(time.time()), nonce=f"{nonce:032x}").sealed(SECRET)
        answer = browser.post(place, data, content_type="application/json")
        return answer.status_code, answer.content

    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.WITNESS_SECRET = SECRET
    assert ask(1)[0] == 404
    settings.WITNESS_HOST, settings.WITNESS_PRIVATE, settings.WITNESS_PORTS = True, True, {25: 1}
    service._host.cache_clear()
    status, body = ask(2)
    assert status == 200
    told = protocol.testimony(body, SECRET, f"{2:032x}")
    assert (told.address, told.seen[0].state) == (HERE, "refused")
    assert browser.get(place).status_code == 405
    service._host.cache_clear()
