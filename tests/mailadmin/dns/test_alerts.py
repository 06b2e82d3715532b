"""One message for a trouble, one when it is over, none for a blink; hosted names; bounces."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import Client as Browser
from django.utils import timezone

from mailadmin.dns import mta_sts
from mailadmin.dns.finding import fail, ok, unknown
from mailadmin.models import DnsReport
from mailadmin.posteio.client import Client
from mailadmin.services import alerts, bounces, dns_alerts, dns_reports

MISSING = ("spf", fail("spf.missing", record="d.test. IN TXT x").to_json())
FINE = ("mx", ok("mx.once").to_json())
DEAF = ("spf", unknown("unanswered", on="q", question="q", reason="timeout").to_json())


class Says:
    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []

    def __call__(self, title: str, text: str) -> None:
        self.messages.append((title, text))


def runs(*findings: tuple[tuple[str, Any], ...], apart: int = 30) -> list[list[str]]:
    """The keys announced after each run."""
    says, told = Says(), []
    start = timezone.now() - timedelta(days=2)
    for number, found in enumerate(findings):
        DnsReport.objects.create(
            domain="d.test", at=start + timedelta(minutes=apart * number), status="x", findings=list(found)
        )
        new, ended = dns_alerts.tell("d.test", says)
        told.append([*new, *(f"over:{key}" for key in ended)])
    assert len(says.messages) == sum(bool(keys) for keys in told)
    return told


@pytest.mark.django_db
def test_a_trouble_is_said_once_after_it_was_seen_twice() -> None:
    bad, good = (FINE, MISSING), (FINE,)
    assert runs(good, bad, bad, bad) == [[], [], ["spf.missing"], []]


@pytest.mark.django_db
def test_its_end_is_said_too() -> None:
    bad, good = (FINE, MISSING), (FINE,)
    assert runs(good, bad, bad, good, good) == [[], [], ["spf.missing"], [], ["over:spf.missing"]]


@pytest.mark.django_db
def test_a_blink_and_a_silence_say_nothing() -> None:
    bad, good, deaf = (FINE, MISSING), (FINE,), (FINE, DEAF)
    assert runs(good, bad, good, deaf, deaf, bad, good) == [[]] * 7


@pytest.mark.django_db
def test_what_is_accepted_says_nothing() -> None:
    until = timezone.localdate() + timedelta(days=5)
    dns_reports.accept("d.test", "spf.missing", "on purpose", until, "chief@kronos.test")
    assert runs((FINE,), (MISSING,), (MISSING,)) == [[], [], []]


def test_every_way_is_tried_and_a_broken_one_does_not_hold_up_the_rest(settings: Any, mailoutbox) -> None:
    settings.ALERT_WEBHOOK, settings.ALERT_NTFY = "https://hook.test/x", "https://ntfy.test/postie"
    settings.ALERT_TELEGRAM_TOKEN, settings.ALERT_TELEGRAM_CHAT = "1:secret", "42"
    settings.ALERT_EMAIL = "chief@kronos.test"
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(500 if request.url.host == "ntfy.test" else 200)

    taken = alerts.send("DNS", "text", transport=httpx.MockTransport(answer))
    assert taken == ["webhook", "telegram", "email"]
    assert json.loads(seen[0].content) == {"title": "DNS", "text": "text"}
    assert len(seen) == 3
    assert mailoutbox[0].subject == "DNS"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("550-5.7.26 This mail is unauthenticated, which poses a security risk", "not proven"),
        ("550 5.7.25 The IP address does not have a PTR record setup", "no matching name"),
        ("554 5.7.1 Service unavailable; Client host blocked using zen.spamhaus.org", "block list"),
        ("550 5.1.1 <x@y.test>: Recipient address rejected: User unknown", "does not exist"),
        ("552 5.2.2 mailbox full", "full"),
        ("450 4.7.1 Greylisted, try again later", "greylisting"),
        ("554 5.4.4 Host or domain name not found. Name service error", "does not exist or cannot"),
        ("556 5.1.10 recipient domain does not accept mail (null MX)", "takes no mail"),
        ("552 5.3.4 Message size exceeds fixed limit", "too large"),
        ("554 5.7.1 Relay access denied", "pass mail on"),
        ("550 5.7.23 SPF validation failed", "not allowed by the SPF"),
        ("connect to mx.test: Connection timed out (4.4.1)", "does not answer"),
        ("hello", "not known"),
    ],
)
def test_a_bounce_in_plain_words(text: str, word: str) -> None:
    found = bounces.explain(text)
    assert word in str(found.what)
    assert str(found.do)


def test_the_page_explains_a_bounce(admin: Browser) -> None:
    answer = admin.post("/admin/deliverability/", {"bounce": "550 5.7.26 unauthenticated <script>"})
    text = answer.content.decode()
    assert "not proven" in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


@pytest.fixture
def hosted(poste: Client, settings: Any) -> Browser:
    settings.POSTEIO_HOSTNAME = "mail.kronos.test"
    settings.ALLOWED_HOSTS = ["mail.kronos.test"]
    return Browser()


def test_the_policy_is_served_to_its_own_name_only(hosted: Browser) -> None:
    path = "/.well-known/mta-sts.txt"
    answer = hosted.get(path, headers={"host": "mta-sts.kronos.test"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    policy = mta_sts.parse_policy(answer.content)
    assert policy.hosts == ("mail.kronos.test",)
    assert hosted.get(path, headers={"host": "mta-sts.stranger.test"}).status_code == 404
    assert hosted.get(path, headers={"host": "mail.kronos.test"}).status_code == 404
    assert hosted.get(path, headers={"host": "a<b"}).status_code == 400


@pytest.mark.parametrize("path", ["/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"])
def test_thunderbird_is_set_up(path: str, hosted: Browser) -> None:
    answer = hosted.get(f"{path}?emailaddress=ana@kronos.test", headers={"host": "autoconfig.kronos.test"})
    text = answer.content.decode()
    assert "<hostname>mail.kronos.test</hostname>" in text
    assert "<port>993</port>" in text
    assert "<port>465</port>" in text
    assert "%EMAILADDRESS%" in text
    assert hosted.get(f"{path}?emailaddress=a@b.test", headers={"host": "x.test"}).status_code == 404


def test_outlook_is_set_up(hosted: Browser) -> None:
    body = "<Autodiscover><Request><EMailAddress>ana@kronos.test</EMailAddress></Request></Autodiscover>"
    host = {"host": "autodiscover.kronos.test"}
    answer = hosted.post("/Autodiscover/Autodiscover.xml", body, content_type="text/xml", headers=host)
    assert "<LoginName>ana@kronos.test</LoginName>" in answer.content.decode()
    assert json.loads(hosted.get("/autodiscover/autodiscover.json", headers=host).content)["Url"]
    strange = body.replace("kronos", "stranger")
    answer = hosted.post("/autodiscover/autodiscover.xml", strange, content_type="text/xml", headers=host)
    assert answer.status_code == 404
