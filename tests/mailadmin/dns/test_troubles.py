"""Sending fails, nothing arrives, the webmail is away: each fault really made, one sentence at the end."""

import dataclasses
import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.utils import timezone

from mailadmin.dns import suite
from mailadmin.dns.network import Page
from mailadmin.dns.subject import Key, Subject
from mailadmin.dns.web import Asking, Web
from mailadmin.models import HealthRun
from mailadmin.services import troubles
from tests.mailadmin.dns.cases import GOOD_KEY, SERVER, p
from tests.mailadmin.dns.partners import NOW
from tests.mailadmin.dns.servers import HOST, OURS, Authority, Loopback, Smtp, serve
from tests.mailadmin.dns.words import filled

pytestmark = pytest.mark.django_db
PANEL = "panel.test"
ABOUT = Subject(name="d.test", server=dataclasses.replace(SERVER, panel=PANEL), keys=(Key("s", GOOD_KEY),))
REVERSE = "10.113.0.203.in-addr.arpa"
KEY = f'"v=DKIM1; p={p(GOOD_KEY)[:200]}" "{p(GOOD_KEY)[200:]}"'
GOOD: dict[tuple[str, str], Any] = {
    ("d.test", "MX"): [f"10 {HOST}."],
    ("d.test", "TXT"): [f'"v=spf1 ip4:{OURS} -all"'],
    ("s._domainkey.d.test", "TXT"): [KEY],
    ("_dmarc.d.test", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:x@d.test"'],
    (REVERSE, "PTR"): [f"{HOST}."],
    (PANEL, "A"): [OURS],
}


@pytest.fixture(autouse=True)
def _probing(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.PROBE_SERVICES = True
    cache.clear()


class World(Loopback):
    """Everything right on port 25; `web` is what the webmail answers."""

    web = Page("", 200, {}, b"hello")

    def fetch(self, url: str, *, post=None, host_address="", headers=None, patience=0.0) -> Page:
        return self.web if url == f"https://{PANEL}/" else super().fetch(url)


def diagnosed(problem: str, changes: dict[tuple[str, str], Any] | None = None, **options: Any) -> str:
    """The sentence it ends in, or ""."""
    records = {key: value for key, value in (GOOD | (changes or {})).items() if value is not None}
    server = options.get("server") or Smtp(
        answers={r"RCPT TO:<(postmaster|abuse)@": "250 ok", "STARTTLS": "502"}
    )
    with serve(server) as port:
        ports = {} if options.get("closed") else {25: port}
        world = World(records, ports=ports, now=NOW)
        world.web = options.get("web", world.web)
        found = troubles.diagnose(problem, ABOUT, world)
    filled(line.finding for line in found.lines)
    return f"{found.cause.says} → {found.cause.fix}" if found.cause else ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({("d.test", "TXT"): None}, "no SPF record"),
        ({("d.test", "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"']}, OURS),
        ({("s._domainkey.d.test", "TXT"): None}, "s._domainkey.d.test"),
        ({("_dmarc.d.test", "TXT"): None}, "no DMARC record"),
        ({(REVERSE, "PTR"): None}, "has no name (PTR)"),
        ({(HOST, "A"): ["203.0.113.99"]}, OURS),
    ],
)
def test_sending_fails(changes: dict[tuple[str, str], Any], sentence: str) -> None:
    assert sentence in diagnosed("sending", {("_unused", "TXT"): None} | changes)


@pytest.mark.parametrize(
    ("changes", "options", "sentence"),
    [
        ({("d.test", "MX"): []}, {}, "MX"),
        ({("d.test", "MX"): ["0 ."]}, {}, "null"),
        ({("d.test", "MX"): ["10 old.test."], ("old.test", "A"): ["192.0.2.9"]}, {}, "old.test"),
        ({}, {"closed": True}, "port 25"),
        ({}, {"server": Smtp(answers={"STARTTLS": "502", "RCPT": "550 no"})}, "postmaster@d.test"),
    ],
)
def test_nothing_arrives(changes: dict[tuple[str, str], Any], options: dict[str, Any], sentence: str) -> None:
    assert sentence.lower() in diagnosed("receiving", changes, **options).lower()


TRAEFIK = Page("", 404, {"content-type": "text/plain"}, b"404 page not found\n")


@pytest.mark.parametrize(
    ("web", "sentence"),
    [
        (Page("", error="dns"), "has no address"),
        (Page("", error="refused"), "Start Traefik"),
        (Page("", error="timeout"), "firewall"),
        (Page("", error="certificate", detail="self-signed"), "not trusted"),
        (Page("", error="tls", detail="wrong version"), "does not speak TLS"),
        (TRAEFIK, f"Host(`{PANEL}`)"),
        (Page("", 502), "docker compose ps"),
        (Page("", 504), "docker compose ps"),
        (Page("", 500), "database or Redis"),
    ],
)
def test_the_webmail_cannot_be_reached(web: Page, sentence: str) -> None:
    found = suite.judge(suite.WEBSITE["website"], ABOUT, _world(web))
    filled(found)
    assert sentence in diagnosed("webmail", web=web)


def _world(web: Page) -> World:
    world = World(GOOD, ports={})
    world.web = web
    return world


def test_a_webmail_that_could_not_be_measured_is_not_blamed() -> None:
    found = suite.judge(suite.WEBSITE["website"], ABOUT, _world(Page("", error="unmeasured", detail="x")))
    assert [str(f.status) for f in found] == ["unknown"]
    found = suite.judge(suite.WEBSITE["website"], ABOUT, _world(Page("", 302)))
    assert [str(f.status) for f in found] == ["pass"]


def answering(text: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(text)

    return talk


def test_a_real_reverse_proxy_without_a_router() -> None:
    """The same over real TLS, with the bytes Traefik sends."""
    authority = Authority()
    context, _ = authority.context(names=(PANEL,))
    head = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 19\r\n\r\n"
    reply = head + b"404 page not found\n"

    def secured(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            answering(reply)(tls)

    for authorities, code in ((str(authority.file), "web.no-router"), ("", "web.certificate")):
        with serve(secured) as port:
            world = _world(Page(""))
            web = Web(authorities, {443: port})
            world.web = web.fetch(f"https://{PANEL}/", world, Asking(host_address="127.0.0.1"))
        assert [f.code for f in suite.judge(suite.WEBSITE["website"], ABOUT, world)] == [code]


def test_the_servers_own_health_is_part_of_it() -> None:
    reading = {"part": "queue", "status": "fail", "code": "queue.stuck", "facts": {}, "critical": True}
    HealthRun.objects.create(at=timezone.now(), status="fail", seconds=1, readings=[reading])
    found = troubles.diagnose("sending", ABOUT, World(GOOD, ports={}))
    assert [line.reading.part for line in found.health if line.reading.part == "queue"] == ["queue"]
    assert found.cause is not None


@pytest.mark.parametrize("problem", troubles.PROBLEMS)
def test_the_page_ends_in_a_sentence(problem: str, admin: Browser) -> None:
    answer = admin.post("/admin/deliverability/", {"problem": problem, "domain": "kronos.test"})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "The cause:" in text or "as far as it could be measured" in text
