"""Making, renaming, emptying and deleting folders as a browser does."""

import re

from django.test import Client

from tests.webmail import dovecot
from tests.webmail.views.test_messages import undo_of
from webmail.imap import append, flags, folders, listing
from webmail.imap.connection import Connection


def names(imap: Connection) -> list[str]:
    return [folder.name for folder in folders.tree(imap)]


def test_a_folder_is_made_inside_another(browser: Client, imap: Connection) -> None:
    browser.post("/folders/", {"name": "Clientes"})
    answer = browser.post("/folders/", {"name": "Ñandú & Cía", "parent": "Clientes"}, follow=True)
    assert "Clientes/Ñandú & Cía" in names(imap)
    assert "is ready" in answer.content.decode()


def test_a_parent_that_does_not_exist_is_shown_all_the_same(browser: Client, imap: Connection) -> None:
    folders.create(imap, "Clientes/Banco/2026")
    tree = browser.get("/").content.decode()
    assert re.search(
        r"Clientes</span></span><ul>\s*<li>.*?Banco</span></span><ul>\s*<li><a [^>]*Clientes~sBanco~s2026",
        tree,
    )


def test_a_name_that_cannot_be_gets_a_sentence_beside_the_field(browser: Client, imap: Connection) -> None:
    browser.post("/folders/", {"name": "Uno"})
    for name, words in [
        ("Uno", "exists already"),
        ("a/b", "does not allow"),
        ("x" * 101, "100"),
        ("", "required"),
    ]:
        assert words in browser.post("/folders/", {"name": name}).content.decode()
    assert names(imap).count("Uno") == 1


def test_rename_and_delete(browser: Client, imap: Connection) -> None:
    browser.post("/folders/", {"name": "Uno"})
    browser.post("/folders/Uno/", {"name": "Dos"})
    assert "Dos" in names(imap)
    assert "0 messages in it die" in browser.get("/folders/Dos/deletion/").content.decode()
    browser.post("/folders/Dos/deletion/")
    assert "Dos" not in names(imap)


def test_special_folders_stay(browser: Client, imap: Connection) -> None:
    page = browser.post("/folders/Sent/deletion/", follow=True).content.decode()
    assert "needs this folder" in page
    browser.post("/folders/Sent/", {"name": "Other"})
    assert "Sent" in names(imap)
    assert "Other" not in names(imap)


def test_emptying_a_folder_and_the_trash_can_be_undone(browser, imap, letters) -> None:
    page = browser.post("/folders/INBOX/contents/", follow=True).content.decode()
    assert "7 messages moved to Trash." in page
    browser.post(undo_of(page))
    assert listing.page(imap, "INBOX").total == 7
    append.append(imap, "Trash", dovecot.letter(9))
    assert "for an hour" in browser.get("/folders/Trash/contents/").content.decode()
    page = browser.post("/folders/Trash/contents/", follow=True).content.decode()
    assert "1 message deleted." in page
    assert "Emptied" not in page
    assert listing.page(imap, "Trash").total == 0
    browser.post(undo_of(page))
    assert listing.page(imap, "Trash").total == 1


def test_mark_all_read_and_undo(browser, imap, letters) -> None:
    flags.add(imap, "INBOX", letters[:2], ["\\Seen"])
    page = browser.post("/folders/INBOX/reading/", follow=True).content.decode()
    assert "5 messages marked as read." in page
    browser.post(undo_of(page))
    assert folders.status(imap, "INBOX").unread == 5


def test_hiding_a_folder_takes_it_out_of_the_tree_only(browser: Client, imap: Connection) -> None:
    browser.post("/folders/", {"name": "Viejo"})
    browser.post("/folders/Viejo/subscription/", {"wanted": "no"})
    assert 'data-folder="Viejo"' not in browser.get("/").content.decode()
    assert "Viejo" in browser.get("/folders/").content.decode()
    assert "Viejo" in names(imap)
