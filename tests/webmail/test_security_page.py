"""docs/webmail-security.md is true: every demand has a number and tests, and every test is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.webmail.mime.attacks import ALL

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/webmail-security.md").read_text()
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.*?) \|$", PAGE, re.MULTILINE)
DEMANDS = 61


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_demand_has_its_line() -> None:
    assert [int(number) for number, _demand, _tests in ROWS] == list(range(1, DEMANDS + 1))
    assert len({demand for _number, demand, _tests in ROWS}) == DEMANDS


@pytest.mark.parametrize(("number", "named"), [(number, named) for number, _demand, named in ROWS])
def test_every_demand_is_proven_by_tests_that_are_there(number: str, named: str) -> None:
    proofs = re.findall(r"`([a-z_/]+\.py)::(test_[a-z0-9_]+)`", named)
    assert proofs, number
    assert len(proofs) == len(named.split(" · "))
    for path, test in proofs:
        assert test in names_in(path), f"{number}: {path} has no {test}"


def test_the_attack_mailbox_is_large_enough() -> None:
    assert len(set(ALL)) >= 300
