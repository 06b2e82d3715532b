"""Messages of the page somebody has before the eyes: kept for a moment, for their owner, and no longer."""

import os
import time
from pathlib import Path
from typing import Any

from mailadmin import connections, tasks
from mailadmin.backup import held
from mailadmin.backup.catalogue import Wanted
from mailadmin.backup.held import Held
from mailadmin.backup.past import Past
from mailadmin.backup.restic import Repository
from tests.repositories import KEY, Template

from .past import letter, put

ANA, EVA = "ana@kronos.test", "eva@kronos.test"


def test_what_a_list_fetched_is_read_and_brought_back_without_asking_again(
    tmp_path: Path, template: Template
) -> None:
    for number in range(1, 6):
        put(tmp_path / "data/mail/kronos.test/ana", number)
    template.copy(tmp_path / "repository")
    (tmp_path / "password").write_text(KEY)
    repository = Repository.at(str(tmp_path / "repository"), tmp_path / "password", tmp_path / "cache")
    repository.backup([tmp_path / "data"], ["poste", "complete"])
    past = Past(repository, "here", tmp_path / "past")
    look = past.look(past.moments()[0], ANA)
    rows, total = look.page(Wanted(folder="", limit=3))
    assert total == 5
    (tmp_path / "repository").rename(tmp_path / "away")  # whatever comes now, restic cannot have said it
    assert look.one(rows[0].key)[1] == letter(5)
    assert sorted(one.octets for one in look.letters(rows)) == [letter(3), letter(4), letter(5)]


def test_it_is_its_owners_and_of_its_size(tmp_path: Path) -> None:
    kept = Held(tmp_path / "held")
    kept.keep(ANA, "1.M1", b"hola")
    assert kept.get("Ana@kronos.test", "1.M1", 4) == b"hola"
    assert kept.get(EVA, "1.M1", 4) is None
    assert kept.get(ANA, "1.M1", 5) is None  # another message of the same name
    assert kept.get(ANA, "../1.M1", 4) is None
    [file] = (tmp_path / "held").iterdir()
    assert file.stat().st_mode & 0o077 == (tmp_path / "held").stat().st_mode & 0o077 == 0


def test_it_goes_after_a_quarter_of_an_hour(tmp_path: Path) -> None:
    kept = Held(tmp_path / "held")
    kept.keep(ANA, "old", b"hola")
    kept.sweep(time.time() + held.KEPT - 60)
    assert kept.get(ANA, "old", 4) == b"hola"
    kept.sweep(time.time() + held.KEPT + 60)
    assert list((tmp_path / "held").iterdir()) == []


def test_it_goes_though_nobody_looks_again(db: None, postie_settings: Any, tmp_path: Path) -> None:
    postie_settings.VAR_DIR = tmp_path
    kept = Held(connections.past().directory / "held")
    kept.keep(ANA, "old", b"hola")
    [file] = kept.directory.iterdir()
    os.utime(file, (time.time() - held.KEPT - 60,) * 2)
    tasks.restores_go_on()
    assert list(kept.directory.iterdir()) == []


def test_it_is_never_much(tmp_path: Path) -> None:
    kept = Held(tmp_path / "held")
    kept.keep(ANA, "huge", bytes(held.LARGEST + 1))
    assert kept.get(ANA, "huge", held.LARGEST + 1) is None
    for number in range(held.MOST // held.LARGEST + 3):
        kept.keep(ANA, str(number), bytes(held.LARGEST))
        [newest] = [path for path in (tmp_path / "held").iterdir() if path.stat().st_mtime > 1e9]
        os.utime(newest, (number, number))
    kept.sweep(held.KEPT)
    names = [number for number in range(99) if kept.get(ANA, str(number), held.LARGEST)]
    assert names == list(range(3, held.MOST // held.LARGEST + 3))
    assert Held(tmp_path / "none").get(ANA, "1", 1) is None
