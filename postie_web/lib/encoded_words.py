"""Header text with encoded words (RFC 2047), read kindly: never raises, never loses text."""

import binascii
import re
from base64 import b64decode
from quopri import decodestring

_WORD = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_GAP = re.compile(rb"(\?=)[ \t\r\n]+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
# Labels that lie, as browsers read them too (encoding.spec.whatwg.org).
_REALLY = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "gb2312": "gb18030",
    "ks_c_5601-1987": "cp949",
}
# Python's own notations: slow on purpose-made text, and no charset of any letter.
_NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}


def decode(octets: bytes | None) -> str:
    """Octets of a header value → text on one line."""
    if not octets:
        return ""
    if b"=?" not in octets:
        return _one_line(text(octets))
    octets = _GAP.sub(rb"\1", octets)
    pieces: list[tuple[str, bytes]] = []  # charset, octets: neighbours of one charset are decoded together
    position = 0
    for found in _WORD.finditer(octets):
        if found.start() > position:
            pieces.append(("", octets[position : found.start()]))
        charset = found[1].decode("latin-1").partition("*")[0].lower()  # RFC 2231, 5: language after *
        _append(pieces, charset, _octets(found[2], found[3]))
        position = found.end()
    pieces.append(("", octets[position:]))
    return _one_line("".join(text(data, charset) for charset, data in pieces))


def text(octets: bytes, charset: str = "") -> str:
    """Octets → text in the charset named, or in the one they most likely are in."""
    for name in (_REALLY.get(charset, charset), "utf-8"):
        if name and name.replace("-", "_") not in _NO_CHARSETS:
            try:
                # Not codecs.lookup(): that would also unpack "zlib" and "bz2".
                return octets.decode(name)
            except (LookupError, UnicodeError, ValueError):
                continue
    return octets.decode("cp1252", "replace")


def _append(pieces: list[tuple[str, bytes]], charset: str, octets: bytes) -> None:
    # A character may be cut in two by a careless sender: join before decoding.
    if pieces and pieces[-1][0] == charset:
        pieces[-1] = (charset, pieces[-1][1] + octets)
    else:
        pieces.append((charset, octets))


def _octets(encoding: bytes, data: bytes) -> bytes:
    if encoding in b"qQ":
        return decodestring(data.replace(b"_", b"=20"), header=True)
    try:
        return b64decode(data + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return data


def _one_line(value: str) -> str:
    return (value if value.isprintable() else _CONTROLS.sub(" ", value)).strip()
