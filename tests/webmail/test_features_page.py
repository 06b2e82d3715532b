"""docs/webmail-features.md is true: every feature of the others has its line, and every test is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BUILT, MISSING = (ROOT / "docs/webmail-features.md").read_text().split("## Not here")
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
# What two of the three have, in the groups reading, list, search, privacy, keyboard, phone, languages.
FEATURES = """
3 5 6 9 17 18 21 22 23 25 26 27 28 29 31 33 36 37 39 41 44 45 46 47 50 52 53 56 60 61 64 65 69 70 74
76 77 78 80 81 82 83 84 85 88 89 90 95 98 99 100 101 104 107 196 198 199 203 204 205 207 210 212 221
223 226 229 233 238 242 244 245 246 247 248"""


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_feature_has_its_line() -> None:
    numbers = [int(row[0]) for part in (BUILT, MISSING) for row in ROW.findall(part)]
    assert sorted(numbers) == [int(number) for number in FEATURES.split()]


@pytest.mark.parametrize(("number", "named"), [(row[0], row[2]) for row in ROW.findall(BUILT)])
def test_what_is_here_is_shown_by_tests_that_are_there(number: str, named: str) -> None:
    proofs = re.findall(r"`([a-z_/]+\.py)::(test_[a-z0-9_]+)`", named)
    assert proofs, number
    assert len(proofs) == len(named.split(" · "))
    for path, test in proofs:
        assert test in names_in(path), f"{number}: {path} has no {test}"
