"""Folders that are not one's own, any delimiter, any letters: Dovecots that have such namespaces."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from tests.webmail.conftest import SignedIn
from webmail.imap import append, deposit, fetch, folders, listing, move, namespaces
from webmail.imap.connection import Connection
from webmail.imap.wire import Atom, FolderName
from webmail.services import folders as service

SHARED = """
protocol imap {
  mail_plugins = $mail_plugins acl imap_acl
}
namespace theirs {
  type = shared
  separator = /
  prefix = Gente/%%u/
  location = maildir:ROOT/mail/%%u/Maildir
  subscriptions = no
  list = yes
  mailbox Sent {
    special_use = \\Sent
  }
}
namespace everybodys {
  type = public
  separator = /
  prefix = Público/
  location = maildir:ROOT/mail/public
  subscriptions = no
  list = yes
}
plugin {
  acl = vfile
  acl_shared_dict = file:ROOT/mail/shared.db
}
"""
DOTTED = """
namespace inbox {
  separator = .
  prefix = INBOX.
}
"""
NAMES = [
    "Año 2026",
    "漢字",
    "Привет",
    "R&D",
    "a&b&-c",
    "50% *fijo*",
    'con "comillas"',
    "📮 correo",
    "é́",
    "raro~",
]


@pytest.fixture(scope="module")
def shared() -> Iterator[dovecot.Dovecot]:
    with dovecot.dovecot(SHARED) as server:
        public = server.root / "mail/public"
        for folder in ("", "/.Avisos"):
            (public / folder.strip("/")).mkdir(exist_ok=True)
        (public / ".Avisos/dovecot-acl").write_text("anyone lrwstipekxa\n")
        (public / "dovecot-acl").write_text("anyone lrwstipekxa\n")
        for path in (public, *public.rglob("*")):
            os.chown(path, dovecot.MAIL_UID, dovecot.MAIL_UID)
        berta = server.open("berta")
        folders.create(berta, "Proyecto ñ")
        append.append(berta, "Proyecto ñ", dovecot.letter(1, "De Berta"))
        append.append(berta, "Sent", dovecot.letter(2, "Enviado por Berta"))
        for name in ("Proyecto ñ", "Sent"):
            berta.run(Atom("SETACL"), FolderName(name), "ana", "lrwstipekxa")
        berta.log_out()
        yield server


@pytest.fixture
def ana(shared: dovecot.Dovecot) -> Iterator[Connection]:
    imap = shared.open("ana")
    yield imap
    imap.log_out()


def test_others_folders_are_known_and_never_taken_for_ones_own(ana: Connection) -> None:
    kinds = {one.kind: one.prefix for one in namespaces.of(ana)}
    assert kinds == {"": "", "others": "Gente/", "shared": "Público/"}
    tree = {folder.name: folder for folder in folders.tree(ana)}
    assert tree["Gente/berta/Proyecto ñ"].namespace == "others"
    assert tree["Público/Avisos"].namespace == "shared"
    assert tree["Sent"].namespace == ""
    # Berta's Sent has the same special use; my copies do not go there.
    assert tree["Gente/berta/Sent"].role == ""
    assert folders.ensure(ana, "sent") == "Sent"


def test_letters_are_read_and_moved_across_namespaces(ana: Connection) -> None:
    (message,) = listing.page(ana, "Gente/berta/Proyecto ñ").messages
    assert message.envelope.subject == "De Berta"
    moved = move.copy(ana, "Gente/berta/Proyecto ñ", [message.uid], "Público/Avisos")
    assert fetch.rows(ana, "Público/Avisos", [moved.uids[0][1]])
    made = service.create(ana, "Nueva ¡ya!", "Público/Avisos")
    assert made == "Público/Avisos/Nueva ¡ya!"
    assert append.append(ana, made, dovecot.letter(3))
    service.delete(ana, service.get(ana, made))


def test_the_page_shows_them_under_words(shared: dovecot.Dovecot, browser: Client, settings) -> None:
    settings.IMAP_PORT = shared.port
    SignedIn.credentials = shared.credentials("ana")
    imap = shared.open("ana")
    for name in ("Gente/berta/Proyecto ñ", "Público/Avisos"):
        folders.subscribe(imap, name)
    imap.log_out()
    page = browser.get("/").content.decode()
    for words in ("Other people", "Shared folders", "berta", "Proyecto ñ", "Avisos"):
        assert words in page
    assert browser.get("/folder/Gente~sberta~sProyecto ñ/").status_code == 200
    spanish = browser.get("/", headers={"Accept-Language": "es"}).content.decode()
    assert "Otras personas" in spanish
    assert "Carpetas compartidas" in spanish


def test_everything_below_inbox_with_dots() -> None:
    with dovecot.dovecot(DOTTED) as server:
        imap = server.open("ana")
        assert namespaces.prefix(imap) == "INBOX."
        tree = {folder.name: folder for folder in folders.tree(imap)}
        assert tree["INBOX.Sent"].role == "sent"
        assert tree["INBOX.Sent"].path == ("INBOX", "Sent")
        assert folders.ensure(imap, "archive") == "INBOX.Archive"
        made = service.create(imap, "Clientes 2026")
        assert made == "INBOX.Clientes 2026"
        below = service.create(imap, "Año", made)
        assert below == "INBOX.Clientes 2026.Año"
        assert service.rename(imap, service.get(imap, made), "Gente") == "INBOX.Gente"
        assert {f.name for f in folders.tree(imap)} >= {"INBOX.Gente", "INBOX.Gente.Año"}
        back = deposit.Shelf(imap, "Restaurado")
        assert back.put(
            "Sent", deposit.Letter(octets=dovecot.letter(1), arrived=datetime(2026, 5, 3, tzinfo=UTC))
        )
        assert back.shown == "INBOX.Restaurado.Sent"
        imap.log_out()


def test_any_letters_make_a_name(imap: Connection, person: Credentials) -> None:
    for name in NAMES:
        assert service.create(imap, name) == name
        append.append(imap, name, dovecot.letter(1))
    tree = {folder.name: folder.messages for folder in folders.tree(imap)}
    assert {name: tree.get(name) for name in NAMES} == dict.fromkeys(NAMES, 1)
