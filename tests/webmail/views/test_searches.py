"""Around the search box: marks, labels by name, all hits at once, what is kept and offered."""

import os
import re
from html import unescape

import pytest
from django.test import Client

from tests.webmail import dovecot
from tests.webmail.views.test_messages import there, uids
from webmail.imap import append, flags, folders
from webmail.imap.connection import Connection
from webmail.models import Contact, Preferences, SavedSearch


def search(browser: Client, text: str) -> str:
    answer = browser.get("/search/", {"q": text})
    assert answer.status_code == 200
    return answer.content.decode()


def test_hits_are_marked_in_the_list_and_go_on_into_the_letter(browser: Client, imap: Connection) -> None:
    uid = append.append(imap, "INBOX", dovecot.letter(1, "Factura <b>factura</b>")) or 0
    page = search(browser, "factura")
    assert "<mark>Factura</mark> &lt;b&gt;<mark>factura</mark>&lt;/b&gt;" in page
    assert f'href="/folder/INBOX/{uid}/?q=factura"' in page
    assert 'aria-label="Select: Ana Quispe, Factura &lt;b&gt;factura&lt;/b&gt;"' in page


@pytest.mark.parametrize(
    ("subject", "asked"),
    [("Reunión en Perú", "reunión"), ("Reunión", "REUNIÓN"), ("会議の資料", "会議"), ("Отчёт", "отчёт")],
)
def test_accents_and_other_writings_are_found(
    browser: Client, imap: Connection, subject: str, asked: str
) -> None:
    from email.header import Header

    append.append(imap, "INBOX", dovecot.letter(1, Header(subject, "utf-8").encode()))
    append.append(imap, "INBOX", dovecot.letter(2, "Otra cosa"))
    assert len(uids(search(browser, asked))) == 1
    assert len(uids(search(browser, f"subject:{asked}"))) == 1


def test_labels_are_found_by_their_name(
    browser: Client, person, imap: Connection, letters: list[int]
) -> None:
    flags.add(imap, "INBOX", letters[:2], ["Ano_nuevo"])
    Preferences.objects.create(account=person.address, labels={"Ano_nuevo": {"name": "Año nuevo"}})
    assert len(uids(search(browser, 'label:"Año nuevo"'))) == 2
    assert len(uids(search(browser, "label:Ano_nuevo"))) == 2


def test_all_hits_of_all_folders_at_once_and_back(browser: Client, imap: Connection, person) -> None:
    folders.create(imap, "Otra")
    for number in range(40):
        append.append(imap, "INBOX" if number % 2 else "Otra", dovecot.letter(number, f"Factura {number}"))
    append.append(imap, "INBOX", dovecot.letter(99, "Almuerzo"))
    Preferences.objects.create(account=person.address, page_size=25)
    assert "Select all 40" in search(browser, "subject:factura")
    data = {"action": "archive", "all": "yes"}
    answer = browser.post("/search/actions/?q=subject:factura", data, follow=True)
    page = answer.content.decode()
    assert "40 messages moved to Archive." in page
    assert there(imap, "INBOX") == ["Almuerzo"]
    assert there(imap, "Otra") == []
    undo = re.search(r'action="([^"]*/undo/[^"]+)"', page)
    assert undo
    browser.post(undo[1].replace("&amp;", "&"))
    assert len(there(imap, "INBOX")) == 21
    assert len(there(imap, "Otra")) == 20


def test_searches_are_remembered_kept_and_forgotten(browser: Client, person, letters: list[int]) -> None:
    for number in range(15):
        search(browser, f"carta {number}")
    assert SavedSearch.objects.count() == 10
    browser.post("/search/saved/", {"q": "is:unread carta", "name": "Por leer"})
    page = browser.get("/search/").content.decode()
    assert "Por leer" in page
    assert "carta 14" in page
    assert "carta 2<" not in page
    browser.post(f"/search/saved/{SavedSearch.objects.get(name='Por leer').pk}/")
    assert not SavedSearch.objects.exclude(name="").exists()
    other = SavedSearch.objects.create(account="somebody", query="x", name="x")
    browser.post(f"/search/saved/{other.pk}/")
    assert SavedSearch.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("ha", "has:attachment"),
        ("factura fr", "factura from:"),
        ("rosa", "from:rosa@kronos.test"),
        ("from:cast", "from:rosa@kronos.test"),
        ("label:a", "label:&quot;Año nuevo&quot;"),
        ("viej", "older_than:9y"),
    ],
)
def test_the_box_offers_what_could_be_meant(browser: Client, person, text: str, offered: str) -> None:
    Contact.objects.create(account=person.address, address="rosa@kronos.test", name="Rosa Castillo")
    SavedSearch.objects.create(account=person.address, query="older_than:9y", name="Viejas")
    Preferences.objects.create(account=person.address, labels={"x": {"name": "Año nuevo"}})
    html = browser.get("/search/suggestions/", {"q": text}).content.decode()
    assert f'<option value="{offered}"' in html


def test_the_form_of_fields_writes_the_same_search(browser: Client, letters: list[int]) -> None:
    assert browser.get("/search/criteria/").status_code == 200
    fields = {
        "sender": "ana quispe",
        "words": "carta",
        "without": "luis pedro",
        "larger": "2",
        "unread": "on",
    }
    answer = browser.get("/search/criteria/", {**fields, "folder": "INBOX", "before": "2026-01-31"})
    assert answer.status_code == 302
    assert answer["Location"] == (
        "/search/?q=from%3A%22ana+quispe%22+in%3AINBOX+carta+-luis+-pedro+before%3A2026-01-31"
        "+larger%3A2M+is%3Aunread"
    )
    assert "has:attachment" not in answer["Location"]


def test_where_texts_take_long_the_latest_hits_come_first(
    browser: Client, mail: dovecot.Dovecot, imap: Connection, person
) -> None:
    folders.all_uids(imap, "INBOX")  # makes the Maildir
    mail.fill(person.address, [dovecot.letter(1, "Vieja")] * 2000)
    for file in (mail.root / "mail" / person.address / "Maildir/cur").iterdir():
        os.utime(file, (1_500_000_000, 1_500_000_000))
    append.append(imap, "INBOX", dovecot.letter(2, "Nueva"))
    address = "/search/?q=esta&bodies=yes"
    first = browser.get(address).content.decode()
    assert re.findall(r'message-row__subject">([^<]*)<', first) == ["Nueva"]
    assert "Looking further back" in first
    assert "select-all" not in first
    rest = re.search(r'hx-get="([^"]*deep=yes)" hx-trigger="load"', first)
    assert rest
    assert f'href="{rest[1]}"' in first  # and without scripts
    whole = browser.get(unescape(rest[1]), headers={"HX-Request": "true"}).content.decode()
    assert "2001 messages" in whole
    assert "Looking further back" not in whole
    # Senders and subjects stand in the server's index: they come at once.
    assert "Looking further back" not in browser.get("/search/?q=subject:Vieja").content.decode()
    assert "Buscando más atrás" in browser.get(address, headers={"Accept-Language": "es"}).content.decode()
