"""The table of bad days in docs/backup.md says what is tested; this keeps it true."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
PAGE = TESTS.parent / "docs/backup.md"
FOLDERS = {"": "mailadmin/backup", "health": "mailadmin/health"}


def rows() -> list[list[str]]:
    part = PAGE.read_text().partition("## Bad days")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def functions(file: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)}


def test_all_twenty_six_ways_are_there() -> None:
    assert [row[0] for row in rows() if row[0]] == [str(number) for number in range(1, 27)]


def test_each_way_has_a_guard_and_a_test_that_exists() -> None:
    for row in rows():
        assert row[2], row
        named = re.findall(r"`([^`]+)`", row[3])
        assert named, row
        for one in named:
            path, _, function = one.partition("::")
            folder, _, name = path.rpartition("/")
            file = TESTS / FOLDERS.get(folder, folder) / name
            assert file.is_file(), one
            assert function in functions(file), one
