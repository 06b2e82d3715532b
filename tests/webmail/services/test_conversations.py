"""Conversations across folders: by Dovecot's virtual folder, and by names where there is none."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.webmail import dovecot
from tests.webmail.imap.test_virtual import VIRTUAL
from webmail.imap import append, errors, flags, folders, move
from webmail.imap.connection import Connection
from webmail.services import conversations, messages

PLAIN = "IMAP4rev1 LITERAL+ UIDPLUS MOVE SORT ESEARCH LIST-EXTENDED LIST-STATUS SPECIAL-USE ENABLE CONDSTORE"
SETTINGS = {"virtual": VIRTUAL, "threads": "", "names": f"imap_capability = {PLAIN}"}


@pytest.fixture(scope="module", params=SETTINGS, ids=list(SETTINGS))
def server(request: pytest.FixtureRequest) -> Iterator[dovecot.Dovecot]:
    rules = Path(tempfile.mkdtemp(prefix="postie-virtual-"))
    rules.chmod(0o755)
    (rules / "All").mkdir()
    (rules / "All/dovecot-virtual").write_text("*\n-Trash\n-Junk\n  all\n")
    extra = SETTINGS[request.param]
    is_virtual = request.param == "virtual"
    with dovecot.dovecot(
        extra % rules if is_virtual else extra, plugins="virtual" if is_virtual else ""
    ) as it:
        yield it
    shutil.rmtree(rules)


@pytest.fixture
def box(server: dovecot.Dovecot, request: pytest.FixtureRequest) -> Iterator[Connection]:
    imap = server.open(f"persona{abs(hash(request.node.name)) % 10**8}")
    yield imap
    imap.log_out()


def put(imap: Connection, number: int, folder: str = "INBOX", **headers: str) -> int:
    when = datetime(2026, 11, 23, 10, number % 60, tzinfo=UTC)
    return append.append(imap, folder, dovecot.letter(number, "Presupuesto", **headers), when=when) or 0


def correspondence(imap: Connection) -> None:
    """A question, our answer in Sent, their answer, a part of it archived, and something else."""
    folders.ensure(imap, "archive")
    put(imap, 1, "Archive")
    put(imap, 2, "Sent", References="<1@kronos.test>")
    put(imap, 3, In_Reply_To="<2@kronos.test>")
    put(imap, 4)


def found(imap: Connection, folder: str, uid: int) -> list[tuple[str, int]]:
    places = conversations.places(imap, folders.tree(imap), folder, uid)
    return [(place.folder, place.uid) for place in places]


def test_own_answers_and_what_was_archived_belong_to_it(box: Connection) -> None:
    correspondence(box)
    whole = [("Archive", 1), ("Sent", 1), ("INBOX", 1)]
    assert found(box, "INBOX", 1) == whole
    assert found(box, "Sent", 1) == whole
    assert found(box, "Archive", 1) == whole
    assert found(box, "INBOX", 2) == [("INBOX", 2)]


def test_what_another_client_did_is_in_the_next_look(box: Connection, server: dovecot.Dovecot) -> None:
    correspondence(box)
    other = server.open(box.account.rpartition("/")[2])
    put(other, 5, "Sent", References="<3@kronos.test>")
    assert found(box, "INBOX", 1)[-1] == ("Sent", 2)
    move.move(other, "Archive", [1], "INBOX")
    assert found(box, "INBOX", 1)[0] == ("INBOX", 3)
    flags.add(other, "INBOX", [1], ["\\Seen"])
    whole = conversations.whole(box, folders.tree(box), "INBOX", 1)
    assert [m.is_read for m in whole.members] == [False, False, True, False]
    other.log_out()


def test_a_copy_is_shown_once_where_one_looks(box: Connection) -> None:
    correspondence(box)
    move.copy(box, "INBOX", [1], "Archive")
    assert (len(found(box, "INBOX", 1)), found(box, "INBOX", 1)[2]) == (3, ("INBOX", 1))
    assert ("INBOX", 1) in found(box, "INBOX", 1)
    assert len(found(box, "INBOX", 1)) == 3
    assert ("Archive", 2) in found(box, "Archive", 2)


def test_circles_missing_names_and_what_is_gone(box: Connection) -> None:
    put(box, 1, References="<2@kronos.test>")
    put(box, 2, "Sent", References="<1@kronos.test>")
    append.append(box, "INBOX", b"Subject: sin nombre\r\n\r\nx\r\n")
    assert found(box, "INBOX", 1) == [("INBOX", 1), ("Sent", 1)]
    assert found(box, "INBOX", 2) == [("INBOX", 2)]
    with pytest.raises(errors.NotFound):
        found(box, "INBOX", 99)


def test_what_lies_in_the_trash_can_be_read_from_there(box: Connection) -> None:
    correspondence(box)
    put(box, 6, "Trash", References="<3@kronos.test>")
    assert ("Trash", 1) in found(box, "Trash", 1)


def test_a_part_of_a_name_is_not_the_name(box: Connection) -> None:
    put(box, 1, Message_ID="<1@a.test>")
    put(box, 2, Message_ID="<11@a.test>")
    put(box, 3, "Sent", Message_ID="<x@a.test>", References="<11@a.test>")
    assert found(box, "INBOX", 1) == [("INBOX", 1)]
    assert found(box, "INBOX", 2) == [("INBOX", 2), ("Sent", 1)]


def test_a_long_list_comes_in_parts_newest_first(box: Connection, server: dovecot.Dovecot) -> None:
    put(box, 1)
    user = box.account.rpartition("/")[2]
    server.fill(user, (dovecot.letter(n, References="<1@kronos.test>") for n in range(2, 2001)))
    tree = folders.tree(box)
    first = conversations.whole(box, tree, "INBOX", 1)
    assert (first.total, first.pages, len(first.members)) == (2000, 40, 50)
    last = conversations.whole(box, tree, "INBOX", 1, 999)
    assert last.number == 40
    assert len(last.members) == 50
    assert {m.uid for m in first.members}.isdisjoint(m.uid for m in last.members)


def test_an_act_means_all_of_it_and_is_taken_back_as_one(box: Connection, db: None) -> None:
    correspondence(box)
    tree = folders.tree(box)
    places = conversations.places(box, tree, "INBOX", 1)

    def do(word: str, label: str = "") -> messages.Done:
        order = messages.Order(word=word, folder="INBOX", label=label)
        return messages.perform_all(box, conversations.orders(tree, places, order))

    assert do("read").count == 3
    assert do("label", label="Proyecto").count == 3
    assert flags.current(box, "Sent", [1])[1] == {"\\Seen", "Proyecto"}
    archived = do("archive")
    assert (archived.count, archived.also) == (1, ())
    assert sorted(f for f, _ in found(box, "Archive", 1)) == ["Archive", "Archive", "Sent"]
    assert found(box, "INBOX", 2) == [("INBOX", 2)]
