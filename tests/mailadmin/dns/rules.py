# ruff: noqa: E501  the page is written as it is read
"""Writes docs/dns-rules.md: rule → file → verdicts, and whether a test names them.

usage: python -m tests.mailadmin.dns.rules > docs/dns-rules.md
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

from mailadmin.dns import suite

ROOT = Path(__file__).parents[3]
GROUPS = {
    "N": 8,
    "M": 15,
    "R": 6,
    "S": 14,
    "D": 15,
    "A": 12,
    "T": 14,
    "X": 13,
    "V": 21,
    "C": 7,
    "B": 8,
    "K": 2,
    "I": 3,
    "G": 3,
}
RULES = [f"{letter}{number}" for letter, most in GROUPS.items() for number in range(1, most + 1)]
COLUMNS = ("pass", "warn", "fail", "unknown")
VERDICTS = {
    "ok": "pass",
    "info": "pass",
    "warn": "warn",
    "fail": "fail",
    "critical": "fail",
    "unknown": "unknown",
}
HEAD = """# Every DNS rule, where it lives, and what proves it

Written by `python -m tests.mailadmin.dns.rules`; `tests/mailadmin/dns/test_rules.py` keeps it true. *pass* holds notes too.
✓ every code of this verdict is named by a test · ○ not every one · empty: the rule has no such verdict of its own
(what gets no answer is "unanswered", unknown, for every rule: `test_zoo.py`). The twelve engine rules E1–E12: `test_engine.py`.

| Rule | File in `mailadmin/dns` | pass | warn | fail | unknown |
|---|---|---|---|---|---|
"""


def names_in(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def codes_in(node: ast.AST, written: frozenset[str] = frozenset()) -> set[str]:
    """Codes written out, and of those that are not, the ones an f-string begins."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.JoinedStr) and part.values and isinstance(part.values[0], ast.Constant):
            start = str(part.values[0].value)
            found |= {c for c in suite.WORDS if "." in start and c.startswith(start) and c not in written}
        elif isinstance(part, ast.Constant) and part.value in suite.WORDS:
            found.add(part.value)
    return found


def verdicts(tree: ast.AST) -> dict[str, set[str]]:
    """Code → verdicts. Where the verdict is chosen (`harm(…)`), the words of that function decide."""
    found: dict[str, set[str]] = defaultdict(set)
    calls = [node.args[0] for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    plain = [part for call in calls for part in ast.walk(call) if isinstance(part, ast.Constant)]
    written = frozenset(str(part.value) for part in plain if part.value in suite.WORDS)
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            said = names_in(node.func) & set(VERDICTS)
            for code in codes_in(node.args[0], written):
                found[code] |= {VERDICTS[name] for name in said}
        loose = codes_in(function, written) - set(found)
        chosen = {VERDICTS[name] for name in names_in(function) & set(VERDICTS)}
        for code in loose:
            found[code] |= chosen
    return found


def table() -> dict[str, tuple[set[str], dict[str, set[str]]]]:
    """Rule → (files, verdict → codes)."""
    rows: dict[str, tuple[set[str], dict[str, set[str]]]] = {
        rule: (set(), defaultdict(set)) for rule in RULES
    }
    folder = ROOT / "mailadmin/dns"
    for path in sorted(folder.rglob("*.py")):
        for code, kinds in verdicts(ast.parse(path.read_text())).items():
            rule = suite.WORDS[code].check
            if rule in rows and (path.name != "bulk.py" or rule == "G1"):  # it speaks of others' findings
                rows[rule][0].add(str(path.relative_to(folder)))
                for kind in kinds:
                    rows[rule][1][kind].add(code)
    return rows


def tested() -> str:
    folder = ROOT / "tests/mailadmin/dns"
    files = [path for path in folder.glob("*.py") if path.name not in ("rules.py", "test_rules.py")]
    return "\n".join(path.read_text() for path in [*files, folder / "data/zoo.txt"])


def page() -> str:
    words = set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*", tested()))
    lines = []
    for rule, (files, kinds) in table().items():
        cells = [("✓" if kinds[kind] <= words else "○") if kinds[kind] else "" for kind in COLUMNS]
        lines.append(f"| {rule} | {', '.join(sorted(files))} | {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
