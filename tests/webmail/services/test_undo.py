"""Whatever is done, in whatever order: undone all of it, the mailbox is as it was."""

import random
from collections.abc import Callable

import pytest

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from webmail.imap import append, fetch, flags, folders, move
from webmail.imap.connection import Connection
from webmail.models import Action
from webmail.services import folders as folder_service
from webmail.services import journal, messages
from webmail.services.messages import Order

LETTERS = 14
PLACES = ("INBOX", "Sent", "Junk", "Trash", "Clientes")
WORDS = ("read", "unread", "flag", "unflag", "label", "unlabel", "archive", "trash", "junk", "move")


@pytest.fixture
def box(imap: Connection, db: None) -> Connection:
    folders.create(imap, "Clientes")
    folders.ensure(imap, "archive")
    chance = random.Random(7)
    for number in range(LETTERS):
        marks = [mark for mark in ("\\Seen", "\\Flagged", "Casa") if chance.random() < 0.4]
        append.append(imap, chance.choice(PLACES), dovecot.letter(number), marks)
    return imap


def snapshot(imap: Connection) -> dict[str, tuple[str, frozenset[str]]]:
    """X-GUID → folder and marks, of the whole mailbox."""
    found = {}
    for folder in folders.tree(imap):
        if not folder.selectable or not folder.messages:
            continue
        uids = folders.all_uids(imap, folder.name)
        marks = flags.current(imap, folder.name, uids)
        for uid, guid in fetch.guids(imap, folder.name, uids).items():
            assert guid not in found, "a message is there twice"
            found[guid] = (folder.name, marks[uid])
    return found


def some_act(imap: Connection, chance: random.Random) -> None:
    folder = chance.choice([f for f in folders.tree(imap) if f.messages and f.selectable])
    if folder.role != "inbox" and chance.random() < 0.15:
        folder_service.empty(imap, folder)
        return
    if chance.random() < 0.1:
        folder_service.mark_all_read(imap, folder)
        return
    uids = folders.all_uids(imap, folder.name)
    some = chance.sample(uids, chance.randint(1, len(uids)))
    word = chance.choice(WORDS)
    order = Order(word=word, folder=folder.name, uids=some, label="Casa", target=chance.choice(PLACES))
    messages.perform(imap, order)


def undo_all(imap: Connection) -> None:
    for entry in Action.objects.filter(undone_at=None).order_by("-pk"):
        journal.undo(imap, entry)


@pytest.mark.parametrize("seed", range(12))
def test_everything_undone_is_as_before(seed: int, box: Connection) -> None:
    before, chance = snapshot(box), random.Random(seed)
    assert len(before) == LETTERS
    for _ in range(chance.randint(3, 14)):
        some_act(box, chance)
    assert len(snapshot(box)) == LETTERS
    undo_all(box)
    assert snapshot(box) == before


MEDDLING: dict[str, Callable[[Connection], object]] = {
    "moved on": lambda other: move.move(other, "Archive", folders.all_uids(other, "Archive"), "Clientes"),
    "moved back": lambda other: move.move(other, "Archive", folders.all_uids(other, "Archive"), "INBOX"),
    "folder renamed": lambda other: folders.rename(other, "Archive", "Viejo"),
    "partly moved": lambda other: move.move(
        other, "Archive", folders.all_uids(other, "Archive")[:9], "Trash"
    ),
}


@pytest.mark.parametrize("meddle", MEDDLING.values(), ids=list(MEDDLING))
@pytest.mark.parametrize("many", [3, 40])
def test_what_another_client_moved_meanwhile_comes_back(
    meddle: Callable[[Connection], object],
    many: int,
    mail: dovecot.Dovecot,
    person: Credentials,
    imap: Connection,
    db: None,
) -> None:
    folders.create(imap, "Clientes")
    folders.ensure(imap, "archive")
    uids = [append.append(imap, "INBOX", dovecot.letter(n)) or 0 for n in range(many)]
    before = snapshot(imap)
    done = messages.perform(imap, Order(word="archive", folder="INBOX", uids=uids))
    other = mail.open(person.address)
    meddle(other)
    other.log_out()
    journal.undo(imap, Action.objects.get(pk=done.undo or 0))
    assert snapshot(imap) == before
