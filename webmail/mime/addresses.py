"""Lists of addresses, as headers carry them and as people type them. RFC 5322, 3.4."""

import re
from collections.abc import Iterator

from postie_web.lib import encoded_words, idn
from webmail.types import Address

_MOST = 5000
_LOCAL = re.compile(r"[^\s\x00-\x20\x7f<>()\[\],;:\\\"@]{1,64}")
# A quoted string or a comment is one sign (RFC 5322, 3.2); one that never ends is its first character.
_SIGNS = re.compile(r'"(?:[^"\\]|\\.)*+"|\((?:[^()\\]|\\.)*+\)|[<>,;:\n]', re.DOTALL)
_COMMENT = re.compile(r"\(([^()]*)\)")


class Invalid(ValueError):
    """`.text` is the piece that is no address."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def parse(value: bytes | str) -> tuple[Address, ...]:
    """A header's addresses; groups are opened, encoded words read, rubbish kept as a name. Never raises."""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    is_octets = isinstance(value, bytes)
    found = []
    for piece in pieces(text):
        name, address = split(piece)
        if is_octets:
            name = encoded_words.decode(name.encode("latin-1"))
            address = encoded_words.text(address.encode("latin-1"))
        if name or address:
            found.append(Address(name, address))
    return tuple(found)


def pieces(text: str) -> Iterator[str]:
    """Cut at commas and semicolons outside of quotes, comments and angle brackets; group names left out."""
    start = count = 0
    angle = False
    for found in _SIGNS.finditer(text):
        sign = found[0]
        if sign in "<>":
            angle = sign == "<"
        elif sign in ";\n" or (sign in ",:" and not angle):
            piece = text[start : found.start()].strip()
            start, angle = found.end(), False
            if piece and sign != ":":
                count += 1
                yield piece
            if count >= _MOST:
                return
    if text[start:].strip():
        yield text[start:].strip()


def split(piece: str) -> tuple[str, str]:
    """'"Ana, Q." <ana@x>' → ('Ana, Q.', 'ana@x'); 'ana@x (Ana)' → ('Ana', 'ana@x')."""
    opening = piece.rfind("<")
    if opening >= 0:
        address = piece[opening + 1 :].partition(">")[0]
        return _unquoted(piece[:opening]), "".join(address.split())
    comment = _COMMENT.search(piece)
    bare = _COMMENT.sub(" ", piece).strip()
    if "@" in bare and not re.search(r"\s", bare):
        return (comment[1].strip() if comment else ""), bare
    return _unquoted(piece), ""


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    return " ".join(text.split())


def typed(text: str) -> tuple[Address, ...]:
    """What a person wrote into To: every one must be sendable, else Invalid says which is not."""
    found = []
    for piece in pieces(text.replace("\r", "")):
        name, address = split(piece)
        found.append(Address(name, sendable(address, piece)))
    return tuple({address.address.lower(): address for address in reversed(found)}.values())[::-1]


def sendable(address: str, whole: str = "") -> str:
    """The address with its domain as DNS knows it. A local part outside ASCII stays (RFC 6531)."""
    local_part, at, domain = address.rpartition("@")
    dots = local_part.startswith(".") or local_part.endswith(".") or ".." in local_part
    if not at or dots or not _LOCAL.fullmatch(local_part):
        raise Invalid(whole or address)
    try:
        return f"{local_part}@{idn.to_ascii(domain)}"
    except ValueError as error:
        raise Invalid(whole or address) from error


def written(addresses: tuple[Address, ...]) -> str:
    """For the field of a form, so that typed() reads the same again."""
    return ", ".join(_written(address) for address in addresses if address.address)


def _written(address: Address) -> str:
    name = " ".join(address.name.split())
    if not name:
        return address.address
    if re.search(r"[^\w\s.'-]", name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{address.address}>"
