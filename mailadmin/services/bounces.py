"""A bounce in plain words: what happened and what to do."""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mailadmin.services.bounce_texts import KNOWN

LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Explanation:
    code: str
    key: str  # which of the known troubles; "" for none
    what: str | Promise
    do: str | Promise
    evidence: str = ""


def explain(text: str) -> Explanation:
    """Any text; an unknown one gives its code and says so."""
    text = text[:LONGEST]
    found = re.search(r"\b([245]\.\d{1,3}\.\d{1,3})\b", text) or re.search(r"\b([45]\d\d)\b", text)
    code = found[1] if found else ""
    for key, pattern, what, do in KNOWN:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            line = next((x.strip() for x in text.splitlines() if match.group() in x), match.group())
            return Explanation(code, key, what, do, line[:300])
    return Explanation(
        code,
        "",
        _("This text is not known here."),
        _("Look for a line with a number such as 550 5.7.1 and ask the receiver’s postmaster about it."),
    )
