"""backup_posteio.sh, restaurar_posteio.sh, actualizar.sh with Docker Compose: what they call, in which order.

There is no engine here: `docker` is a stand-in that writes down what it is asked and may fail where a test
says so. The local way is done for real in test_whole_server.py.
"""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.stack import CHECKOUT

DOCKER = """#!/bin/sh
echo "$*" >> "$CALLS"
[ -n "$FAIL" ] || exit 0
case "$*" in *"$FAIL"*) ;; *) exit 0 ;; esac
if [ -n "$ONCE" ] && [ -e "$CALLS.failed" ]; then exit 0; fi
touch "$CALLS.failed"
exit 1
"""
NAMES = ("backup_posteio", "restaurar_posteio", "actualizar")


class Box:
    """A checkout with an .env and a docker that only writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "scripts").mkdir(parents=True)
        for name in ("comun", *NAMES):
            shutil.copy(CHECKOUT / f"scripts/{name}.sh", root / "scripts")
        (root / ".env").write_text("POSTEIO_BASE_DADOS=/srv/posteio\nPOSTIE_VERSION='1.0'\n")
        (root / "bin").mkdir()
        (root / "bin/docker").write_text(DOCKER)
        (root / "bin/docker").chmod(stat.S_IRWXU)
        (root / "bin/sleep").write_text("#!/bin/sh\n")
        (root / "bin/sleep").chmod(stat.S_IRWXU)

    def run(self, name: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        calls = self.root / "calls"
        calls.unlink(missing_ok=True)
        (self.root / "calls.failed").unlink(missing_ok=True)
        variables = {
            "PATH": f"{self.root}/bin:{os.environ['PATH']}",
            "CALLS": str(calls),
            "FAIL": "",
            "ONCE": "",
            "LANG": "C.UTF-8",
            **environment,
        }
        return subprocess.run(
            [str(self.root / f"scripts/{name}.sh"), *words],
            env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    @property
    def calls(self) -> list[str]:
        path = self.root / "calls"
        return (
            [line.removeprefix("compose ") for line in path.read_text().splitlines()] if path.exists() else []
        )


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "postie")


@pytest.mark.parametrize("name", NAMES)
def test_help_in_both_languages(box: Box, name: str) -> None:
    english, spanish = box.run(name, "--help"), box.run(name, "--help", LANG="es_PE.UTF-8")
    assert (english.returncode, spanish.returncode) == (0, 0)
    assert "usage:" in english.stdout
    assert "uso:" in spanish.stdout
    assert box.calls == []
    assert box.run(name, "--nonsense").returncode == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_changes_nothing(box: Box, name: str) -> None:
    done = box.run(name, "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all("server_restore plan" in call for call in box.calls)


def test_a_backup_that_is_not_good_says_so(box: Box) -> None:
    assert box.run("backup_posteio").returncode == 0
    assert [call.split("manage.py ")[-1] for call in box.calls] == ["backup_init --if-missing", "backup_run"]
    assert box.run("backup_posteio", FAIL="backup_run").returncode == 1
    assert box.run("backup_posteio", FAIL="backup_init").returncode == 2


def test_a_restore_stops_places_starts_and_proves(box: Box) -> None:
    done = box.run("restaurar_posteio", "--yes", "--snapshot", "1a2b3c4d")
    assert done.returncode == 0, done.stdout + done.stderr
    acts = [next((w for w in ACTS if w in call), call) for call in box.calls]
    assert acts == ["plan", "fetch", "stop web", "place", "up -d", "force-resync", "verify_server"]
    assert all("1a2b3c4d" in call for call in box.calls if "server_restore" in call)
    assert all("/srv/posteio:/mnt/data" in call for call in box.calls if "server_restore" in call)


ACTS = ("plan", "fetch", "place", "stop web", "up -d", "force-resync", "verify_server")


def test_nobody_to_ask_means_no(box: Box) -> None:
    done = box.run("restaurar_posteio")
    assert done.returncode == 3
    assert not any("stop" in call for call in box.calls)


def test_a_backup_that_is_not_whole_stops_nothing(box: Box) -> None:
    assert box.run("restaurar_posteio", "--yes", FAIL="server_restore fetch").returncode == 4
    assert not any("stop" in call or "place" in call for call in box.calls)
    assert box.run("restaurar_posteio", "--yes", "--damaged", FAIL="server_restore fetch").returncode == 0
    assert box.run("restaurar_posteio", "--yes", FAIL="server_restore plan").returncode == 4


def test_each_failure_has_its_code(box: Box) -> None:
    assert box.run("restaurar_posteio", "--yes", FAIL="stop web").returncode == 5
    assert box.run("restaurar_posteio", "--yes", FAIL="up -d").returncode == 5
    assert box.run("restaurar_posteio", "--yes", FAIL="verify_server").returncode == 1
    (box.root / ".env").unlink()
    assert box.run("restaurar_posteio", "--yes").returncode == 2


def test_an_update_goes_back_when_it_does_not_work(box: Box) -> None:
    done = box.run("actualizar", "--yes", "--to", "2.0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pull --ignore-buildable" in box.calls
    assert not any("before-update postie:1.0" in call for call in box.calls)
    assert box.run("actualizar", "--yes", FAIL="backup_run").returncode == 4
    assert not any("pull" in call for call in box.calls)
    # The new version's web never works, the old one's does: "up" fails once.
    assert box.run("actualizar", "--yes", "--to", "2.0", FAIL="up -d", ONCE="1").returncode == 1
    assert any("image tag postie:before-update postie:1.0" in call for call in box.calls)
    assert "verify_server" in box.calls[-1]
    # Its own rows: saved while everything is stopped, put back before the old version starts.
    order = [
        call for call in box.calls if any(word in call for word in ("own_database", "up -d", "stop web"))
    ]
    assert [call.split()[-1] for call in order if "own_database" in call] == ["save", "put-back"]
    assert ["stop" in call for call in order] == [True, False, False, True, False, False]
    assert box.run("actualizar", "--yes", "--to", "2.0", FAIL="verify_server").returncode == 5
