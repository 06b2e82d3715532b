"""Macro expansion. RFC 7208, 7.2 and 7.3."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from mailadmin.dns.names import Address

_MACRO = re.compile(r"%(?:\{([a-zA-Z])(\d*)([rR]?)([.\-+,/_=]*)\}|([%_\-]))")
_LITERAL = {"%": "%", "_": " ", "-": "%20"}
LONGEST_NAME = 253


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Who speaks to us. `validated` looks up the p macro only when it is written."""

    ip: Address
    sender: str
    helo: str
    validated: Callable[[str], str]
    receiver: str = "unknown"
    now: int = 0

    def value(self, letter: str, domain: str) -> str:
        local, _, sender_domain = self.sender.rpartition("@")
        if letter == "p":
            return self.validated(domain)
        dotted = str(self.ip) if self.ip.version == 4 else ".".join(self.ip.exploded.replace(":", "").upper())
        values = {
            "s": self.sender,
            "l": local,
            "o": sender_domain,
            "d": domain,
            "i": dotted,
            "v": "in-addr" if self.ip.version == 4 else "ip6",
            "h": self.helo,
            "c": str(self.ip),
            "r": self.receiver,
            "t": str(self.now),
        }
        return values[letter]


def expand(text: str, domain: str, circumstances: Circumstances) -> str:
    def one(match: re.Match[str]) -> str:
        letter, digits, backwards, delimiters, literal = match.groups()
        if literal:
            return _LITERAL[literal]
        value = circumstances.value(letter.lower(), domain)
        parts = re.split("[" + re.escape(delimiters or ".") + "]", value)
        if backwards:
            parts.reverse()
        if digits:
            parts = parts[-int(digits) :]
        joined = ".".join(parts)
        # 7.3: an upper-case letter means URL escaping.
        return quote(joined, safe="-._~") if letter.isupper() else joined

    return _MACRO.sub(one, text)


def name(text: str, domain: str, circumstances: Circumstances) -> str:
    """A domain-spec as a name to ask for; too long a name loses labels from the left (7.3)."""
    expanded = expand(text, domain, circumstances).rstrip(".")
    while len(expanded) > LONGEST_NAME and "." in expanded:
        expanded = expanded.partition(".")[2]
    return expanded.lower()
