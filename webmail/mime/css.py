"""Styles of a message: read as tokens, kept by allow-list, written anew. CSS Syntax Level 3."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import tinycss2

from . import links

PROPERTIES = links.words(
    """background background-clip background-color background-image background-origin
    background-position background-repeat background-size border border-block border-bottom
    border-bottom-color border-bottom-left-radius border-bottom-right-radius border-bottom-style
    border-bottom-width border-collapse border-color border-inline border-left border-left-color
    border-left-style border-left-width border-radius border-right border-right-color
    border-right-style border-right-width border-spacing border-style border-top border-top-color
    border-top-left-radius border-top-right-radius border-top-style border-top-width border-width
    box-shadow box-sizing caption-side clear color color-scheme column-count column-gap direction
    display empty-cells flex flex-basis flex-direction flex-flow flex-grow flex-shrink flex-wrap
    align-items align-self align-content justify-content justify-items order gap row-gap float font
    font-family font-feature-settings font-kerning font-size font-stretch font-style font-variant
    font-weight height hyphens letter-spacing line-height list-style list-style-position
    list-style-type margin margin-bottom margin-left margin-right margin-top max-height max-width
    min-height min-width object-fit opacity orphans outline outline-color outline-style
    outline-width overflow overflow-wrap overflow-x overflow-y padding padding-bottom padding-left
    padding-right padding-top page-break-after page-break-before page-break-inside quotes
    table-layout text-align text-align-last text-decoration text-decoration-color
    text-decoration-line text-decoration-style text-indent text-overflow text-shadow text-transform
    text-underline-offset unicode-bidi vertical-align visibility white-space widows width
    word-break word-spacing word-wrap writing-mode"""
)
FUNCTIONS = links.words(
    """rgb rgba hsl hsla hwb lab lch oklab oklch calc min max clamp linear-gradient
    repeating-linear-gradient radial-gradient"""
)
_PSEUDO = links.words(
    """link visited hover active focus first-child last-child only-child nth-child nth-of-type
    first-of-type last-of-type empty not root"""
)
_MEDIA = links.words(
    """width min-width max-width height min-height max-height orientation prefers-color-scheme
    device-width min-device-width max-device-width"""
)
_LONGEST = 200_000
_LONGEST_KNOWN = 20_000  # of a sheet that is kept
_LONGEST_SHEET = 100_000  # written; less than is read, so that cleaning twice changes nothing
# Names, numbers and signs that can neither open a function, an address, a comment nor an escape.
_PLAIN = re.compile(r"[a-zA-Z0-9#%.,:;! \t\r\n_+-]*")
_DANGEROUS = re.compile(r"[<>{}\\@\x00-\x08\x0b-\x1f\x7f]")
_NEUTRAL = frozenset(("ident", "hash", "number", "percentage", "dimension", "string"))

Image = Callable[[str], str | None]


def nothing(_url: str) -> None:
    """The answer to a picture's address when none may be shown."""
    return


def declarations(text: str, image: Image = nothing) -> str:
    """The allowed declarations of a style attribute. `image` says what stands for a picture."""
    if len(text) > _LONGEST:
        return ""
    if "url" in text.lower() or "\\" in text:
        return _parsed(text, image)
    return _known(text)


@lru_cache(maxsize=8192)
def _known(text: str) -> str:
    return _plain(text) if _PLAIN.fullmatch(text) else _parsed(text, nothing)


def _plain(text: str) -> str:
    return ";".join(filter(None, map(_plain_declaration, text.split(";"))))


@lru_cache(maxsize=8192)
def _plain_declaration(text: str) -> str:
    """Letters say the same few things again and again. Empty: not allowed."""
    name, colon, value = text.partition(":")
    name, value = name.strip().lower(), " ".join(value.split())
    if not (colon and name in PROPERTIES and value and ":" not in value and _fits(name, value)):
        return ""
    value, important, rest = value.partition("!")
    if important and rest.strip().lower() != "important":
        return ""
    return f"{name}:{value.strip()}{'!important' if important else ''}"


def _fits(name: str, value: str) -> bool:
    """Nothing may grow over its neighbours by going backwards out of its box."""
    return not (name.startswith("margin") and "-" in value)


def _parsed(text: str, image: Image) -> str:
    return ";".join(_declarations(tinycss2.parse_blocks_contents(text, True, True), image))


def _declarations(nodes: Iterable[Any], image: Image) -> Iterable[str]:
    for node in nodes:
        if node.type != "declaration" or node.lower_name not in PROPERTIES:
            continue
        value = _value(node.value, image)
        if value and _fits(node.lower_name, value):
            yield f"{node.lower_name}:{value}{'!important' if node.important else ''}"


def _value(tokens: Iterable[Any], image: Image, depth: int = 0) -> str | None:
    """The tokens written anew, or None as soon as one is not ours."""
    written = []
    for token in tokens:
        piece = _token(token, image, depth)
        if piece is None:
            return None
        written.append(piece)
    return " ".join("".join(written).split())


def _token(token: Any, image: Image, depth: int) -> str | None:
    if token.type in ("whitespace", "comment"):
        return " "
    if token.type == "literal":
        return token.value if token.value in (",", "/", "+", "-", "*") else None
    if token.type in _NEUTRAL:
        return _neutral(token)
    if token.type == "url":
        return _address(token.value, image)
    if token.type == "function":
        return _function(token, image, depth)
    return None


def _neutral(token: Any) -> str | None:
    text = str(token.serialize())
    if _DANGEROUS.search(text) or (token.type == "ident" and "(" in text):
        return None
    return text


def _address(url: str, image: Image) -> str | None:
    shown = image(url)
    # Written by us, so it must not be able to leave its quotes.
    return f'url("{shown}")' if shown and not re.search(r'["\\\s<>]', shown) else None


def _function(token: Any, image: Image, depth: int) -> str | None:
    if token.lower_name == "url":
        strings = [t.value for t in token.arguments if t.type == "string"]
        return _address(strings[0], image) if len(strings) == 1 else None
    if token.lower_name not in FUNCTIONS or depth > 8:
        return None
    inside = _value(token.arguments, image, depth + 1)
    return None if inside is None else f"{token.lower_name}({inside})"


def sheet(text: str, image: Image = nothing) -> str:
    """The allowed rules of a style element: plain rules and @media around them."""
    if len(text) > _LONGEST_KNOWN or "url" in text.lower() or "\\" in text:
        return _sheet(text, image)
    return _known_sheet(text)


@lru_cache(maxsize=256)
def _known_sheet(text: str) -> str:
    """Newsletters bring the same sheet each time."""
    return _sheet(text, nothing)


def _sheet(text: str, image: Image) -> str:
    # A style element in mail is often wrapped in a comment for programs of the last century.
    text = text[:_LONGEST].replace("<!--", " ").replace("-->", " ")
    written: list[str] = []
    size = 0
    for rule in _rules(tinycss2.parse_stylesheet(text, True, True), image, nested=False):
        size += len(rule)
        if size > _LONGEST_SHEET:
            break
        written.append(rule)
    return "".join(written)


def _rules(nodes: Iterable[Any], image: Image, *, nested: bool) -> Iterable[str]:
    for rule in nodes:
        if rule.type == "qualified-rule":
            chosen = selector(rule.prelude)
            body = ";".join(_declarations(tinycss2.parse_blocks_contents(rule.content, True, True), image))
            if chosen and body:
                yield f"{chosen}{{{body}}}\n"
        elif rule.type == "at-rule" and rule.lower_at_keyword == "media" and rule.content and not nested:
            query = _media(rule.prelude)
            inside = "".join(_rules(tinycss2.parse_rule_list(rule.content, True, True), image, nested=True))
            if query and inside:
                yield f"@media {query}{{{inside}}}\n"


def selector(tokens: Iterable[Any]) -> str | None:
    written: list[str] = []
    colon = False
    for token in tokens:
        if colon and token.type == "ident" and token.lower_value not in _PSEUDO:
            return None
        colon = token.type == "literal" and token.value == ":"
        piece = _selector_token(token)
        if piece is None:
            return None
        written.append(piece)
    return " ".join("".join(written).split())


def _selector_token(token: Any) -> str | None:
    if token.type in ("whitespace", "comment"):
        return " "
    if token.type == "literal":
        return token.value if token.value in (",", ".", ">", "+", "~", "*", ":") else None
    if token.type in ("ident", "hash"):
        return _neutral(token)
    return None


def _media(tokens: Iterable[Any]) -> str | None:
    written: list[str] = []
    for token in tokens:
        piece: str | None = None
        if token.type in ("whitespace", "comment"):
            piece = " "
        elif token.type == "ident" or (token.type == "literal" and token.value == ","):
            piece = _neutral(token) if token.type == "ident" else ","
        elif token.type == "() block":
            piece = _feature(token.content)
        if piece is None:
            return None
        written.append(piece)
    return " ".join("".join(written).split())


def _feature(tokens: Iterable[Any]) -> str | None:
    inside = [token for token in tokens if token.type not in ("whitespace", "comment")]
    if not inside or inside[0].type != "ident" or inside[0].lower_value not in _MEDIA:
        return None
    if len(inside) == 1:
        return f"({inside[0].lower_value})"
    if len(inside) != 3 or inside[1].type != "literal" or inside[1].value != ":":
        return None
    value = _neutral(inside[2]) if inside[2].type in _NEUTRAL else None
    return f"({inside[0].lower_value}:{value})" if value else None
