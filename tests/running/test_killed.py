"""Programs die and programs are away: they come back, no letter is lost, and the web says how things are."""

import uuid
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.running.conftest import Running, fields
from tests.stack import eventually

MAIL = ("postfix", "dovecot", "rspamd", "redis", "unbound", "api", "postsrsd", "watch")
WEB = ("gunicorn", "worker", "beat")
PROGRAMS = [*(f"mail:{name}" for name in MAIL), *(f"web:{name}" for name in WEB)]
AWAY = "the mail server behind it does not answer"
IN_DRAFTS = "Your text is in Drafts"


@pytest.fixture(scope="module")
def person(running: Running) -> Iterator[httpx.Client]:
    with closing(running.browser("user")) as client:
        yield client


@pytest.fixture(scope="module")
def chief(running: Running) -> Iterator[httpx.Client]:
    with closing(running.browser("admin")) as client:
        yield client


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_killed_program_comes_back_and_every_letter_arrives_once(
    running: Running, person: httpx.Client, program: str
) -> None:
    before, after = f"before {uuid.uuid4().hex}", f"after {uuid.uuid4().hex}"
    assert running.write(person, before).status_code == 302
    killed = running.pid(program)
    running.kill(program)
    eventually(lambda: running.pid(program) not in (0, killed), 60)
    eventually(lambda: running.health()[0] == 200, 60)
    eventually(lambda: running.write(person, after).status_code == 302, 60)
    eventually(lambda: running.letters(before) and running.letters(after), 90)
    assert (running.letters(before), running.letters(after)) == (1, 1)


def test_without_dovecot_the_webmail_says_so_and_the_panel_works(
    running: Running, person: httpx.Client, chief: httpx.Client
) -> None:
    with running.without("mail:dovecot"):
        eventually(lambda: running.failing() == {"imap"})
        # A session that was open lives on until Dovecot's last process has gone.
        page = eventually(lambda: found if (found := person.get("/")).status_code == 503 else None, 60)
        assert page is not None
        assert AWAY in page.text
        assert page.headers["Retry-After"]
        assert chief.get("/admin/mailboxes/").status_code == 200
        address, password = running.account("user", 1)
        with httpx.Client(base_url=running.url, timeout=60) as fresh:
            form = {"address": address, "password": password, "csrfmiddlewaretoken": _token(fresh)}
            answer = fresh.post("/login", data=form)
        assert "The mail server does not answer" in answer.text
    # Whoever was refused several times is not let through at once: the pool backs off.
    eventually(lambda: person.get("/").status_code == 200, 90)


@pytest.mark.parametrize("program", ["mail:postfix", "mail:rspamd"])
def test_a_letter_that_cannot_leave_is_kept_and_the_page_says_so(
    running: Running, person: httpx.Client, program: str
) -> None:
    subject = f"kept {uuid.uuid4().hex}"
    with running.without(program):
        if program == "mail:postfix":
            eventually(lambda: running.failing() == {"smtp"})
        answer = running.write(person, subject)
        assert answer.status_code in (422, 503)
        assert IN_DRAFTS in answer.text
        assert person.get("/").status_code == 200
    drafts = person.get("/folder/Drafts/")
    assert subject in drafts.text


def test_without_the_api_the_panel_says_so_and_the_webmail_works(
    running: Running, person: httpx.Client, chief: httpx.Client
) -> None:
    with running.without("mail:api"):
        eventually(lambda: running.failing() == {"api"})
        page = chief.get("/admin/mailboxes/")
        assert page.status_code == 503
        assert AWAY in page.text
        fragment = chief.get("/admin/mailboxes/", headers={"HX-Request": "true"})
        assert fragment.status_code == 503
        assert "<html" not in fragment.text
        assert person.get("/").status_code == 200
    assert chief.get("/admin/mailboxes/").status_code == 200


def test_without_redis_everything_goes_on(
    running: Running, person: httpx.Client, chief: httpx.Client
) -> None:
    subject = f"no redis {uuid.uuid4().hex}"
    with running.without("mail:redis"):
        eventually(lambda: "redis" in running.failing())
        assert person.get("/").status_code == 200
        assert chief.get("/admin/").status_code == 200
        assert chief.get("/admin/mailboxes/").status_code == 200
        assert running.write(person, subject).status_code == 302
    eventually(lambda: running.letters(subject) == 1, 60)


@pytest.mark.parametrize("program", ["mail:unbound", "mail:postsrsd", "web:worker", "web:beat"])
def test_what_nobody_waits_for_stops_nobody(
    running: Running, person: httpx.Client, chief: httpx.Client, program: str
) -> None:
    subject = f"without {uuid.uuid4().hex}"
    with running.without(program):
        assert person.get("/").status_code == 200
        assert chief.get("/admin/mailboxes/").status_code == 200
        assert running.write(person, subject).status_code == 302
    eventually(lambda: running.letters(subject) == 1, 60)


def _token(client: httpx.Client) -> str:
    return fields(client.get("/login").text)["csrfmiddlewaretoken"]
