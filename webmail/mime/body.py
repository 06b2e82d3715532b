"""The octets of a part → what a person reads: transfer encoding, charset, format=flowed."""

import binascii
import codecs
import re
from collections.abc import Iterable, Iterator
from quopri import decodestring

from postie_web.lib import encoded_words

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-zA-Z0-9_:-]{2,40})""", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# Signs that nobody sees and that turn the reading order of what stands behind them.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def octets(data: bytes, encoding: str) -> bytes:
    """RFC 2045, 6, read kindly: whatever is no base64 is skipped, an unknown encoding is none."""
    return b"".join(decoded([data], encoding))


def decoded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The same for a stream: memory for one chunk at a time."""
    encoding = encoding.strip().lower()
    if encoding == "base64":
        return _base64(chunks)
    if encoding == "quoted-printable":
        return _quoted_printable(chunks)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _uuencoded(chunks)
    return iter(chunks)


def _base64(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        rest += _NOT_BASE64.sub(b"", chunk)
        whole = len(rest) // 4 * 4
        yield binascii.a2b_base64(rest[:whole])
        rest = rest[whole:]
    if len(rest) > 1:
        yield binascii.a2b_base64(rest + b"=" * (4 - len(rest)))


def _quoted_printable(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        rest += chunk
        cut = rest.rfind(b"\n") + 1
        if not cut and len(rest) > 1_000_000:  # a line of 50 MB
            cut = max(len(rest) - 3, rest.rfind(b"=", len(rest) - 3))
        yield decodestring(rest[:cut])
        rest = rest[cut:]
    yield decodestring(rest)


def _uuencoded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield b"".join(map(_uuencoded_line, lines))
    yield _uuencoded_line(rest)


def _uuencoded_line(line: bytes) -> bytes:
    line = line.rstrip(b"\r")
    if not line or line.startswith((b"begin ", b"end")):
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders pad their last line wrongly; keep what its own length promises.
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:length])
        except binascii.Error:
            return b""


def text(data: bytes, charset: str = "", *, is_html: bool = False) -> str:
    """Octets → text: by byte order mark, by label, by what an HTML head says, by likelihood."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return tidy(data[len(mark) :].decode(name, "replace"))
    charset = charset.strip().strip("\"'").lower()
    if is_html and charset in ("", "us-ascii", "ascii"):
        found = _CHARSET.search(data[:2048])
        charset = found[1].decode("ascii").lower() if found else charset
    if charset in ("utf-8", "utf8", "us-ascii", "ascii", "") or _is_really_utf8(data, charset):
        charset = "utf-8"
    if charset == "utf-8":
        return tidy(_utf8(data))
    return tidy(encoded_words.text(data, charset))


def _is_really_utf8(data: bytes, charset: str) -> bool:
    """Latin letters that form valid UTF-8 are UTF-8 under a wrong label; nobody writes "Ã©" on purpose."""
    if not charset.startswith(("iso-8859", "windows-125", "cp125", "latin")) or data.isascii():
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A part cut at its limit may end inside a letter: that is no reason to doubt all others.
        if error.start >= len(data) - 3:
            return data[: error.start].decode("utf-8")
    wrong = data.decode("utf-8", "replace")
    return (
        wrong if wrong.count("\ufffd") * 20 < sum(b > 127 for b in data) else data.decode("cp1252", "replace")
    )


def tidy(value: str) -> str:
    """Without what no font draws and no browser may get: control characters, half surrogates."""
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    value = _CONTROLS.sub("", value)
    return value.encode("utf-8", "replace").decode("utf-8") if _has_surrogates(value) else value


def _has_surrogates(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def without_turns(value: str) -> str:
    """For names of people and files: nothing may run backwards ("fdp.exe")."""
    return _TURNS.sub("", value)


def unflowed(value: str, *, delsp: bool = False) -> str:
    """RFC 3676: lines that end in a space go on in the next, within one depth of quoting."""
    paragraphs: list[tuple[int, list[str]]] = []
    open_ = False
    for line in value.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        if content == "-- ":
            open_ = False
        if open_ and paragraphs and paragraphs[-1][0] == depth:
            paragraphs[-1][1].append(content[:-1] if flows and delsp else content)
        else:
            paragraphs.append((depth, [content[:-1] if flows and delsp else content]))
        open_ = flows
    return "\n".join(f"{'>' * depth} {''.join(c)}" if depth else "".join(c) for depth, c in paragraphs)


def flowed(value: str, width: int = 72) -> str:
    """RFC 3676, 4: soft breaks at spaces, stuffing of lines a program could mistake. Quotes stay."""
    lines: list[str] = []
    for line in value.replace("\r\n", "\n").split("\n"):
        if line.startswith(">"):
            lines.append(line.rstrip())
            continue
        lines.extend(_wrapped(line if line == "-- " else line.rstrip(), width))
    return "\n".join(lines)


def _wrapped(line: str, width: int) -> Iterator[str]:
    start = 0
    while len(line) - start > width:
        cut = line.rfind(" ", start, start + width) + 1
        if cut <= start:
            cut = line.find(" ", start + width) + 1
            if not cut:
                break
        yield _stuffed(line[start:cut])
        start = cut
    yield _stuffed(line[start:])


def _stuffed(line: str) -> str:
    return f" {line}" if line.startswith((" ", ">", "From ")) else line
