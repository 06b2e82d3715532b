"""What a mail address may be here. Pure: text in, text or ValueError out."""

import re

from postie_web.lib import idn

MOST_TARGETS = 100
# poste.io's own pattern for a mailbox; narrower than RFC 5321 on purpose.
_LOCAL_PART = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9_-])?")
# RFC 5321, 4.1.2: Dot-string. Quoted local parts are legal and nobody can use them.
_DOT_STRING = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.IGNORECASE)
_LONGEST_LOCAL_PART = 64  # RFC 5321, 4.5.3.1.1


def local_part(text: str) -> str:
    """The part before the @ of a mailbox of ours, in small letters."""
    name = text.strip().lower()
    if len(name) > _LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(name) or ".." in name:
        raise ValueError(f"{text!r} is not a local part")
    return name


def ours(text: str) -> str:
    """A whole address of ours: 'Ana@Perú.pe' → 'ana@xn--per-boa.pe'."""
    local, at, domain = text.strip().rpartition("@")
    if not at:
        raise ValueError(f"{text!r} has no @")
    return f"{local_part(local)}@{idn.to_ascii(domain)}"


def anyones(text: str) -> str:
    """An address anywhere; the local part keeps its letters (RFC 5321, 2.4), the domain becomes ASCII."""
    local, at, domain = text.strip().rpartition("@")
    if not at or len(local) > _LONGEST_LOCAL_PART or not _DOT_STRING.fullmatch(local):
        raise ValueError(f"{text!r} is not an address")
    return f"{local}@{idn.to_ascii(domain)}"


def target(text: str) -> str:
    """Where an alias may lead: an address, or '*@domain' for everybody in a domain of this server."""
    text = text.strip()
    if text.startswith("*@"):
        return f"*@{idn.to_ascii(text[2:])}"
    if "*" in text:
        raise ValueError(f"{text!r}: a star stands alone, as in *@example.org")
    return anyones(text)


def same(one: str, other: str) -> bool:
    """Do both reach the same mailbox of ours? Local parts here are not case sensitive."""
    return one.lower() == other.lower()
