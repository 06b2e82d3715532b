"""The header of a message: fields in order, unfolded, whatever stands in them."""

import re

from postie_web.lib import encoded_words

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_MOST_FIELDS = 2000
_LONGEST = 256 * 1024

Fields = tuple[tuple[str, bytes], ...]


def fields(octets: bytes) -> Fields:
    """(name, value) pairs; lines that are no field are left out, the body is never reached."""
    found: list[tuple[str, list[bytes]]] = []
    for line in octets[:_LONGEST].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if found and line.strip():
                found[-1][1].append(line.strip())
            continue
        if not line:
            break
        match = _FIELD.fullmatch(line)
        if match and len(found) < _MOST_FIELDS:
            found.append((match[1].decode("ascii"), [match[2].strip()]))
    return tuple((name, b" ".join(lines).strip()) for name, lines in found)


def first(known: Fields, name: str) -> bytes:
    """The value of the first field of that name, or b""."""
    return next((value for key, value in known if key.lower() == name), b"")


def every(known: Fields, name: str) -> list[bytes]:
    return [value for key, value in known if key.lower() == name]


def words(known: Fields, name: str) -> str:
    return encoded_words.decode(first(known, name))
