"""In a real browser: a new domain, its page, one press, the zone is written; axe on every page."""

import gzip
import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connection
from django.test import Client as Browser
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from mailadmin import connections, tasks
from mailadmin.dns import update
from mailadmin.dns.network import Answer, State, Wrapped
from mailadmin.dns.plan import Change, parse
from mailadmin.dns.resolver import Resolver, Settings
from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewDomain, NewMailbox
from mailadmin.services import dns_reports
from postie_web.accounts.models import User
from tests.browser import axe, visits_end
from tests.mailadmin.conftest import browser as signed_in
from tests.mailadmin.dns import zoo
from tests.mailadmin.dns.test_received import report, row

pytestmark = pytest.mark.story
NAME = "story.zoo.test"
CHIEF = "chief@kronos.test"
PICTURES = os.environ.get("POSTIE_PICTURES", "")


T = TypeVar("T")


def run_apart(work: Callable[[str], T], name: str) -> T:
    """In a thread of its own, as the worker does: Playwright's event loop lives in this one."""

    def closing() -> T:
        try:
            return work(name)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as apart:
        return apart.submit(closing).result()


def look(page: Page, name: str) -> None:
    for width in (1440, 820, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert axe(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})


@pytest.fixture
def world(poste: Client, zoo_resolver: Settings, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    # The story is told over plain HTTP: cookies named __Host- would not be kept.
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "sessionid", "csrftoken"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = False
    settings.POSTEIO_HOSTNAME = "mail.zoo.test"
    settings.MAIL_ADDRESSES = ["203.0.113.10"]
    monkeypatch.setattr(connections, "network", lambda: Resolver(zoo_resolver))
    monkeypatch.setattr(connections, "poste", lambda: poste)
    poste.domains.create(NewDomain(name=NAME))
    poste.domains.create_dkim(NAME)
    # The role is asked for again after a minute: a slow story needs a real administrator.
    chief = NewMailbox(address=CHIEF, name="Chief", password="correct-horse-battery-9", super_admin=True)
    poste.mailboxes.create(chief)
    return poste


@pytest.fixture
def server(world: Client, transactional_db: None, settings: Any) -> Iterator[str]:
    """One of our own: the shared one reads its settings before a test can change them."""
    settings.ALLOWED_HOSTS = ["localhost"]
    started = LiveServer("localhost")
    yield started.url
    visits_end()
    started.stop()


@pytest.fixture
def webhook(settings: Any) -> Iterator[list[dict[str, str]]]:
    """The second way of alarms, on loopback: what it was told."""
    told: list[dict[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None: ...

    hook = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=hook.serve_forever, daemon=True)
    thread.start()
    settings.ALERT_WEBHOOK = f"http://127.0.0.1:{hook.server_address[1]}/"
    yield told
    hook.shutdown()
    hook.server_close()
    thread.join(5)


def drift_is_told_and_put_back(page: Page, server: str) -> None:
    """Somebody takes the DMARC record away by hand: the next run says so, one press repairs it."""
    zone = update.Zone(NAME, zoo.FIRST, "postie", zoo.SECRET)
    report = run_apart(dns_reports.latest, NAME)
    assert report is not None
    record = next(r for r in report.expected if r["name"] == f"_dmarc.{NAME}")
    update.apply(zone, [Change(record["name"], "TXT", (record["value"],), (), "")])
    run_apart(tasks.verify_domain, NAME)
    page.goto(f"{server}/admin/domains/{NAME}/dns/")
    page.get_by_role("heading", name="Somebody changed these records").wait_for()
    look(page, "drift")
    page.get_by_role("button", name="Put them back").click()
    page.get_by_text("Written.").wait_for()
    assert not page.get_by_text("Somebody changed these records").count()


def reports_are_read_and_said(page: Page, server: str, scheme: str, folder: Path) -> None:
    """Empty; then a report is chosen and read; the next step stands there with its sources."""
    page.goto(f"{server}/admin/domains/{NAME}/dns/reports/")
    page.get_by_text("No report was read yet.").wait_for()
    look(page, f"reports-empty-{scheme}")
    rows = [row("203.0.113.10", 480), row("198.51.100.7", 3, dkim="fail", spf="fail", disposition="reject")]
    rows += [row("2001:db8:77::25", 40, spf="fail"), row("192.0.2.44", 12, dkim="fail", spf="fail")]
    rows[2] = rows[2] + row("2001:db8:77::25", 2, dkim="fail", spf="fail")
    for days, some in ((20, rows[:1]), (1, rows)):
        file = folder / f"{days}.xml.gz"
        file.write_bytes(gzip.compress(report(*some, name=NAME, identifier=f"{days}", days=days)))
        page.set_input_files("input[type=file]", file)
        page.get_by_role("button", name="Read it").click()
        page.get_by_text("The report was read.").wait_for()
    page.get_by_text("A forger; or a service of yours").first.wait_for()
    look(page, f"reports-{scheme}")
    page.get_by_role("link", name="Change the DNS").click()
    page.get_by_text("The next safe step of DMARC").wait_for()
    assert not page.get_by_role("checkbox", name="_dmarc").is_checked()
    look(page, f"step-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_a_new_domain_to_a_published_one(
    scheme: Any, server: str, chromium: Chromium, webhook: list[dict[str, str]], tmp_path: Path
) -> None:
    session: Browser = signed_in(CHIEF, User.Role.SYSTEM_ADMIN)
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    cookie = next(iter(session.cookies.values()))
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server}])
    page = context.new_page()
    page.goto(f"{server}/admin/domains/{NAME}/dns/")
    page.get_by_role("button", name="Check now").click()
    page.get_by_role("heading", name="To fix").wait_for()
    look(page, f"dns-{scheme}")
    page.get_by_role("link", name="Change the DNS").click()
    page.get_by_text("A name server of your own").click()
    page.get_by_label("Address of the name server").fill(zoo.FIRST)
    page.get_by_label("Name of the TSIG key").fill("postie")
    page.get_by_label("Secret of the TSIG key").fill(zoo.SECRET)
    page.get_by_role("button", name="Save the key").click()
    look(page, f"plan-{scheme}")
    for box in page.locator("input[name=change]").all():
        box.check()
    page.get_by_role("button", name="Write these changes").click()
    page.get_by_text("Nothing to change.").wait_for()
    page.get_by_role("button", name="Ask the name servers").first.click()
    page.get_by_text("Every name server shows it since").first.wait_for()
    drift_is_told_and_put_back(page, server)
    reports_are_read_and_said(page, server, scheme, tmp_path)
    page.goto(f"{server}/admin/domains/{NAME}/dns/plan/")
    page.get_by_role("button", name="Take it back").last.click()
    page.get_by_text("Taken back.").wait_for()
    for path in ("/admin/dns/", "/admin/deliverability/"):
        page.goto(server + path)
        look(page, path.strip("/").replace("/", "-") + f"-{scheme}")
    page.goto(f"{server}/admin/deliverability/")
    page.get_by_role("button", name="Sending fails").click()
    page.get_by_text("The cause:").wait_for()
    page.goto(f"{server}/admin/dns/shared/{dns_reports.share(NAME)}/")
    page.get_by_role("heading", name="Records to publish").wait_for()
    look(page, f"shared-{scheme}")
    context.close()
    assert [note["title"] for note in webhook] == [f"Somebody changed the DNS of {NAME}"]


class Provided(Wrapped):
    """With the reverse name, which is the hosting provider's to set."""

    def ask(self, name: str, kind: str) -> Answer:
        if (name, kind) != ("10.113.0.203.in-addr.arpa", "PTR"):
            return self.network.ask(name, kind)
        return Answer(name, kind, State.FOUND, (parse("PTR", "mail.zoo.test."),), 300)


def test_step_by_step_by_hand_until_all_is_green(
    server: str, chromium: Chromium, zoo_resolver: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each record of the page is published in the zone by hand; each step shows at the next check."""
    monkeypatch.setattr(connections, "network", lambda: Provided(Resolver(zoo_resolver)))
    session: Browser = signed_in(CHIEF, User.Role.SYSTEM_ADMIN)
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    cookie = next(iter(session.cookies.values()))
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server}])
    page = context.new_page()
    page.goto(f"{server}/admin/domains/{NAME}/dns/")
    page.get_by_role("button", name="Check now").click()
    page.get_by_role("heading", name="To fix").wait_for()
    report = run_apart(dns_reports.latest, NAME)
    assert report is not None
    wanted = [record for record in report.expected if not record["optional"]]
    assert [record["purpose"] for record in wanted] == ["mx", "spf", "dkim", "dmarc"]
    changes = [Change(r["name"], r["kind"], (), (r["value"],), r["purpose"]) for r in wanted]
    zone = update.Zone(NAME, zoo.FIRST, "postie", zoo.SECRET)
    try:
        for number, change in enumerate(changes, 1):
            assert page.locator("td .badge--danger").count() == len(changes) - number + 1
            update.apply(zone, [change])
            page.get_by_role("button", name="Check now").click()
            page.wait_for_function(
                "left => document.querySelectorAll('td .badge--danger').length === left",
                arg=len(changes) - number,
            )
        assert page.get_by_role("heading", name="To fix").count() == 0
        assert page.locator("td .badge--success").count() >= len(changes)
        look(page, "green")
    finally:
        update.apply(zone, [change.inverse for change in changes])
        context.close()
