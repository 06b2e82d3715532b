"""A regular expression matched step by step as `re` does it (backtracking), to count instead of to time."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Next = Callable[[int], bool]


class Counter:
    """`steps`: characters looked at, over every way that was tried."""

    def __init__(self, pattern: str, flags: int, text: str) -> None:
        self.text, self.steps = text, 0
        self.ignore = bool(flags & re.IGNORECASE)
        self.tree = list(parser.parse(pattern, flags))

    def search(self, *, anchored: bool) -> bool:
        starts = [0] if anchored else range(len(self.text) + 1)
        return any(self._sequence(self.tree, start, lambda end: True) for start in starts)

    def _sequence(self, items: list[Any], at: int, then: Next) -> bool:
        if not items:
            return then(at)
        rest = items[1:]
        return self._item(items[0], at, (lambda end: self._sequence(rest, end, then)) if rest else then)

    def _item(self, item: Any, at: int, then: Next) -> bool:
        code, value = item
        self.steps += 1
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            return self._repeat(value, at, then)
        if code is codes.SUBPATTERN:
            return self._sequence(list(value[-1]), at, then)
        if code is codes.BRANCH:
            return any(self._sequence(list(way), at, then) for way in value[1])
        if code is codes.AT:
            good = at == (0 if value in (codes.AT_BEGINNING, codes.AT_BEGINNING_STRING) else len(self.text))
            return good and then(at)
        if code in (codes.ASSERT, codes.ASSERT_NOT):
            found = self._sequence(list(value[1]), at, lambda end: True)
            return found is (code is codes.ASSERT) and then(at)
        return at < len(self.text) and self._one(code, value, self.text[at]) and then(at + 1)

    def _repeat(self, value: Any, at: int, then: Next) -> bool:
        least, most, inside = value
        body = list(inside)
        if len(body) == 1 and body[0][0] in (codes.IN, codes.LITERAL, codes.ANY, codes.NOT_LITERAL):
            code, what = body[0]
            ends = at  # one character again and again: as long as it goes, then back one by one
            while ends < len(self.text) and ends - at < most and self._one(code, what, self.text[ends]):
                ends += 1
                self.steps += 1
            return any(self._counted(end, then) for end in range(ends, at + least - 1, -1))

        def again(end: int, count: int) -> bool:
            more = count < most and self._sequence(
                body, end, lambda new: (new > end or count < least) and again(new, count + 1)
            )
            return more or (count >= least and then(end))

        return again(at, 0)

    def _counted(self, end: int, then: Next) -> bool:
        self.steps += 1
        return then(end)

    def _one(self, code: Any, value: Any, letter: str) -> bool:
        if code is codes.ANY:
            return True
        if code in (codes.LITERAL, codes.NOT_LITERAL):
            same = letter == chr(value) or (self.ignore and letter.lower() == chr(value).lower())
            return same is (code is codes.LITERAL)
        assert code is codes.IN, code
        letters = {letter, letter.lower(), letter.upper()} if self.ignore else {letter}
        negative = value[0][0] is codes.NEGATE
        return any(self._within(part, one) for part in value for one in letters) is not negative

    def _within(self, part: Any, letter: str) -> bool:
        code, value = part
        if code is codes.LITERAL:
            return letter == chr(int(value))
        if code is codes.RANGE:
            return bool(value[0] <= ord(letter) <= value[1])
        return code is codes.CATEGORY and (
            letter.isspace() if value is codes.CATEGORY_SPACE else letter.isalnum()
        )


def steps(pattern: str, flags: int, text: str, *, anchored: bool) -> int:
    counter = Counter(pattern, flags, text)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(50_000)
    try:
        counter.search(anchored=anchored)
    finally:
        sys.setrecursionlimit(limit)
    return counter.steps


def patterns(module: Any) -> Iterator[tuple[str, int]]:
    """Every expression of a module: compiled ones, and those written where they are used."""
    for value in vars(module).values():
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            yield value.pattern, value.flags
    for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, re.IGNORECASE if "IGNORECASE" in ast.unparse(node) else 0
