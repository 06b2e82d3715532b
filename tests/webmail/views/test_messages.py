"""The mailbox page and what is done in it, as a browser sees it, over a real Dovecot."""

import json
import re
from html import unescape
from urllib.parse import unquote

import pytest
from django.test import Client

from tests.webmail import dovecot
from webmail.imap import append, flags, folders, listing, move
from webmail.imap.connection import Connection

HTMX = {"HX-Request": "true"}


def uids(html: str) -> list[int]:
    return [int(uid) for uid in re.findall(r'<li class="message-row[^>]* data-uid="(\d+)"', html)]


def undo_of(page: str) -> str:
    found = re.search(r'action="(/undo/\d+/[^"]*)"', page)
    assert found
    return found[1]


def act(browser: Client, folder: str = "INBOX", *, htmx: bool = False, **data):
    return browser.post(f"/folder/{folder}/actions/", data, headers=HTMX if htmx else {})


def there(imap: Connection, folder: str) -> list[str]:
    return [m.envelope.subject for m in listing.page(imap, folder).messages]


def test_the_inbox_shows_folders_and_newest_first(browser: Client, letters: list[int]) -> None:
    page = browser.get("/").content.decode()
    assert uids(page) == letters[::-1]
    assert "Inbox" in page
    assert re.search(r'class="count">7<', page)
    assert page.count("<h1") == 1


def test_a_row_is_one_sentence(browser: Client, imap: Connection) -> None:
    append.append(imap, "INBOX", dovecot.letter(1, "Factura"), ["\\Flagged"])
    row = re.search(r'<a class="message-row__open".*?</a>', browser.get("/").content.decode(), re.S)
    assert row
    said = " ".join(re.sub(r'<svg[^>]*aria-label="([^"]*)".*?</svg>', r" \1 ", row[0]).split())
    said = re.sub(r"<[^>]+>", "", said)
    assert re.match(r"Unread, Ana Quispe, Factura .*, \d\d:\d\d *starred", said)


def test_an_empty_folder_says_so(browser: Client) -> None:
    assert "Nothing here." in browser.get("/folder/Trash/").content.decode()


def test_htmx_gets_the_list_and_the_counts_only(browser: Client, letters: list[int]) -> None:
    page = browser.get("/", headers=HTMX).content.decode()
    assert uids(page) == letters[::-1]
    assert "<html" not in page
    assert 'hx-swap-oob="true"' in page


def test_an_unchanged_list_is_304_and_a_changed_one_is_not(
    browser: Client, imap: Connection, letters: list[int]
) -> None:
    first = browser.get("/", headers=HTMX)
    again = {**HTMX, "If-None-Match": first.headers["ETag"]}
    assert browser.get("/", headers=again).status_code == 304
    flags.add(imap, "INBOX", letters[:1], ["\\Seen"])
    changed = browser.get("/", headers=again)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_every_answer_says_where_the_time_went(browser: Client, imap: Connection, letters: list[int]) -> None:
    one = f"/folder/INBOX/{letters[0]}/"
    for path in (
        "/",
        one,
        f"{one}source/",
        f"{one}headers/",
        f"{one}message.eml",
        "/search/?q=hola",
        "/settings/",
    ):
        said = browser.get(path).headers["Server-Timing"]
        assert re.fullmatch(r"imap;dur=[\d.]+, parse;dur=[\d.]+(, \w+;dur=[\d.]+)*, total;dur=[\d.]+", said)
    assert re.fullmatch(r"total;dur=[\d.]+", browser.get("/folder/%ZZ/x").headers["Server-Timing"])
    html = append.append(imap, "INBOX", b"Subject: x\r\nContent-Type: text/html\r\n\r\n<p>hola")
    said = browser.get(f"/folder/INBOX/{html}/", headers=HTMX).headers["Server-Timing"]
    assert re.findall(r"(\w+);dur", said) == ["clean", "imap", "parse", "render", "total"]


@pytest.mark.parametrize("name", ["Nada", "a~xb", "~sINBOX", "x" * 2000, "a%0D%0Ab", "&AA"])
def test_a_folder_that_is_not_there_is_404(browser: Client, name: str) -> None:
    assert browser.get(f"/folder/{name}/").status_code == 404


@pytest.mark.parametrize("name", ["Clientes/Año 2026", "a~b", "50%", "¿qué?", "a+b&c;d"])
def test_any_name_has_a_page(browser: Client, imap: Connection, name: str) -> None:
    folders.create(imap, name)
    append.append(imap, name, dovecot.letter(1))
    home = browser.get("/").content.decode()
    links = [unescape(link) for link in re.findall(r'href="(/folder/[^"]+/)"', home)]
    found = [link for link in links if uids(browser.get(link).content.decode()) == [1]]
    assert len(set(found)) == 1


def test_filters_and_order(browser: Client, imap: Connection, letters: list[int]) -> None:
    flags.add(imap, "INBOX", letters[:3], ["\\Seen"])
    flags.add(imap, "INBOX", letters[3:5], ["\\Flagged"])
    assert uids(browser.get("/?show=unread").content.decode()) == letters[:2:-1]
    assert uids(browser.get("/?show=flagged").content.decode()) == letters[4:2:-1]
    assert uids(browser.get("/?sort=arrival-up").content.decode()) == letters
    assert uids(browser.get("/?sort=nonsense&show=nonsense&page=x").content.decode()) == letters[::-1]


def test_archive_and_undo_without_javascript(browser: Client, imap: Connection, letters: list[int]) -> None:
    answer = browser.post("/folder/INBOX/actions/", {"action": "archive", "uid": letters[:2]}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [("/folder/INBOX/?", 303)]
    assert "2 messages moved to Archive." in page
    assert uids(page) == letters[:1:-1]
    assert there(imap, "Archive") == ["Carta 2", "Carta 1"]
    undo = re.search(r'action="(/undo/\d+/[^"]*)"', page)
    assert undo
    assert "2 messages are as they were." in browser.post(undo[1], follow=True).content.decode()
    assert there(imap, "Archive") == []
    assert sorted(there(imap, "INBOX")) == sorted(f"Carta {n}" for n in range(1, 8))


def test_with_htmx_one_answer_has_list_counts_words_and_undo(browser: Client, letters: list[int]) -> None:
    answer = act(browser, htmx=True, action=f"trash:{letters[-1]}")
    assert uids(answer.content.decode()) == letters[-2::-1]
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert toast["text"] == "1 message moved to Trash."
    assert browser.post(toast["undo"], headers=HTMX).status_code == 204


@pytest.mark.parametrize(
    ("action", "flag", "has"),
    [
        ("read", "\\Seen", True),
        ("unread", "\\Seen", False),
        ("flag", "\\Flagged", True),
        ("unflag", "\\Flagged", False),
    ],
)
def test_marks_and_their_undo(browser: Client, imap, letters, action, flag, has) -> None:
    flags.add(imap, "INBOX", letters[:1], [flag])
    act(browser, action=action, uid=letters[:3])
    after = flags.current(imap, "INBOX", letters)
    assert [flag in after[uid] for uid in letters[:3]] == [has] * 3
    page = browser.get("/actions/").content.decode()
    browser.post(undo_of(page))
    again = flags.current(imap, "INBOX", letters)
    assert [flag in again[uid] for uid in letters[:3]] == [True, False, False]


def test_junk_and_back(browser: Client, imap: Connection, letters: list[int]) -> None:
    act(browser, action="junk", uid=letters[:1])
    assert there(imap, "Junk") == ["Carta 1"]
    act(browser, "Junk", action="not-junk", uid=1)
    assert there(imap, "INBOX")[0] == "Carta 1"


def test_move_copy_and_labels(browser: Client, imap: Connection, letters: list[int]) -> None:
    folders.create(imap, "Clientes")
    act(browser, action="move", uid=letters[:1], target="Clientes")
    act(browser, action="copy", uid=letters[1:2], target="Clientes")
    act(browser, action="label", uid=letters[2:3], label="Trabajo")
    assert there(imap, "Clientes") == ["Carta 2", "Carta 1"]
    assert 'data-label="Trabajo"' in browser.get("/").content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {"action": "archive"},
        {"action": "explode", "uid": 1},
        {"action": "move", "uid": 1},
        {"action": "move", "uid": 1, "target": "Nada"},
        {"action": "move", "uid": 1, "target": "a\r\nX DELETE INBOX"},
        {"action": "archive", "uid": "1 FLAGS"},
        {"action": "archive", "uid": "99999999999"},
        {"action": "archive:1;2"},
    ],
)
def test_nonsense_gets_a_sentence_and_changes_nothing(browser, imap, letters, data) -> None:
    before = flags.current(imap, "INBOX", letters)
    answer = browser.post("/folder/INBOX/actions/", data, headers=HTMX)
    assert answer.status_code == 409
    assert len(unquote(answer.headers["X-Message"])) > 10
    assert flags.current(imap, "INBOX", letters) == before


def test_all_means_what_was_there_when_the_page_was_made(browser: Client, imap, letters) -> None:
    below = re.search(r'name="below" value="(\d+)"', browser.get("/").content.decode())
    assert below
    append.append(imap, "INBOX", dovecot.letter(8, "Nueva"))
    act(browser, action="archive", all="yes", below=below[1])
    assert there(imap, "INBOX") == ["Nueva"]
    assert len(there(imap, "Archive")) == 7


def test_undo_finds_mail_that_another_client_moved_on(browser: Client, imap, letters) -> None:
    answer = act(browser, htmx=True, action="archive", uid=letters[:2])
    move.move(imap, "Archive", [1], "Junk")
    browser.post(json.loads(answer.headers["HX-Trigger"])["toast"]["undo"])
    assert sorted(there(imap, "INBOX")) == [f"Carta {n}" for n in range(1, 8)]
    assert there(imap, "Junk") == []


def test_undo_is_mine_and_works_once(browser: Client, imap, letters, mail) -> None:
    undo = json.loads(act(browser, htmx=True, action="archive", uid=letters[:1]).headers["HX-Trigger"])[
        "toast"
    ]["undo"]
    from tests.webmail.conftest import SignedIn

    me, SignedIn.credentials = SignedIn.credentials, mail.credentials("somebody-else")
    assert browser.post(undo).status_code == 404
    SignedIn.credentials = me
    browser.post(undo)
    assert there(imap, "INBOX")[0] == "Carta 1"
    browser.post(undo)
    assert len(there(imap, "INBOX")) == 7


def test_new_mail_waits_until_it_is_asked_for(browser: Client, imap, letters) -> None:
    news = re.search(r'hx-get="(/folder/INBOX/news/\?since=\d+)"', browser.get("/").content.decode())
    assert news
    assert browser.get(news[1]).status_code == 204
    append.append(imap, "INBOX", dovecot.letter(8))
    assert "1 new message" in browser.get(news[1]).content.decode()


def test_previews_come_after_the_rows(browser: Client, letters: list[int]) -> None:
    wanted = re.search(r'hx-get="(/folder/INBOX/previews/[^"]+)"', browser.get("/").content.decode())
    if wanted:
        assert "Hola, esta es la carta 1." in browser.get(wanted[1].replace("&amp;", "&")).content.decode()
    assert "Hola, esta es la carta 1." in browser.get("/").content.decode()


def test_a_form_token_is_needed(browser: Client, imap, letters) -> None:
    strict = Client(enforce_csrf_checks=True)
    for address in ("/folder/INBOX/actions/", "/undo/1/", "/folders/", "/folders/INBOX/reading/"):
        assert strict.post(address, {"action": "trash", "uid": letters}).status_code == 403
    assert len(there(imap, "INBOX")) == 7
