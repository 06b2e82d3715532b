"""A FETCH that is far too long is cut while it is read: a letter may have a Subject or a To of 50 MB.

What is left is the same answer with shorter strings and lists: it parses, and costs little memory.
"""

import re
from typing import BinaryIO

from . import errors
from .parser import literal_size

LONGEST_LINE = 2 * 1024 * 1024  # of all lines of an answer
LONGEST_STRING = 64 * 1024
_LONGEST_LIST = 256 * 1024  # octets kept of one list; what is opened in it afterwards is left out
_LONGEST_STRUCTURE = 8 * 1024 * 1024
_MOST_PIECES = 4000
_LARGEST = 32 * 1024 * 1024
_CHUNK = 1024 * 1024
_FETCH = re.compile(rb"\* \d+ FETCH ", re.IGNORECASE)
_SECTION = re.compile(rb"\](?:<\d+>)? ~?\{\d+\+?\}\r?\n?$")
_BARE = re.compile(rb'["()]')
_IN_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*){0,1000}', re.DOTALL)
# Whole lists without a backslash, one after the other: what a million addresses are.
_FULL_LISTS = re.compile(rb'(?: ?\([^()"\\{]*(?:"[^"\\]*"[^()"\\{]*)*\)){1,1000}')


def is_fetch(line: bytes) -> bool:
    return _FETCH.match(line) is not None


def is_section(line: bytes) -> bool:
    """Does the literal this line announces hold octets of a message, of which we asked for so many?"""
    return _SECTION.search(line) is not None


def literal(file: BinaryIO, size: int, most: int) -> bytes:
    """The first `most` octets of a literal; the others are read and forgotten."""
    kept = file.read(min(size, most))
    left = size - len(kept)
    while left > 0 and (piece := file.read(min(left, _CHUNK))):
        left -= len(piece)
    if left:
        raise errors.Lost("The mail server closed the connection.")
    return kept


class Shortened:
    """A response in the making: fed with what was read, it keeps pieces as the parser takes them."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces: list[bytes] = []
        self._line = bytearray()
        self._kept = 0
        self._lists: list[int] = []  # where each open list begins, in octets kept
        self._left_out = 0  # how many lists deep we are in what is left out
        self._string: int | None = None  # octets of the open string so far
        self._escaped = False
        for number, piece in enumerate(pieces):
            if number % 2:
                self._add_literal(piece)
            else:
                self._feed(piece)

    def rest(self, file: BinaryIO, begun: bytes) -> list[bytes]:
        """Up to the end of the response; `begun` is what was read of the present line."""
        while True:
            tail = self._read_line(file, begun)
            size = None if self._string is not None else literal_size(tail)
            if size is None:
                return [*self._pieces, bytes(self._line)]
            most = size if is_section(tail) and size < _LARGEST else LONGEST_STRING
            self._add_literal(literal(file, size, most))
            begun = file.readline(_CHUNK)

    def _read_line(self, file: BinaryIO, piece: bytes) -> bytes:
        """The end of the line."""
        tail = b""
        while True:
            while piece.endswith(b"\r"):
                piece += file.read(1) or b"?"  # the LF belongs to it
            is_last = piece.endswith(b"\n")
            piece = piece.rstrip(b"\r\n") if is_last else piece
            tail = (tail + piece)[-64:]
            self._feed(piece)
            if is_last:
                return tail
            piece = file.readline(_CHUNK)
            if not piece:
                raise errors.Lost("The mail server closed the connection.")

    def _add_literal(self, octets: bytes) -> None:
        if self._left_out:
            return
        if len(self._pieces) > _MOST_PIECES and len(self._lists) > 1:
            # One string of so many: an empty one does as well, and needs no piece of its own.
            self._line[self._line.rfind(b"{") :] = b'""'
            return
        self._pieces += [bytes(self._line), octets]
        self._keep(len(octets))
        self._line.clear()

    def _keep(self, octets: int) -> None:
        self._kept += octets
        if self._kept > _LARGEST:
            raise errors.Unavailable("The mail server sent more than we can hold.")

    def _feed(self, data: bytes) -> None:
        position = 0
        while position < len(data):
            read = self._read_bare if self._string is None else self._read_string
            position = read(data, position)

    def _write(self, octets: bytes) -> None:
        if not self._left_out:
            self._line += octets
            self._keep(len(octets))

    def _read_string(self, data: bytes, position: int) -> int:
        if self._escaped:
            self._escaped = False
            self._in_string(b"\\" + data[position : position + 1])
            return position + 1
        found = _IN_STRING.match(data, position)
        end = found.end() if found else position
        self._in_string(data[position:end])
        if data[end : end + 1] == b'"':
            self._string = None
            self._write(b'"')
            return end + 1
        if end == len(data) - 1:  # a backslash whose octet is not there yet
            self._escaped = True
            return end + 1
        return end

    def _in_string(self, octets: bytes) -> None:
        kept = octets[: max(LONGEST_STRING - (self._string or 0), 0)]
        if len(kept) < len(octets) and (len(kept) - len(kept.rstrip(b"\\"))) % 2:
            kept = kept[:-1]  # not half an escape
        self._string = (self._string or 0) + len(octets)
        self._write(kept)

    def _read_bare(self, data: bytes, position: int) -> int:
        if self._left_out or self._is_full():
            lists = _FULL_LISTS.match(data, position)
            if lists:
                return lists.end()
        found = _BARE.search(data, position)
        end = found.start() if found else len(data)
        self._write(data[position:end])
        if not found:
            return end
        if found[0] == b'"':
            self._write(b'"')
            self._string = 0
        elif found[0] == b"(":
            self._open()
        else:
            self._close()
        return end + 1

    def _is_full(self) -> bool:
        if len(self._lists) < 2:
            return False  # the answer's own list
        longest = _LONGEST_LIST if len(self._lists) > 2 else _LONGEST_STRUCTURE
        return self._kept - self._lists[-1] > longest

    def _open(self) -> None:
        if self._left_out or self._is_full():
            self._left_out += 1
            return
        self._write(b"(")
        self._lists.append(self._kept)

    def _close(self) -> None:
        if self._left_out:
            self._left_out -= 1
            return
        if self._lists:
            self._lists.pop()
        self._write(b")")
