"""The log on its page and on the command line, over what the real server writes."""

import json
import socket
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone

from mailadmin.health import clients
from mailadmin.health.logs import files, search
from mailadmin.health.logs.search import Query
from mailadmin.services import mail_log
from tests.mailadmin.health.test_logs import DOVECOT, POSTFIX, RSPAMD, put
from tests.mailserver.balancer import balancer
from tests.mailserver.test_visitor import header
from tests.stack import eventually

pytestmark = pytest.mark.django_db


@pytest.fixture
def logs(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "logs"
    put(folder / "postfix.log", POSTFIX)
    put(folder / "dovecot.log", DOVECOT)
    put(folder / "rspamd.log", RSPAMD)
    settings.MAIL_LOG_DIR = str(folder)
    return folder


def test_a_letter_through_the_real_server(stack: Any, watched: Any) -> None:
    ana, _ = stack.create_mailbox()
    luis, _ = stack.create_mailbox()
    stack.send(f"From: {ana}\r\nTo: {luis}\r\nSubject: secret plan\r\n\r\n.".encode(), ana, [luis])

    def delivered() -> Any:
        found = mail_log.read(Query(words=luis)).stories
        return found and found[0].state == "delivered" and found[0]

    story = eventually(delivered)
    assert (story.sender, story.recipients) == (ana, (luis,))
    said = [line.says for line in story.lines]
    assert said[0] == f"Accepted from {ana}, signed in, encrypted (TLSv1.3)"
    assert any(one.startswith("Spam score") for one in said)
    assert said[-1] == f"Delivered to INBOX of {luis}"
    assert "secret plan" not in repr(story)


def test_the_page(admin: Browser, logs: Path) -> None:
    text = admin.get("/admin/log/").content.decode()
    assert "Delivered to Facturas of ana@kronos.test, for info@kronos.test" in text
    assert "every 3s" not in text
    following = admin.get("/admin/log/?follow=1").content.decode()
    assert 'hx-trigger="every 3s"' in following
    fragment = admin.get("/admin/log/?follow=1", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "Facturas" in fragment
    assert "No message." in admin.get("/admin/log/?q=nobody-at-all").content.decode()
    assert admin.get("/admin/log/?since=nonsense").status_code == 200
    spanish = admin.get("/admin/log/?q=luis", headers={"Accept-Language": "es"}).content.decode()
    assert "Entregado en Facturas de ana@kronos.test, para info@kronos.test" in spanish


def test_a_domains_administrator_sees_the_own_mail_only(
    domain_admin: Browser, person: Browser, logs: Path
) -> None:
    foreign = POSTFIX.replace("4jbmsW2Wk7zn47w", "4jbmsXXXkkzn47w").replace("kronos.test", "other.test")
    odd = "a strange line about 4jbmsW2Wk7zn47w and eva@other.test\n"
    put(logs / "postfix.log", foreign + odd + POSTFIX)
    text = domain_admin.get("/admin/log/").content.decode()
    assert "luis@kronos.test" in text
    assert "other.test" not in text
    assert "1 line not understood" in text
    assert (
        "other.test"
        not in domain_admin.get("/admin/log/?q=other.test")
        .content.decode()
        .split("<main")[1]
        .split('id="mail-log"')[1]
    )
    assert person.get("/admin/log/").status_code == 403


def test_what_is_not_understood_is_shown_without_its_subject(
    admin: Browser, logs: Path, settings: Any
) -> None:
    odd = 'odd 4jbmsW2Wk7zn47w Subject: "my salary" \x1b[31m<script>alert(1)</script>\n'
    header = (
        "Nov 27 21:34:55 mail postfix/cleanup[26984]: 4jbmsW2Wk7zn47w: warning: header Subject: Sueldo de Ana"
        " from localhost[127.0.0.1]; from=<luis@kronos.test> to=<ana@kronos.test> proto=ESMTP helo=<x>\n"
    )
    lines = POSTFIX.splitlines(keepends=True)
    put(logs / "postfix.log", "".join([*lines[:4], header, odd, *lines[4:]]))
    text = admin.get("/admin/log/?q=luis").content.decode()
    assert "1 line not understood" in text
    assert "salary" not in text
    assert "Sueldo" not in text
    assert "<script>alert" not in text
    settings.MAIL_LOG_SUBJECTS = True
    text = admin.get("/admin/log/?q=luis").content.decode()
    assert "Sueldo de Ana" in text
    assert "salary" in text
    assert "\\x1b[31m&lt;script&gt;" in text


def test_no_log_is_said_in_words(admin: Browser, settings: Any, tmp_path: Path) -> None:
    settings.MAIL_LOG_DIR = ""
    assert "not connected" in admin.get("/admin/log/").content.decode()
    settings.MAIL_LOG_DIR = str(tmp_path / "none")
    assert "cannot be read" in admin.get("/admin/log/").content.decode()
    (tmp_path / "empty").mkdir()
    settings.MAIL_LOG_DIR = str(tmp_path / "empty")
    assert "No mail log yet" in admin.get("/admin/log/").content.decode()


def test_the_command(logs: Path, settings: Any) -> None:
    out = StringIO()
    call_command("mail_story", "luis@kronos.test", "--json", stdout=out)
    document = json.loads(out.getvalue())
    assert document["stories"][0]["id"] == "4jbmsW2Wk7zn47w"
    assert document["whole"] is True
    out = StringIO()
    call_command("mail_story", "luis@kronos.test", stdout=out)
    assert "Delivered to Facturas of ana@kronos.test" in out.getvalue()
    out = StringIO()
    call_command("mail_story", "--domain", "other.test", stdout=out)
    assert out.getvalue() == ""
    settings.MAIL_LOG_DIR = ""
    with pytest.raises(CommandError):
        call_command("mail_story")


def test_through_a_real_proxy_clients_are_seen_or_not(stack: Any, tmp_path: Path) -> None:
    """haproxy as Traefik: with PROXY protocol the log knows the clients, without it only the proxy."""
    here = len(stack.log("postfix").splitlines())
    with balancer(stack, tmp_path) as front:
        for number in range(1, 25):
            strange(front.behind["smtp"], header(f"203.0.113.{number}"))
        told = addresses(stack, here, 24)
        assert clients.judge(told).code == "clients.seen"
        here = len(stack.log("postfix").splitlines())
        for _ in range(24):
            strange(
                front.direct["smtp"], b""
            )  # all of them are this machine, as behind a proxy that says nothing
        assert clients.judge(addresses(stack, here, 24)).code == "clients.proxy"


def strange(port: int, first: bytes) -> None:
    """A stranger whose recipient does not exist."""
    with socket.create_connection(("127.0.0.1", port), 30) as line, line.makefile("rb") as answers:
        line.sendall(first)

        def answer() -> bytes:
            while (said := answers.readline())[3:4] == b"-":
                continue
            return said

        assert answer().startswith(b"220")
        for word in (b"EHLO x.sender.test", b"MAIL FROM:<>", b"RCPT TO:<nobody-here@kronos.test>"):
            line.sendall(word + b"\r\n")
            answer()


def addresses(stack: Any, since: int, least: int) -> list[str]:
    """Of the strangers in the log's lines after `since`."""

    def found() -> list[str]:
        lines = stack.log("postfix").splitlines()[since:]
        folder = stack.root / "log-of-this-test"
        put(folder / "postfix.log", "\n".join(lines) + "\n", timezone.now())
        told = [str(event.facts["ip"]) for event in search.clients(files.shelf(str(folder)))]
        return told if len(told) >= least else []

    return eventually(found)
