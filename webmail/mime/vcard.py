"""Cards of people that come with a letter. RFC 6350, and the older ones that phones still write."""

import re
from dataclasses import dataclass

from . import body

LARGEST = 200_000
MOST_CARDS = 50
_LINE = re.compile(r"(?:[A-Za-z0-9-]+\.)?([A-Za-z-]{1,30})((?:;[^:]{0,300})?):(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\([nN,;:\\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    name: str = ""
    organization: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


def read(octets: bytes) -> list[Card]:
    """The cards that say a name or an address. Never raises."""
    text = body.text(octets[:LARGEST])
    unfolded = re.sub(r"=?\n[ \t]", "", text)
    found = []
    for block in re.split(r"BEGIN:VCARD", unfolded, flags=re.IGNORECASE)[1 : MOST_CARDS + 1]:
        card = _card(re.split(r"END:VCARD", block, maxsplit=1, flags=re.IGNORECASE)[0])
        if card.name or card.emails:
            found.append(card)
    return found


def _card(block: str) -> Card:
    values: dict[str, list[str]] = {}
    for line in block.split("\n")[:500]:
        match = _LINE.fullmatch(line.strip())
        if match:
            values.setdefault(match[1].upper(), []).append(_value(match[3], match[2].upper()))
    name = next(iter(values.get("FN", [])), "") or _from_pieces(values.get("N", [""])[0])
    return Card(
        name=name[:200],
        organization=" ".join(next(iter(values.get("ORG", [""])), "").split(";")).strip()[:200],
        emails=tuple(_plain(mail, "mailto:") for mail in values.get("EMAIL", [])[:10] if "@" in mail),
        phones=tuple(_plain(phone, "tel:")[:100] for phone in values.get("TEL", [])[:10]),
    )


def _value(raw: str, parameters: str) -> str:
    if "QUOTED-PRINTABLE" in parameters:
        raw = body.text(body.octets(raw.encode(), "quoted-printable"))
    words = _ESCAPE.sub(lambda found: " " if found[1] in "nN" else found[1], raw)
    return body.without_turns(body.tidy(words)).replace("\n", " ").strip()[:500]


def _from_pieces(n: str) -> str:
    family, _, rest = n.partition(";")
    return f"{rest.partition(';')[0]} {family}".strip()


def _plain(value: str, scheme: str) -> str:
    return value[len(scheme) :] if value.lower().startswith(scheme) else value
