"""The overview: true counts, fast, calm when a part is away."""

import json

from django.core.cache import cache
from django.test import Client as Browser

from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import MailboxChange
from tests.mailadmin.conftest import Mail, Wire


def test_the_first_look_asks_two_questions_however_big_the_server(admin: Browser, wire: Wire) -> None:
    wire.asked.clear()
    text = admin.get("/admin/").content.decode()
    assert wire.asked == [("GET", "/admin/api/v1/domains"), ("GET", "/admin/api/v1/boxes")]
    assert ">2 domains</a>" in text
    assert ">5 addresses</a>" in text


def test_the_census_counts_everybody(admin: Browser, poste: Client, dovecot: Mail) -> None:
    poste.mailboxes.update("eva@other.test", MailboxChange(suspended=True))
    poste.mailboxes.set_quota("ana@kronos.test", storage_limit=10)
    poste.mailboxes.set_quota("luis@kronos.test", storage_limit=10)
    dovecot.usages = {"ana@kronos.test": (11 * 1024**2, 1), "luis@kronos.test": (int(9.5 * 1024**2), 1)}
    text = admin.get("/admin/census/").content.decode()
    for words in (">4 mailboxes</a>", ">1 alias</a>", ">1 system administrator</a>", ">1 is suspended</a>"):
        assert words in text
    assert "with 20" in text
    assert "is full: new mail is refused" in text
    assert "is nearly full" in text


def test_an_alias_to_sleepers_is_named(admin: Browser, poste: Client) -> None:
    poste.mailboxes.update("ana@kronos.test", MailboxChange(suspended=True))
    assert "leads only to suspended mailboxes" in admin.get("/admin/census/").content.decode()


def test_counts_are_kept_for_a_moment_and_counted_again_when_asked(admin: Browser, wire: Wire) -> None:
    first = admin.get("/admin/census/").content.decode()
    wire.asked.clear()
    again = admin.get("/admin/census/").content.decode()
    assert wire.asked == []
    assert first.partition('id="census"')[2] == again.partition('id="census"')[2]
    json.dumps(cache.get("census:*"))
    admin.get("/admin/census/?again=1")
    assert wire.asked


def test_usage_away_is_told_calmly(admin: Browser, dovecot: Mail) -> None:
    dovecot.away = True
    answer = admin.get("/admin/census/")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "How full they are is not known right now" in text
    assert ">4 mailboxes</a>" in text


def test_a_domain_administrator_sees_the_own_numbers(domain_admin: Browser) -> None:
    text = domain_admin.get("/admin/").content.decode()
    assert ">1 domain</a>" in text
    assert ">4 addresses</a>" in text
    assert ">3 mailboxes</a>" in domain_admin.get("/admin/census/").content.decode()
