"""Leaving a mailing list: one press, only where the letter offers it, never into our own house."""

import pytest
from django.test import Client

from webmail.imap import append
from webmail.imap.connection import Connection
from webmail.mime import headers, lists


def uid_of(imap: Connection, *lines: str) -> int:
    return append.append(imap, "INBOX", "\r\n".join(["Subject: x", *lines, "", "hola"]).encode()) or 0


def test_the_ways_are_read() -> None:
    fields = headers.fields(
        b"List-Unsubscribe: <mailto:off@l.test?subject=off>,\r\n <https://l.test/off?u=1>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n"
    )
    found = lists.leaving(fields)
    assert (found.one_click, found.mailto) == ("https://l.test/off?u=1", "mailto:off@l.test?subject=off")


@pytest.mark.parametrize(
    "value",
    [
        "<javascript:alert(1)>",
        "<http://l.test/off>",
        "https://l.test",
        "",
        "<>",
        "<data:text/html,x>",
        "<" * 5000,
    ],
)
def test_other_ways_are_none(value: str) -> None:
    fields = headers.fields(
        f"List-Unsubscribe: {value}\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n".encode()
    )
    assert not lists.leaving(fields).one_click


def test_by_letter_opens_the_form_filled_in(browser: Client, imap: Connection) -> None:
    uid = uid_of(imap, "List-Unsubscribe: <mailto:off@l.test?subject=off>")
    assert "Unsubscribe" in browser.get(f"/folder/INBOX/{uid}/").content.decode()
    answer = browser.post(f"/folder/INBOX/{uid}/unsubscription/")
    assert answer["Location"] == "/compose/?mailto=mailto%3Aoff%40l.test%3Fsubject%3Doff"


def test_one_click_never_goes_into_our_own_house(browser: Client, imap: Connection) -> None:
    uid = uid_of(
        imap, "List-Unsubscribe: <https://127.0.0.1/off>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    )
    answer = browser.post(f"/folder/INBOX/{uid}/unsubscription/", follow=True)
    assert "did not take it" in answer.content.decode().replace("&#x27;", "'")


def test_looking_never_leaves(browser: Client, imap: Connection) -> None:
    uid = uid_of(
        imap, "List-Unsubscribe: <https://127.0.0.1/off>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    )
    assert browser.get(f"/folder/INBOX/{uid}/unsubscription/").status_code == 405
