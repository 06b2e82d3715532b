"""docs/mailserver-rules.md names tests that exist."""

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs/mailserver-rules.md"
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def test_every_promise_names_tests_that_are_there() -> None:
    promises = [line for line in PAGE.read_text().splitlines()[6:] if line.startswith("| ")]
    assert len(promises) > 25
    for line in promises:
        named = NAMED.findall(line)
        assert named, line
        for file, test in named:
            assert f"\ndef {test}(" in (HERE / file).read_text(), f"{file} has no {test}"
