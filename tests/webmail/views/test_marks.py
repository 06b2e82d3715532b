"""A mark changes its rows and nothing else on the page, as long as that is the whole truth."""

import json
import re
from html import unescape

import pytest
from django.test import Client

from webmail.imap import flags, move
from webmail.imap.cache import ROWS
from webmail.imap.connection import Connection

from .test_messages import HTMX, uids

LIST = '<message-list id="message-list"'


def shown(browser: Client, query: str = "") -> str:
    page = browser.get(f"/{query}").content.decode()
    for address in re.findall(r'hx-get="([^"]+)" hx-trigger="load', page):
        browser.get(unescape(address), headers=HTMX)  # first words, as the page asks for them
    found = re.search(r'name="modseq" value="(\d+)"', page)
    assert found
    return found[1]


def mark(browser: Client, modseq: str, query: str = "", **data: object):
    return browser.post(f"/folder/INBOX/actions/{query}", {"modseq": modseq, **data}, headers=HTMX)


@pytest.mark.parametrize("action", ["read", "flag"])
def test_only_the_rows_that_changed_come_back(browser: Client, imap, letters, action: str) -> None:
    chosen = letters[1:3]
    answer = mark(browser, shown(browser), action=action, uid=chosen)
    html = answer.content.decode()
    assert LIST not in html
    assert answer.headers["HX-Reswap"] == "none"
    assert re.findall(r'<li hx-swap-oob="outerHTML:.message-row\[data-uid=&quot;(\d+)&quot;\]"', html) == [
        str(uid) for uid in chosen
    ]
    assert ("data-unread" in html.partition('id="folder-tree"')[0]) is (action == "flag")
    assert re.search(rf'class="count">{5 if action == "read" else 7}<', html)
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    # What the page now knows is what the whole list would have said.
    assert json.loads(answer.headers["HX-Trigger-After-Swap"]) == {
        "rows-marked": {"modseq": int(shown(browser))}
    }


def test_an_act_after_an_act_is_small_too(browser: Client, letters: list[int]) -> None:
    first = mark(browser, shown(browser), action=f"flag:{letters[0]}")
    known = json.loads(first.headers["HX-Trigger-After-Swap"])["rows-marked"]["modseq"]
    again = mark(browser, str(known), action=f"flag:{letters[0]}")  # it has its star already
    assert LIST not in again.content.decode()
    assert json.loads(again.headers["HX-Trigger-After-Swap"]) == {"rows-marked": {"modseq": known}}
    assert LIST not in mark(browser, str(known), action=f"unflag:{letters[0]}").content.decode()


def test_a_row_that_another_process_drew_is_small_too(browser: Client, letters: list[int]) -> None:
    known = shown(browser)
    ROWS.clear()
    html = mark(browser, known, action=f"flag:{letters[0]}").content.decode()
    assert LIST not in html
    assert "message-row__star" in html


def test_what_another_client_did_comes_with_the_whole_list(
    browser: Client, imap: Connection, letters
) -> None:
    known = shown(browser)
    flags.add(imap, "INBOX", letters[:1], ["\\Flagged"])
    html = mark(browser, known, action=f"read:{letters[2]}").content.decode()
    assert uids(html) == letters[::-1]
    assert html.count("message-row__star") == 1


def test_a_letter_that_went_meanwhile_is_not_in_the_list(browser: Client, imap: Connection, letters) -> None:
    known = shown(browser)
    move.expunge(imap, "INBOX", letters[:1])
    assert uids(mark(browser, known, action="read", uid=letters[:2]).content.decode()) == letters[:0:-1]


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ("?show=unread", {}),
        ("?show=flagged", {}),
        ("?view=conversations", {"conversations": "yes"}),
        ("", {"all": "yes", "below": "99"}),
        ("", {"action": "label", "label": "Trabajo"}),
        ("", {"modseq": ""}),
        ("", {"modseq": "²"}),
    ],
)
def test_where_rows_come_or_go_the_whole_list_is_the_answer(browser, letters, query, data) -> None:
    known = shown(browser)
    answer = mark(browser, **{"modseq": known, "query": query, "action": "read", "uid": letters[:2], **data})
    assert answer.status_code == 200
    assert LIST in answer.content.decode()
