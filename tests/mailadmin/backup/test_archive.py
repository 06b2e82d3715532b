"""Mail read out of real snapshots: folders, flags, dates, odd names, what vanished."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailadmin.backup import past
from mailadmin.backup.archive import Archive, NothingThere
from mailadmin.backup.catalogue import Catalogue, Wanted
from mailadmin.backup.letters import flags, folder_name, head, keywords
from mailadmin.backup.restic import Repository
from tests.repositories import KEY, Template

from .past import ARRIVED, letter, put

LATIN = b".Cr\xe9dito"


@pytest.fixture
def repository(tmp_path: Path, template: Template) -> Repository:
    password = tmp_path / "password"
    password.write_text(KEY)
    template.copy(tmp_path / "repository")
    return Repository.at(str(tmp_path / "repository"), password, tmp_path / "cache")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "data/mail/kronos.test/ana"
    for number in range(1, 6):
        put(home, number)
    put(home, 6, info="")
    put(home, 7, folder=".Sent")
    put(home, 8, folder=".Proyectos.A&APE-o [1]", info=":2,FRSab")
    put(home, 9, folder=LATIN)
    (home / "Maildir/.Proyectos.A&APE-o [1]/dovecot-keywords").write_bytes(b"0 $Label1\n1 Feria\n")
    (home / "sieve").mkdir()
    (home / "sieve/postie.sieve").write_text("keep;\n")
    (home / ".dovecot.sieve").symlink_to("sieve/postie.sieve")
    return home


def snapshot(repository: Repository, tmp_path: Path) -> Archive:
    repository.backup([tmp_path / "data"], ["poste", "complete"])
    return Archive(repository, repository.snapshots("complete")[-1], tmp_path / "scratch")


def test_a_snapshot_is_read_folder_by_folder(repository: Repository, home: Path, tmp_path: Path) -> None:
    archive = snapshot(repository, tmp_path)
    [place] = archive.places()
    assert place.address == "ana@kronos.test"
    catalogue = Catalogue(tmp_path / "index/ana.sqlite3")
    place = archive.look("ana@kronos.test", catalogue)
    counts = {folder_name(count.folder): count.messages for count in catalogue.folders(archive.snapshot.id)}
    assert counts == {"INBOX": 6, "Sent": 1, "Proyectos/Año [1]": 1, "Cr_dito": 1}
    rows, total = catalogue.page(archive.snapshot.id, Wanted(folder="", limit=2))
    assert total == 6
    assert [row.at for row in rows] == [
        datetime.fromtimestamp(ARRIVED + 60 * n, UTC) for n in (6, 5)
    ]  # newest first


def test_every_message_comes_out_as_it_went_in(repository: Repository, home: Path, tmp_path: Path) -> None:
    """One alone, a few together, many as a stream; also from a folder whose name is no UTF-8."""
    archive = snapshot(repository, tmp_path)
    catalogue = Catalogue(tmp_path / "index/ana.sqlite3")
    place = archive.look("ana@kronos.test", catalogue)
    rows = catalogue.all(archive.snapshot.id)
    together = {row.base: octets for row, octets in archive.contents(place, rows)}
    alone = {row.base: octets for one in rows for row, octets in archive.contents(place, [one])}
    streamed = {row.base: octets for one in rows for row, octets in archive._folder(place, one.folder, [one])}
    expected = {row.base: letter(int(row.base.partition(".M")[2].partition("P")[0])) for row in rows}
    assert together == alone == streamed == expected
    assert list((tmp_path / "scratch").iterdir()) == []


def test_flags_keywords_and_scripts_come_along(repository: Repository, home: Path, tmp_path: Path) -> None:
    archive = snapshot(repository, tmp_path)
    place = archive.place("ana@kronos.test")
    folder = ".Proyectos.A&APE-o [1]"
    known = archive.keywords(place, ["", folder])
    catalogue = Catalogue(tmp_path / "ana.sqlite3")
    archive.look("ana@kronos.test", catalogue)
    [row] = catalogue.all(archive.snapshot.id, folder)
    assert flags(row.place, known[folder]) == {"\\Flagged", "\\Answered", "\\Seen", "$Label1", "Feria"}
    assert archive.script(place) == "keep;\n"


def test_headers_are_read_once_and_found_by_words(repository: Repository, home: Path, tmp_path: Path) -> None:
    put(home, 20, letter(20, "=?utf-8?q?Presupuesto_a=C3=B1o?= 100%"))
    archive = snapshot(repository, tmp_path)
    catalogue = Catalogue(tmp_path / "ana.sqlite3")
    place = archive.look("ana@kronos.test", catalogue)
    archive.read_heads(place, catalogue, catalogue.all(archive.snapshot.id))
    assert catalogue.unread_heads(archive.snapshot.id) == []
    [found], total = catalogue.page(archive.snapshot.id, Wanted(words="presupuesto ana20"))
    assert found.head is not None
    assert (total, found.head.subject, found.head.message_id) == (
        1,
        "Presupuesto año 100%",
        "<20@outside.test>",
    )
    assert catalogue.page(archive.snapshot.id, Wanted(words="50%"))[1] == 0


def test_what_vanished_is_what_no_folder_holds_any_more(
    repository: Repository, home: Path, tmp_path: Path
) -> None:
    before = snapshot(repository, tmp_path)
    maildir = home / "Maildir"
    next(maildir.glob("cur/*.M1P1.*")).unlink()
    moved = next(maildir.glob("cur/*.M2P1.*"))
    moved.rename(maildir / ".Sent/cur" / moved.name)
    flagged = next(maildir.glob("cur/*.M3P1.*"))
    flagged.rename(flagged.with_name(flagged.name + "F"))
    arrived = next(maildir.glob("new/*.M6P1.*"))
    arrived.rename(maildir / "cur" / f"{arrived.name}:2,S")
    # Moved by a copy, which gets a name of its own: only its header says that it is the same letter.
    copied = next(maildir.glob("cur/*.M4P1.*"))
    put(home, 44, copied.read_bytes(), folder=".Sent")
    copied.unlink()
    after = snapshot(repository, tmp_path)
    catalogue = Catalogue(tmp_path / "ana.sqlite3")
    for archive in (before, after):
        place = archive.look("ana@kronos.test", catalogue)
        archive.read_heads(place, catalogue, catalogue.all(archive.snapshot.id))
    gone, total = catalogue.vanished(before.snapshot.id, after.snapshot.id, Wanted())
    assert total == 1
    assert [row.head.subject for row in gone if row.head] == ["Carta 1"]


def test_big_mailboxes_are_listed_before_anybody_looks(
    repository: Repository, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "BIG", 10)
    put(tmp_path / "data/mail/kronos.test/luis", 1)
    put(tmp_path / "data/mail/.deleted/17-kronos.test-eva", 1)
    archive = snapshot(repository, tmp_path)
    opened = past.Past(repository, "here", tmp_path / "past")
    assert opened.index(archive.snapshot) == 1
    assert opened.catalogue("ana@kronos.test").knows(archive.snapshot.id) == str(home)
    assert not opened.catalogue("luis@kronos.test").knows(archive.snapshot.id)
    assert opened.index(archive.snapshot) == 0  # once
    look = opened.look(archive.snapshot, "ana@kronos.test")
    assert {name: count.messages for name, count in look.folders()}["INBOX"] == 6


def test_nobody_is_found_by_a_path(repository: Repository, home: Path, tmp_path: Path) -> None:
    archive = snapshot(repository, tmp_path)
    for address in ("../ana@kronos.test", "ana@../kronos.test", "..@kronos.test", "eva@kronos.test", "ana"):
        with pytest.raises(NothingThere):
            archive.place(address)


def test_the_index_is_for_its_owner_only_and_forgets_old_snapshots(tmp_path: Path) -> None:
    path = tmp_path / "index/ana.sqlite3"
    catalogue = Catalogue(path)
    for number in range(12):
        catalogue.take(f"s{number}", "/d", [])
    assert os.stat(path).st_mode & 0o077 == 0
    assert not catalogue.knows("s0")
    assert catalogue.knows("s11")


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("", "INBOX"),
        (".Sent", "Sent"),
        (".A.B", "A/B"),
        (".&AOE-rbol", "árbol"),
        (".&AC8-etc", "&AC8-etc"),  # not how RFC 3501 writes a slash
        (".Cr\ufffddito", "Cr_dito"),
        (".R&D", "R&D"),  # no modified UTF-7 at all
    ],
)
def test_folder_names(folder: str, name: str) -> None:
    assert folder_name(folder) == name


def test_what_a_keywords_file_may_not_bring() -> None:
    assert keywords(b"0 good\n1 \\Deleted\n2 a b\n99 far\nnonsense\n\n3 $Forwarded\r\n") == {
        0: "good",
        3: "$Forwarded",
    }
    assert flags("1.M1:2,STz", {}) == {"\\Seen"}


def test_a_header_that_is_none_is_empty() -> None:
    for octets in (b"", b"\0\xff" * 100, b"Date: nonsense\nSubject: \xff\xfe\n\n", b"Date: " + b"9" * 5000):
        assert head(octets).date is None
