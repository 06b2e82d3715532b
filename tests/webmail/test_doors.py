"""Every door of the webmail at once: what a page of somebody else, a letter or one's own data may not do."""

import io
import re
import zipfile
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver

from postie_web.lib.credentials import Credentials
from tests.accounts.test_sessions import _paths
from tests.webmail import dovecot
from webmail.imap import append, errors, flags, folders
from webmail.imap.connection import Connection
from webmail.models import Contact, Preferences, SavedSearch, SenderRule
from webmail.services import images

EVIL = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
ENCRYPTED = b"""From: ana@kronos.test
Subject: secreto
MIME-Version: 1.0
Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b

--b
Content-Type: text/html

<img src="http://canary.invalid/hit?
--b
Content-Type: application/octet-stream

-----BEGIN PGP MESSAGE-----
texto oculto
--b
Content-Type: text/html

">
--b--
"""


PARAMETERS = [
    *("q", "show", "sort", "page", "part", "view", "look", "images", "to", "mailto", "subject"),
    *("kind", "folder", "next", "open", "day", "lang", "number", "order", "bodies", "draft", "uid"),
]


class Tags(HTMLParser):
    """The elements of a page as a browser sees them, without what stands in attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = dict(attributes)
        inline = tag == "script" and "src" not in known and known.get("type") != "application/json"
        if inline or any(name.startswith("on") for name in known) or known.get("src") == "x":
            self.bad.append(self.get_starttag_text() or tag)


def addresses(uid: int) -> list[str]:
    """Every door of the webmail, with a letter, a part and a folder that are there."""
    routes = _paths(get_resolver("webmail.urls").url_patterns)
    known = {"uid": str(uid), "number": "1", "name": "INBOX", "section": "1", "token": "x"}
    filled = [re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known[found[1]], route) for route in routes]
    return [path for path in filled if not path.startswith("/time-machine/INBOX")]


def state(imap: Connection) -> Any:
    """All that could be changed: the mailbox, and every row of ours."""
    tree = folders.tree(imap)
    mail = {f.name: (f.subscribed, flags.current(imap, f.name, folders.all_uids(imap, f.name))) for f in tree}
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("webmail_"):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                rows[table] = cursor.fetchall()
    return mail, rows


def test_looking_changes_nothing(browser: Client, imap: Connection, letters: list[int]) -> None:
    """As a picture in a letter, or a page of somebody else, would ask: every door, by GET."""
    browser.get("/")
    before = state(imap)
    asked = 0
    for path in addresses(letters[0]):
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}
        answer: Any = browser.get(
            f"{path}?action=trash&all=1&uid={letters[0]}&name=x&wanted=no", headers=headers
        )
        assert answer.status_code < 500, path
        answer.close()
        asked += 1
    assert asked > 50
    assert state(imap) == before


def test_no_parameter_comes_back_as_html(browser: Client, letters: list[int]) -> None:
    query = "&".join(f"{name}={EVIL}" for name in PARAMETERS)
    for path in addresses(letters[0]):
        for headers in (
            {},
            {"HX-Request": "true", "HX-Current-URL": f"http://testserver/{EVIL}", "User-Agent": EVIL},
        ):
            answer: Any = browser.get(f"{path}?{query}", headers=headers)
            assert answer.status_code < 500, path
            if not answer.streaming and "html" in answer.get("Content-Type", ""):
                assert Tags(answer.content.decode()).bad == [], path
            answer.close()


def test_ones_own_data_is_text_too(browser: Client, imap: Connection, person: Credentials) -> None:
    account = person.address
    Contact.objects.create(account=account, address="a@b.test", name=EVIL)
    SavedSearch.objects.create(account=account, name=EVIL, query=EVIL)
    SenderRule.objects.create(account=account, pattern=EVIL[:100], shows_images=True)
    Preferences.objects.create(
        account=account, labels={"evil": {"name": EVIL, "tone": EVIL}}, keys={"e": EVIL}
    )
    for name in (EVIL.replace("/", ""), "Sent"):
        if name != "Sent":
            folders.create(imap, name)
        draft = append.append(
            imap, name, dovecot.letter(1, EVIL, From=f"{EVIL} <x@y.test>"), ["evil", "$<b>"]
        )
    pages = [
        *("/", "/folders/", "/search/", "/settings/", "/settings/keys/", "/actions/"),
        *("/settings/sessions/", "/search/criteria/", "/search/suggestions/?q=a", "/folder/Sent/"),
    ]
    pages += [f"/search/?q={EVIL}", f"/folder/Sent/{draft}/", f"/compose/?draft={draft}"]
    pages += [f"/compose/?kind={kind}&folder=Sent&uid={draft}" for kind in ("reply", "reply-all", "forward")]
    for path in pages:
        answer = browser.get(path, follow=True)
        assert answer.status_code in (200, 404), path
        assert Tags(answer.content.decode()).bad == [], path


def test_an_errors_own_words_stay_in_the_log(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(*_args: object, **_options: object) -> None:
        raise errors.Unavailable(EVIL)

    monkeypatch.setattr(folders, "tree", break_off)
    for headers in ({}, {"HX-Request": "true"}):
        answer = browser.get("/settings/", headers=headers)
        assert answer.status_code == 503
        assert "alert(1)" not in answer.content.decode()


def test_what_is_encrypted_loads_nothing_and_is_never_joined(browser: Client, imap: Connection) -> None:
    uid = append.append(imap, "INBOX", ENCRYPTED)
    for path in ("", "body/", "body/?images=1", "?images=1", "?view=plain", "print/?images=1"):
        answer = browser.get(f"/folder/INBOX/{uid}/{path}")
        assert "canary" not in answer.content.decode()
        assert "/picture/" not in answer.content.decode()
    for kind in ("reply", "reply-all", "forward"):
        page = browser.get(f"/compose/?kind={kind}&folder=INBOX&uid={uid}").content.decode()
        assert "oculto" not in page


def test_files_are_given_to_our_own_pages_only(browser: Client, letters: list[int]) -> None:
    base = f"/folder/INBOX/{letters[0]}/"
    for path in ("part/1/", "part/1/?inline=1", "message.eml", "attachments.zip"):
        for site in ("cross-site", "same-site"):
            answer = browser.get(base + path, headers={"Sec-Fetch-Site": site})
            assert (answer.status_code, answer.headers.get("Location")) == (302, base)
        for site in ("same-origin", "none"):
            found: Any = browser.get(base + path, headers={"Sec-Fetch-Site": site})
            assert found.status_code == (404 if "zip" in path else 200)
            assert found.status_code == 404 or found["Cross-Origin-Resource-Policy"] == "same-origin"
            found.close()


def test_names_in_an_archive_stay_in_it(browser: Client, imap: Connection) -> None:
    names = [
        "../../etc/passwd",
        "/etc/passwd",
        "..\\..\\x.exe",
        "C:\\x",
        "a\u202egnp.exe",
        "..",
        "con",
        "a.txt",
        "A.TXT",
    ]
    parts = "".join(
        "--b\r\nContent-Type: application/x-a\r\n"
        f"Content-Disposition: attachment; filename*=utf-8''{_quoted(name)}\r\n\r\nx\r\n"
        for name in names
    )
    head = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    uid = append.append(imap, "INBOX", f"{head}{parts}--b--\r\n".encode())
    answer: Any = browser.get(f"/folder/INBOX/{uid}/attachments.zip")
    found = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    assert len({name.lower() for name in found}) == len(names)
    assert not [name for name in found if re.search(r"[/\\\u202e]", name) or name.startswith(".")]


def _quoted(name: str) -> str:
    return "".join(f"%{octet:02X}" for octet in name.encode())


def test_pictures_are_not_fetched_without_end(settings) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "few"}
    }
    person = "ana\r\nset x 0 0 1\r\n@kronos.test"  # a cache's key never holds what somebody wrote
    assert [images._too_many(person) for _ in range(301)] == [False] * 300 + [True]
    assert not images._too_many("another@kronos.test")


def test_the_frame_says_that_names_are_not_looked_up(browser: Client, imap: Connection) -> None:
    uid = append.append(
        imap, "INBOX", b"Subject: x\r\nContent-Type: text/html\r\n\r\n<a href='http://a.test'>x</a>"
    )
    answer = browser.get(f"/folder/INBOX/{uid}/body/")
    assert answer["X-DNS-Prefetch-Control"] == "off"
    assert 'rel="noopener noreferrer"' in answer.content.decode()
