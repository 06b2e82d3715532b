"""Plain text → HTML. Cut into tokens first, each escaped by itself: nothing can join up."""

import re
from collections.abc import Iterator
from html import escape
from urllib.parse import quote

from . import links

# Linear: no alternative begins where another could go on.
_LINK = re.compile(
    r"(?P<url>\b(?:https?://|www\.)[^\s<>\"'`\[\]{}|\\^]{1,2000})"
    r"|(?P<mail>(?:mailto:)?[a-zA-Z0-9.!#$%&*+/=?^_{|}~-]{1,64}@[a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63}){1,8})",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?*_~"
_QUOTE = re.compile(r"(?:>[ \t]?)+")
_MOST_LINKS = 2000
_DEEPEST_QUOTE = 12
LARGEST = 1_000_000


def to_html(text: str, *, mailto: str = "mailto:", marked: re.Pattern[str] | None = None) -> str:
    """Paragraphs, links, the quote at the end folded.

    `mailto` stands before an address in links to write to somebody; `marked` finds what was searched for.
    """
    return "".join(_blocks(text[:LARGEST].split("\n"), _Linker(mailto, marked)))


def _blocks(lines: list[str], linker: "_Linker") -> Iterator[str]:
    depth = 0
    block: list[str] = []
    fold = _closing_quote(lines)
    for number, line in enumerate(lines):
        level, content = _level(line)
        if level != depth:
            yield from _flush(block, linker)
            block = []
            yield _step(depth, level, is_open=number < fold)
            depth = level
        block.append(content)
    yield from _flush(block, linker)
    yield _step(depth, 0)


def _closing_quote(lines: list[str]) -> int:
    """The line where the quote begins that ends the letter, if anything stands before it; else the end.

    An answer between the lines needs its quotes, a letter that is only passed on has nothing else.
    """
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    begin = end
    while begin and (_level(lines[begin - 1])[0] or (begin < end and not lines[begin - 1].strip())):
        begin -= 1
    own = any(line.strip() for line in lines[:begin])
    return begin if begin < end and own else len(lines)


def _level(line: str) -> tuple[int, str]:
    found = _QUOTE.match(line)
    if not found:
        return 0, line
    return min(found[0].count(">"), _DEEPEST_QUOTE), line[found.end() :]


def _step(depth: int, level: int, *, is_open: bool = True) -> str:
    """The outermost quote can be folded; <details> needs no script for it."""
    start = f'<details{" open" if is_open else ""} class="quote"><summary>…</summary><blockquote>'
    out = ""
    while depth > level:
        depth -= 1
        out += "</blockquote></details>" if depth == 0 else "</blockquote>"
    while depth < level:
        out += start if depth == 0 else "<blockquote>"
        depth += 1
    return out


def _flush(lines: list[str], linker: "_Linker") -> Iterator[str]:
    if lines:
        yield f'<div class="text">{linker.linked(chr(10).join(lines))}\n</div>'


class _Linker:
    def __init__(self, mailto: str, marked: re.Pattern[str] | None = None) -> None:
        self._mailto = mailto
        self._marked = marked
        self._left = _MOST_LINKS

    def linked(self, text: str) -> str:
        return "".join(self._tokens(text))

    def _tokens(self, text: str) -> Iterator[str]:
        position = 0
        for found in _LINK.finditer(text):
            self._left -= 1
            if self._left < 0:
                break
            word = _trimmed(found[0])
            yield self._words(text[position : found.start()])
            yield self._anchor(word, is_mail=bool(found["mail"]))
            position = found.start() + len(word)
        yield self._words(text[position:])

    def _words(self, text: str) -> str:
        return escape(text) if self._marked is None else _with_marks(text, self._marked)

    def _anchor(self, word: str, *, is_mail: bool) -> str:
        if is_mail:
            target = self._mailto + quote(word.removeprefix("mailto:"), safe="@")
        else:
            target = links.safe_link(word if "://" in word else f"http://{word}") or ""
        return f'<a href="{escape(target)}" target="_blank" rel="noopener noreferrer">{escape(word)}</a>'


def _with_marks(text: str, marked: re.Pattern[str]) -> str:
    pieces, position = [], 0
    for found in marked.finditer(text):
        pieces.append(f"{escape(text[position : found.start()])}<mark>{escape(found[0])}</mark>")
        position = found.end()
    return "".join(pieces) + escape(text[position:])


def _trimmed(word: str) -> str:
    """A full stop after an address belongs to the sentence, and so does a bracket that nobody opened."""
    word = word.rstrip(_TRAILING)
    while word.endswith(")") and word.count(")") > word.count("("):
        word = word[:-1].rstrip(_TRAILING)
    return word


_TAG = re.compile(
    r"<(?:!--.*?(?:-->|$)|(/?[a-zA-Z][a-zA-Z0-9]{0,20})(?:[^>\"']++|\"[^\"]*+\"|'[^']*+'|[\"'])*+>)",
    re.DOTALL,
)
_SILENT = re.compile(r"<(style|script|title|head)\b[^>]*>.*?(?:</\1\s*>|$)", re.DOTALL | re.IGNORECASE)
_BREAKS = links.words(
    """br p div tr li h1 h2 h3 h4 h5 h6 table ul ol blockquote pre hr section article header footer /p
    /div /h1 /h2 /h3 /h4 /table /ul /ol /blockquote /pre"""
)


def from_html(clean: str) -> str:
    """The words of HTML that our sanitiser wrote, for quoting and previews. Not for showing as HTML."""
    from html import unescape

    pieces = []
    position = 0
    clean = _SILENT.sub("", clean)
    for found in _TAG.finditer(clean):
        pieces.append(re.sub(r"\s+", " ", clean[position : found.start()]))
        if (found[1] or "").lower() in _BREAKS:
            pieces.append("\n")
        position = found.end()
    pieces.append(re.sub(r"\s+", " ", clean[position:]))
    lines = (line.strip() for line in unescape("".join(pieces)).replace("\xa0", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
