"""Searching everything: through Dovecot's virtual folder, and one folder after the other without it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webmail import dovecot
from webmail.imap import append, flags, folders, search
from webmail.imap.connection import Connection
from webmail.imap.listing import Wanted
from webmail.services import searching

VIRTUAL = """
namespace virtual {
  prefix = Virtual/
  separator = /
  location = virtual:%s:INDEX=~/virtual
  subscriptions = no
  list = children
  mailbox All {
    special_use = \\All
  }
}
"""


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> Iterator[Connection]:
    rules = Path("/tmp") / f"postie-virtual-{tmp_path_factory.getbasetemp().name}"
    (rules / "All").mkdir(parents=True, exist_ok=True)
    (rules / "All/dovecot-virtual").write_text("*\n-Trash\n-Junk\n  all\n")
    with dovecot.dovecot(VIRTUAL % rules, plugins="virtual") as server:
        imap = fill(server.open("ana"))
        yield imap
        imap.log_out()


@pytest.fixture(scope="module")
def one_by_one() -> Iterator[Connection]:
    with dovecot.dovecot() as server:
        imap = fill(server.open("ana"))
        yield imap
        imap.log_out()


def fill(imap: Connection) -> Connection:
    folders.create(imap, "Clientes/Ñandú")
    append.append(imap, "INBOX", dovecot.letter(1, "Uno"))
    append.append(imap, "Clientes/Ñandú", dovecot.letter(2, "Dos"))
    append.append(imap, "Sent", dovecot.letter(3, "Tres"), ["\\Seen"])
    append.append(imap, "Trash", dovecot.letter(4, "Cuatro"))
    return imap


def found(imap: Connection, criteria: search.Criteria) -> list[tuple[str, str, int]]:
    page = searching.run(imap, folders.tree(imap), "", Wanted(criteria=criteria))
    return [(m.envelope.subject, m.folder, m.real_uid) for m in page.messages]


@pytest.mark.parametrize("server", ["everything", "one_by_one"])
def test_hits_say_where_they_really_are(server: str, request) -> None:
    imap = request.getfixturevalue(server)
    assert sorted(found(imap, search.text("text", "carta"))) == [
        ("Dos", "Clientes/Ñandú", 1),
        ("Tres", "Sent", 1),
        ("Uno", "INBOX", 1),
    ]
    assert found(imap, search.text("subject", "dos")) == [("Dos", "Clientes/Ñandú", 1)]


@pytest.mark.parametrize("server", ["everything", "one_by_one"])
def test_what_just_changed_is_found_at_once(server: str, request) -> None:
    imap = request.getfixturevalue(server)
    assert found(imap, search.FLAGGED) == []
    flags.add(imap, "Sent", [1], ["\\Flagged"])
    assert [hit[1] for hit in found(imap, search.FLAGGED)] == ["Sent"]
    flags.remove(imap, "Sent", [1], ["\\Flagged"])
    assert found(imap, search.FLAGGED) == []


def test_the_virtual_folder_is_known_by_its_role(everything: Connection) -> None:
    assert [f.name for f in folders.tree(everything) if f.role == "all"] == ["Virtual/All"]
