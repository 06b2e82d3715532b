"""From octets to values: one response of the server (RFC 3501, 9). Numbers stay octets until somebody asks.

imapclient's parser needs 10 to 17 ms for 50 rows, more than Dovecot and Django together; this one a tenth.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .errors import Unavailable

# atom, string → bytes; NIL → None; list → list. Any, since a recursive type would say no more here.
Data = Any

_TOKEN = re.compile(
    rb" *(?:(\()|(\))"
    rb'|"([^"\\]*+(?:\\.[^"\\]*+)*)"'
    rb'|((?:[^\s()"\[\]]*\[[^\]]*\](?:<\d+>)?)|[^\s()"]+))'
)
_LITERAL = re.compile(rb"~?\{(\d+)\+?\}$")
_MOST_DEPTH = 200


@dataclass(slots=True)
class Response:
    """One untagged or tagged response: `* 12 FETCH (…)` has number 12, name FETCH, data [[…]]."""

    name: str
    number: int | None = None
    data: list[Data] = field(default_factory=list)
    text: str = ""  # of OK NO BAD BYE PREAUTH
    code: str = ""
    code_data: list[Data] = field(default_factory=list)


def literal_size(line: bytes) -> int | None:
    """How many octets follow this line, when it ends in {n}."""
    found = _LITERAL.search(line)
    return int(found[1]) if found else None


def parse(pieces: list[bytes]) -> list[Data]:
    """`pieces` are line, literal, line, literal, … line; the lines without CR LF."""
    root: list[Data] = []
    stack: list[list[Data]] = [root]
    for number, piece in enumerate(pieces):
        if number % 2:
            stack[-1].append(piece)
            continue
        if number + 1 < len(pieces):
            piece = _LITERAL.sub(b"", piece)
        _tokenize(piece, stack)
    if len(stack) != 1:
        raise Unavailable("The mail server sent an answer with an open parenthesis.")
    return root


def _tokenize(line: bytes, stack: list[list[Data]]) -> None:
    position, end = 0, len(line)
    match = _TOKEN.match
    top = stack[-1]
    while position < end:
        found = match(line, position)
        if found is None:
            if line[position:].strip():
                raise Unavailable("The mail server sent an answer that cannot be read.")
            return
        position = found.end()
        kind = found.lastindex
        if kind == 1:
            top = _open(stack)
        elif kind == 2:
            if len(stack) == 1:
                raise Unavailable("The mail server sent an answer with a stray parenthesis.")
            stack.pop()
            top = stack[-1]
        elif kind == 3:
            text = found[3]
            top.append(_UNESCAPE.sub(rb"\1", text) if b"\\" in text else text)
        else:
            atom = found[4]
            top.append(None if atom in (b"NIL", b"nil") else atom)


_UNESCAPE = re.compile(rb"\\(.)", re.DOTALL)


def _open(stack: list[list[Data]]) -> list[Data]:
    if len(stack) > _MOST_DEPTH:
        raise Unavailable("The mail server sent an answer nested too deep.")
    fresh: list[Data] = []
    stack[-1].append(fresh)
    stack.append(fresh)
    return fresh


_STATUS = re.compile(rb"(OK|NO|BAD|BYE|PREAUTH)(?: +(.*))?", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(rb"\[([^\s\]]+)(?: ([^\]]*))?\] ?", re.DOTALL)


def response(pieces: list[bytes]) -> Response:
    """What follows `* ` or `tag `. Nobody writes to it: the same line may be the same value."""
    if len(pieces) == 1 and pieces[0].startswith((b"LIST ", b"STATUS ")):
        return _seen_before(pieces[0])
    return _read(pieces)


@lru_cache(maxsize=4096)
def _seen_before(line: bytes) -> Response:
    return _read([line])


def _read(pieces: list[bytes]) -> Response:
    status = _STATUS.fullmatch(pieces[0]) if len(pieces) == 1 else None
    if status:
        return _status(status[1].decode().upper(), status[2] or b"")
    if len(pieces) == 1 and pieces[0][:7].upper() in (b"THREAD", b"THREAD "):
        return Response("THREAD", data=[pieces[0][7:]])  # read by threads.py: of any depth, and fast
    if len(pieces) == 1 and pieces[0].startswith((b"SORT ", b"SEARCH ")) and b"(" not in pieces[0]:
        name, *numbers = pieces[0].split()  # perhaps 100,000
        return Response(name.decode("latin-1"), data=numbers)
    if b" BODYSTRUCTURE (" in pieces[-1] and (row := _row(pieces)):
        return row
    data = parse(pieces)
    if not data or not isinstance(data[0], bytes):
        raise Unavailable("The mail server sent an empty answer.")
    if data[0].isdigit() and len(data) > 1 and isinstance(data[1], bytes):
        return Response(data[1].decode("latin-1").upper(), int(data[0]), data[2:])
    return Response(data[0].decode("latin-1").upper(), None, data[1:])


class Later(bytes):
    """A list as it came, unread: most of a row's octets are structure and recipients that no list shows."""

    def read(self) -> Data:
        return parse([bytes(self)])[0]


_MOST_INLINE = 4096
_QUOTED = rb'"[^"\\]*+(?:\\.[^"\\]*+)*"'
_STRING = re.compile(_QUOTED, re.DOTALL)
_NSTRING = b"(?:NIL|%s)" % _QUOTED
_PEOPLE = rb"(?:NIL|\((?:\(%s\))+\))" % b" ".join([_NSTRING] * 4)
_SIMPLE = rb"[A-Z0-9.-]+ (?:\d+|NIL|%s|\([^()\"]*\))" % _QUOTED
_FIELDS = b" ".join(b"(%s)" % field for field in [_NSTRING] * 2 + [_PEOPLE] * 6 + [_NSTRING] * 2)
_ROW = re.compile(
    rb"(\d+) FETCH \((%s(?: %s)*) ENVELOPE \(%s\)((?: %s)*) BODYSTRUCTURE (\(.*\))\)"
    % (_SIMPLE, _SIMPLE, _FIELDS, _SIMPLE),
    re.DOTALL,
)
_PAIR = re.compile(rb"([A-Z0-9.-]+) (\d+|NIL|%s|\([^()\"]*\))" % _QUOTED, re.DOTALL)
_OPEN_PARENTHESIS = ord("(")
_NO_PARENTHESES = bytes(octet for octet in range(256) if octet not in b"()")


def _row(pieces: list[bytes]) -> Response | None:
    """A row of a list, as Dovecot writes it, in one look. None: it has to be read word by word."""
    found = _ROW.fullmatch(_on_one_line(pieces))
    if found is None:
        return None
    number, before, *fields, after, structure = found.groups()
    # Something may follow the structure.
    bare = _STRING.sub(b"", structure)
    if b'"' in bare or not _is_one_list(bare.translate(None, _NO_PARENTHESES)):
        return None
    data: list[Data] = []
    for name, value in _PAIR.findall(before + after):
        data += (name, _simple(value))
    data += (b"ENVELOPE", [_simple(field) for field in fields], b"BODYSTRUCTURE", Later(structure))
    return Response("FETCH", int(number), [data])


def _on_one_line(pieces: list[bytes]) -> bytes:
    """Short literals as strings: Dovecot sends words that are no ASCII, and long subjects, as literals."""
    if len(pieces) == 1:
        return pieces[0]
    if sum(map(len, pieces[1::2])) > _MOST_INLINE:
        return b""
    texts = [b'"%s"' % text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') for text in pieces[1::2]]
    lines = [*(line[: line.rindex(b"{")].removesuffix(b"~") for line in pieces[:-1:2]), pieces[-1]]
    return b"".join(piece for both in zip(lines, [*texts, b""], strict=True) for piece in both)


def _simple(value: bytes) -> Data:
    """A number, a string, NIL, flags, or people, who are left unread."""
    if value.startswith(b'"'):
        return _UNESCAPE.sub(rb"\1", value[1:-1]) if b"\\" in value else value[1:-1]
    if value.startswith(b"(("):
        return Later(value)
    if value.startswith(b"("):
        return value[1:-1].split()
    return None if value == b"NIL" else value


@lru_cache(maxsize=4096)
def _is_one_list(parentheses: bytes) -> bool:
    depth = 0
    for place, octet in enumerate(parentheses, 1):
        depth += 1 if octet == _OPEN_PARENTHESIS else -1
        if depth <= 0 or depth > _MOST_DEPTH:
            return depth == 0 and place == len(parentheses)
    return False


def _status(name: str, rest: bytes) -> Response:
    code = _CODE.match(rest)
    text = rest[code.end() :] if code else rest
    return Response(
        name,
        text=text.decode("utf-8", "replace")[:500],
        code=code[1].decode("latin-1").upper() if code else "",
        code_data=parse([code[2]]) if code and code[2] else [],
    )
