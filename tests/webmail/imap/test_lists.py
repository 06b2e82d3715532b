"""Folders, pages, flags, moves against a real Dovecot."""

import pytest

from postie_web.lib.credentials import Credentials
from tests.webmail import dovecot
from webmail.imap import append, errors, fetch, flags, folders, listing, move, search
from webmail.imap.connection import Connection
from webmail.imap.listing import Wanted


def test_the_tree_has_counts_and_roles(imap: Connection, letters: list[int]) -> None:
    flags.add(imap, "INBOX", letters[:2], ["\\Seen"])
    folders.create(imap, "Clientes/Año 2026 & más")
    tree = {folder.name: folder for folder in folders.tree(imap)}
    assert (tree["INBOX"].messages, tree["INBOX"].unread, tree["INBOX"].role) == (7, 5, "inbox")
    assert {name: tree[name].role for name in ("Sent", "Drafts", "Junk", "Trash")} == {
        "Sent": "sent",
        "Drafts": "drafts",
        "Junk": "junk",
        "Trash": "trash",
    }
    assert tree["Clientes/Año 2026 & más"].path == ("Clientes", "Año 2026 & más")
    assert next(iter(tree)) == "INBOX"


def test_pages_are_newest_first_and_end_where_the_folder_ends(imap: Connection, letters: list[int]) -> None:
    first = listing.page(imap, "INBOX", Wanted(size=3))
    last = listing.page(imap, "INBOX", Wanted(size=3, number=99))
    assert [m.uid for m in first.messages] == letters[:-4:-1]
    assert [m.uid for m in last.messages] == letters[:1]
    assert (first.total, first.pages, last.number, last.first, last.last) == (7, 3, 3, 7, 7)
    oldest = listing.page(imap, "INBOX", Wanted(size=3, reverse=False))
    assert [m.uid for m in oldest.messages] == letters[:3]


def test_a_row_says_what_is_in_the_letter(imap: Connection) -> None:
    append.append(
        imap,
        "INBOX",
        dovecot.letter(1, "=?utf-8?q?Cami=C3=B3n?= =?utf-8?b?w7FhbmTDug==?=", Cc="Eva <eva@kronos.test>"),
        ["\\Flagged", "Trabajo"],
    )
    (message,) = listing.page(imap, "INBOX").messages
    assert message.envelope.subject == "Camiónñandú"
    assert str(message.envelope.sender[0]) == "Ana Quispe"
    assert message.envelope.cc[0].address == "eva@kronos.test"
    assert message.is_flagged
    assert not message.is_read
    assert message.labels == ("Trabajo",)
    assert fetch.previews(imap, "INBOX", [message.uid])[message.uid] == "Hola, esta es la carta 1."


def test_another_clients_change_is_in_the_very_next_page(
    mail: dovecot.Dovecot, imap: Connection, person, letters
) -> None:
    listing.page(imap, "INBOX")
    other = mail.open(person.address)
    flags.add(other, "INBOX", letters[:1], ["\\Flagged"])
    unread = listing.page(imap, "INBOX", Wanted(criteria=search.UNREAD))
    assert unread.total == 7
    move.expunge(other, "INBOX", letters[1:2])
    flags.add(other, "INBOX", letters[2:3], ["\\Seen"])
    append.append(other, "INBOX", dovecot.letter(8))
    page = listing.page(imap, "INBOX")
    assert [m.uid for m in page.messages] == [letters[-1] + 1, *letters[:1:-1], letters[0]]
    assert page.messages[-1].is_flagged
    assert listing.page(imap, "INBOX", Wanted(criteria=search.UNREAD)).total == 6
    other.log_out()


@pytest.mark.parametrize("sort", ["date", "from", "subject", "size"])
def test_sorting_is_the_servers(imap: Connection, letters: list[int], sort: str) -> None:
    keys = {
        "date": lambda m: m.envelope.date,
        "from": lambda m: m.envelope.sender[0].address,
        "subject": lambda m: m.envelope.subject,
        "size": lambda m: m.size,
    }
    page = listing.page(imap, "INBOX", Wanted(sort=sort, reverse=False))
    assert [keys[sort](m) for m in page.messages] == sorted(keys[sort](m) for m in page.messages)
    assert page.total == 7


def test_moving_says_which_uid_became_which(imap: Connection, letters: list[int]) -> None:
    done = move.move(imap, "INBOX", letters[:3], "Trash")
    assert [old for old, _ in done.uids] == letters[:3]
    assert [m.uid for m in listing.page(imap, "Trash").messages] == [new for _, new in done.uids][::-1]
    assert listing.page(imap, "INBOX").total == 4


def test_what_is_gone_is_not_moved_and_not_an_error(imap: Connection, letters: list[int]) -> None:
    move.expunge(imap, "INBOX", letters[:1])
    assert move.move(imap, "INBOX", letters[:2], "Trash").count == 1


def test_a_missing_folder_is_not_found(imap: Connection, letters: list[int]) -> None:
    for act in (
        lambda: imap.select("Nada"),
        lambda: folders.status(imap, "Nada"),
        lambda: move.move(imap, "INBOX", letters, "Nada"),
        lambda: append.append(imap, "Nada", dovecot.letter()),
    ):
        with pytest.raises(errors.NotFound):
            act()
    assert listing.page(imap, "INBOX").total == 7


def test_a_missing_archive_is_made_with_its_role(imap: Connection) -> None:
    assert folders.ensure(imap, "archive") == "Archive"
    assert {f.name: f.role for f in folders.tree(imap)}["Archive"] == "archive"


def test_renaming_moves_what_is_below(imap: Connection) -> None:
    folders.create(imap, "Uno/Dos")
    folders.rename(imap, "Uno", "Ñandú")
    names = [folder.name for folder in folders.tree(imap)]
    assert "Ñandú/Dos" in names
    assert "Uno/Dos" not in names
    folders.delete(imap, "Ñandú/Dos")
    assert "Ñandú/Dos" not in [folder.name for folder in folders.tree(imap)]


def test_a_part_streams_in_pieces(imap: Connection) -> None:
    body = b"x" * 70 + b"\r\n"
    message = dovecot.letter(1) + body * 20_000
    append.append(imap, "INBOX", message)
    pieces = list(fetch.part(imap, "INBOX", 1, ""))
    assert b"".join(pieces) == message
    assert max(len(piece) for piece in pieces) <= 512 * 1024
    assert len(pieces) == 3


def test_searching_finds_accents_and_quotes(imap: Connection) -> None:
    append.append(imap, "INBOX", dovecot.letter(1, "=?utf-8?q?R=C3=A9union?= urgente"))
    append.append(imap, "INBOX", dovecot.letter(2, 'Dijo "hola" {5}'))
    append.append(imap, "INBOX", dovecot.letter(3, "=?utf-8?b?5ryi5a2X?="))
    for words, uid in [("réunion", 1), ('"hola"', 2), ("{5}", 2), ("漢字", 3)]:
        assert list(search.uids(imap, "INBOX", search.text("subject", words))) == [uid]


LETTERS = {
    "nothing": ("text/plain; charset=utf-8", "", 0),
    "a file": ('application/pdf; name="f.pdf"', "attachment; filename=f.pdf", 1),
    "a picture": ("image/png", "inline", 1),
    "a named text": ('text/plain; name="a BODYSTRUCTURE (x.txt"', "", 1),
    "a letter": ("message/rfc822", "", 1),
    "an invitation": ("text/calendar", "", 1),
    "something rare": ("chemical/x-pdb", "", 1),
}


@pytest.mark.parametrize("kind", LETTERS)
@pytest.mark.parametrize("subject", ["Factura", 'BODYSTRUCTURE (("image" "png" NIL', "años (BODYSTRUCTURE"])
def test_a_glance_at_the_structure_counts_what_a_look_counts(
    imap: Connection, kind: str, subject: str
) -> None:
    """Rows leave the structure unread where they can; a whole message reads it."""
    media_type, disposition, count = LETTERS[kind]
    inner = f"Content-Type: {media_type}\r\n"
    inner += f"Content-Disposition: {disposition}\r\n" if disposition else ""
    letter = (
        f"From: ana@kronos.test\r\nSubject: {subject}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/html\r\n\r\n<p>Hola</p>\r\n"
        f"--b\r\n{inner}\r\nSubject: x\r\n\r\ny\r\n--b--\r\n"
    )
    uid = append.append(imap, "INBOX", letter.encode()) or 0
    row = listing.page(imap, "INBOX").messages[0]
    assert (row.uid, row.attachments) == (uid, count)
    assert row.envelope.subject == subject
    whole = fetch.whole(imap, "INBOX", uid)
    assert whole.message.attachments == count
    assert whole.structure.children[0].media_type == "text/html"


def test_a_change_of_marks_says_how_it_was_before(imap: Connection, letters: list[int]) -> None:
    flags.add(imap, "INBOX", letters[:1], ["\\Seen", "Work"])
    before = flags.change(imap, "INBOX", [*letters[:2], 999], ["\\Flagged"], ["\\Seen"])
    assert {uid: marks.flags for uid, marks in before.items()} == {
        letters[0]: {"\\Seen", "Work"},
        letters[1]: frozenset(),
    }
    assert {uid: marks.guid for uid, marks in before.items()} == fetch.guids(imap, "INBOX", letters[:2])
    assert flags.current(imap, "INBOX", letters[:2]) == {
        letters[0]: {"\\Flagged", "Work"},
        letters[1]: {"\\Flagged"},
    }


def test_many_marks_are_read_before_they_are_changed(
    mail: dovecot.Dovecot, person: Credentials, imap: Connection
) -> None:
    imap.select("INBOX")
    mail.fill(person.address, (dovecot.letter(n) for n in range(1, 1203)))
    assert len(search.uids(imap, "INBOX")) == 1202
    flags.add(imap, "INBOX", range(1, 1203, 3), ["\\Seen"])
    before = flags.change(imap, "INBOX", range(1, 1203), ["\\Seen"], [])
    assert [uid for uid, marks in before.items() if marks.flags] == list(range(1, 1203, 3))
    assert len(before) == 1202
    assert all(found == {"\\Seen"} for found in flags.current(imap, "INBOX", range(1, 1203)).values())
