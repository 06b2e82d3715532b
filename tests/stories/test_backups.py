"""Backups as an administrator sees them: a real server, a drill with a certificate, a flipped byte in red."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as DjangoClient
from django.utils import timezone
from playwright.sync_api import Browser, Page

from mailadmin import connections
from mailadmin.models import BackupRun
from mailadmin.services import backup_drills, backups
from postie_web.accounts.models import User
from tests.browser import axe
from tests.mailadmin.backup.conftest import ACTOR, steps
from tests.mailadmin.backup.test_bad_days import flip
from tests.stack import Stack

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]
LETTER = b"From: ana@kronos.test\r\nDate: Fri, 1 Aug 2025 10:00:00 +0000\r\nSubject: hola\r\n\r\ntexto\r\n"


@pytest.fixture
def saved(stack: Stack, postie_settings: Any, tmp_path: Path) -> BackupRun:
    postie_settings.VAR_DIR = tmp_path / "var"
    postie_settings.POSTEIO_BASE_DADOS = str(stack.root / "data")
    postie_settings.RESTIC_REPOSITORY = str(tmp_path / "repository")
    postie_settings.RESTIC_PASSWORD = "repository-password-4711"
    postie_settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    ours = tmp_path / "ours.sqlite3"
    sqlite3.connect(ours).close()
    before = postie_settings.DATABASES["default"]["NAME"]  # in memory, as tests have it: not a file to copy
    postie_settings.DATABASES["default"]["NAME"] = str(ours)
    address, _password = stack.create_mailbox()
    for _number in range(3):
        stack.deliver(LETTER, address)
    backups.create_repository(ACTOR)
    done = backups.run(backups.wish("chief@kronos.test"), connections.poste())
    postie_settings.DATABASES["default"]["NAME"] = before
    assert done.is_good, steps(done)
    return done


@pytest.fixture
def page(chromium: Browser, live_server: Any, settings: Any) -> Any:
    # Plain http here: the browser takes no __Host- cookie without TLS.
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE = "postie_session", False
    settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE = "postie_csrf", False
    defaults = {"role": User.Role.SYSTEM_ADMIN, "role_confirmed_at": timezone.now()}
    visitor = DjangoClient()
    visitor.force_login(User.objects.get_or_create(address="chief@kronos.test", defaults=defaults)[0])
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    session = visitor.cookies["postie_session"].value
    context.add_cookies([{"name": "postie_session", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def test_a_drill_signs_in_to_what_came_back_and_a_flipped_byte_turns_it_red(
    saved: BackupRun, page: Page, live_server: Any, tmp_path: Path
) -> None:
    done = backup_drills.run(backup_drills.wish("chief@kronos.test", "*"))
    assert (done.state, done.code) == ("ok", ""), (steps(done), done.facts)
    assert done.result["signed_in"] == done.result["mailboxes"] >= 1
    page.goto(f"{live_server.url}/admin/backups/")
    assert page.get_by_text("restored and verified").is_visible()
    assert axe(page) == []
    page.get_by_role("link", name="Certificate").click()
    assert page.get_by_role("heading", name="This backup comes back").is_visible()
    assert page.get_by_text("mailboxes by IMAP, on a server started from the restored data").is_visible()
    assert axe(page) == []

    flip(tmp_path / "repository")
    red = backup_drills.run(backup_drills.wish("chief@kronos.test", "*"))
    assert red.state == "damaged", steps(red)
    page.goto(f"{live_server.url}/admin/backups/")
    assert page.get_by_text("Drill failed", exact=True).is_visible()
    assert page.get_by_text("The repository is damaged").first.is_visible()
    assert axe(page) == []
    page.goto(f"{live_server.url}/admin/")
    assert page.get_by_text("but the last restore drill failed").first.is_visible()
