"""HTML made harmless for the parser's clock: tags written anew, balanced, never deep.

An HTML5 parser keeps open every unclosed <font> and repeats all of them in each following paragraph: 100 KB
can grow to gigabytes. What goes through here reaches the parser as exactly these tokens, so its work stays in
proportion. Says nothing about safety: that is the sanitiser's, which comes after.
"""

import re
from collections.abc import Iterator

from . import links

_FORMATTING = links.words("a b big code em font i nobr s small strike strong tt u")
_VOID = links.words("area base br col embed hr img input link meta param source track wbr")
_RAW = links.words("style script textarea title iframe noembed noframes noscript xmp")
_DROPPED = links.words("plaintext listing frameset frame html head body template")
_DEEPEST = 128
_MOST_FORMATTING = 12
_MOST_TAGS = 50_000
# WHATWG HTML, 13.2.5: a tag, its attributes, a comment; possessive, so that nothing is read twice.
_MARKUP = re.compile(
    r"<(?:(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:-]{0,30}+)(?P<rest>(?:[\s/][^>\"'=]*+(?:=\s*+(?:\"[^\"]*+\"|'[^']*+'"
    r"|[^\s>\"'][^\s>]*+|)|[\"'])?+)*+)\s*+>"
    r"|!--(?P<comment>.*?)(?:-->|$)|[!?/][^>]*+>)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(
    r"([a-zA-Z][a-zA-Z0-9:_-]{0,40}+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"']*+)))?+"
)
_OPENING = re.compile(r"<[a-zA-Z/!?]")
_SUSPICIOUS_TAGS = 5000
_SUSPICIOUS_PRODUCT = 200_000
_OPENS_FORMATTING = re.compile(
    r"<(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/>]", re.IGNORECASE
)


def is_needed(html: str) -> bool:
    """Whether the parser could be made to work out of proportion to the text."""
    tags = html.count("<")
    if tags > _SUSPICIOUS_TAGS:
        return True
    return tags > 450 and tags * len(_OPENS_FORMATTING.findall(html)) > _SUSPICIOUS_PRODUCT


def balanced(html: str) -> str:
    return "".join(_Balancer(html).pieces())


class _Balancer:
    def __init__(self, html: str) -> None:
        self._html = html
        self._open: list[str] = []
        self._formatting = 0
        self._tags = 0

    def pieces(self) -> Iterator[str]:
        position = 0
        html = self._html
        while position < len(html) and self._tags < _MOST_TAGS:
            opening = _OPENING.search(html, position)
            if not opening:
                break
            start = opening.start()
            yield html[position:start].replace("<", "&lt;")
            found = _MARKUP.match(html, start)
            if not found:
                yield "&lt;"
                position = start + 1
                continue
            position = found.end()
            name = (found["name"] or "").lower()
            if name in _RAW and not found["close"]:
                position, kept = self._raw(name, position)
                yield kept
            elif name and name not in _DROPPED:
                self._tags += 1
                yield self._close(name) if found["close"] else self._start(name, found["rest"])
        yield html[position:].replace("<", "&lt;") if self._tags < _MOST_TAGS else ""
        yield "".join(f"</{name}>" for name in reversed(self._open))

    def _raw(self, name: str, position: int) -> tuple[int, str]:
        """Text that is no markup until its end tag; only styles are kept."""
        end = re.compile(f"</{name}[\\s/>]", re.IGNORECASE).search(self._html, position)
        stop = end.start() if end else len(self._html)
        text = self._html[position:stop]
        after = self._html.find(">", stop) + 1 or len(self._html)
        return after, f"<style>{text}</style>" if name == "style" and "<!--" not in text else ""

    def _start(self, name: str, rest: str) -> str:
        formatting = name in _FORMATTING
        if name not in _VOID:
            if len(self._open) >= _DEEPEST or (formatting and self._formatting >= _MOST_FORMATTING):
                return ""
            self._open.append(name)
            self._formatting += formatting
        return f"<{name}{''.join(_attributes(rest))}>"

    def _close(self, name: str) -> str:
        if name not in self._open:
            return ""
        closed = []
        while True:
            top = self._open.pop()
            self._formatting -= top in _FORMATTING
            closed.append(f"</{top}>")
            if top == name:
                return "".join(closed)


def _attributes(rest: str) -> Iterator[str]:
    for count, found in enumerate(_ATTRIBUTE.finditer(rest)):
        if count >= 40:
            return
        value = next((group for group in found.groups()[1:] if group is not None), "")
        yield f' {found[1].lower()}="{value.replace(chr(34), "&quot;")}"'
