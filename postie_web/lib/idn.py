"""Domain names as people write them and as DNS carries them. RFC 5891 (IDNA2008), UTS #46."""

import re

import idna

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_NAME = 253  # RFC 1035, 2.3.4, without the final dot


def to_ascii(text: str) -> str:
    """'Correo.PERÚ.pe.' → 'correo.xn--per-boa.pe'; ValueError when it is no host name with a dot in it."""
    name = text.strip().rstrip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise ValueError(str(error)) from error
    labels = name.split(".")
    if len(labels) < 2 or len(name) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{text!r} is not a domain name")
    # RFC 3696, 2: an all-numeric last label would be read as an IPv4 address.
    if labels[-1].isdigit():
        raise ValueError(f"{text!r} ends in a number")
    return name


def to_readable(name: str) -> str:
    """'xn--per-boa.pe' → 'perú.pe'. A name that does not survive the way back is shown as it is."""
    if "xn--" not in name:
        return name
    try:
        readable = idna.decode(name, uts46=False)
        return readable if idna.encode(readable, uts46=True).decode("ascii") == name else name
    except (idna.IDNAError, UnicodeError):
        return name


def readable_address(address: str) -> str:
    """The same for 'ana@xn--per-boa.pe'."""
    local_part, at, domain = address.rpartition("@")
    return f"{local_part}{at}{to_readable(domain)}"
