"""Where I am signed in, and signing out from afar: two browsers of one person on the real mail server."""

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from postie_web.accounts.models import Visit
from postie_web.accounts.services import visits
from postie_web.lib import user_agent
from tests.stack import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("postie_settings")]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
)


def signed_in(address: str, agent: str, **more: Any) -> Client:
    client = Client(headers={"User-Agent": agent}, **more)
    assert client.post("/login", {"address": address, "password": PASSWORD}).status_code == 302
    return client


def numbers(address: str) -> dict[str, int]:
    return {place.system: place.number for place in visits.of(address)}


def test_both_are_listed_and_one_ends_the_other(stack: Any) -> None:
    address, _ = stack.create_mailbox()
    here, phone = signed_in(address, FIREFOX), signed_in(address, PHONE, REMOTE_ADDR="192.0.2.7")
    page = here.get("/settings/sessions/").content.decode()
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert "192.0.2.7" in page
    assert page.count("This device") == 1
    assert phone.get("/").status_code == 200
    assert here.post(f"/settings/sessions/{numbers(address)['iPhone']}/").status_code == 302
    # The row is gone, and with it the sealed password.
    assert Session.objects.count() == 1
    answer = phone.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/login?next=%2F")
    assert here.get("/").status_code == 200
    assert list(numbers(address)) == ["Linux"]


def test_everywhere_else_at_once(stack: Any) -> None:
    address, _ = stack.create_mailbox()
    here, others = signed_in(address, FIREFOX), [signed_in(address, PHONE) for _ in range(3)]
    answer = here.post("/settings/sessions/others/", follow=True)
    assert "Signed out in 3 other places." in answer.content.decode()
    assert [other.get("/").status_code for other in others] == [302, 302, 302]
    assert here.get("/").status_code == 200


def test_nobody_ends_somebody_elses(stack: Any) -> None:
    (mine, _), (theirs, _) = stack.create_mailbox(), stack.create_mailbox()
    here, victim = signed_in(mine, FIREFOX), signed_in(theirs, PHONE)
    assert here.post(f"/settings/sessions/{numbers(theirs)['iPhone']}/").status_code == 404
    assert here.get(f"/settings/sessions/{numbers(mine)['Linux']}/").status_code == 405
    assert here.post("/settings/sessions/others/").status_code == 302
    assert victim.get("/").status_code == 200
    assert "iPhone" not in here.get("/settings/sessions/").content.decode()


def test_what_ended_by_itself_is_not_listed(stack: Any) -> None:
    address, _ = stack.create_mailbox()
    first, second, here = (signed_in(address, FIREFOX) for _ in range(3))
    first.post("/logout")
    assert Visit.objects.count() == 2
    Session.objects.filter(session_key=second.session.session_key).delete()
    assert len(visits.of(address, str(here.session.session_key))) == 1
    assert Visit.objects.count() == 1


def test_an_administrator_signs_somebody_out(stack: Any) -> None:
    address, _ = stack.create_mailbox()
    clients = [signed_in(address, agent) for agent in (FIREFOX, PHONE, "<script>x</script>\n")]
    listed = json.loads(command("session_list", address))
    assert {(one["browser"], one["system"]) for one in listed} == {
        ("Firefox", "Linux"),
        ("Safari", "iPhone"),
        ("", ""),
    }
    number = str(numbers(address)["iPhone"])
    assert json.loads(command("session_end", address, "--number", number))["ended"] == 1
    assert [client.get("/").status_code for client in clients] == [200, 302, 200]
    assert json.loads(command("session_end", address, "--all"))["ended"] == 2
    assert [client.get("/").status_code for client in clients] == [302, 302, 302]
    with pytest.raises(CommandError, match="has no session"):
        call_command("session_end", address, number=int(number))


def command(name: str, *words: str) -> str:
    out = StringIO()
    call_command(name, *words, "--json", stdout=out)
    return out.getvalue()


def test_in_spanish(stack: Any) -> None:
    address, _ = stack.create_mailbox()
    client = signed_in(address, FIREFOX)
    page = client.get("/settings/sessions/", headers={"Accept-Language": "es"}).content.decode()
    assert "Firefox en Linux" in page
    assert "Este dispositivo" in page


KIT = "AppleWebKit/537.36"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/140 Safari/537.36 Edg/140", "Edge Windows"),
        (f"Mozilla/5.0 (Linux; Android 16) {KIT} Chrome/140 Mobile Safari/537.36", "Chrome Android phone"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {KIT} Version/18 Safari/605.1", "Safari macOS"),
        (PHONE, "Safari iPhone phone"),
        ("curl/8.1", "curl"),
        ("", ""),
    ],
)
def test_a_browsers_name_in_words(agent: str, words: str) -> None:
    browser, system, is_phone = user_agent.read(agent)
    assert " ".join(filter(None, (browser, system, "phone" * is_phone))) == words
