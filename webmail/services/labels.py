"""Labels: IMAP keywords, byte for byte, under the name and colour a person gave them.

The keyword is what every mail program shares; names and colours are ours: renaming changes no message.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from webmail.imap import errors
from webmail.imap.wire import Flag
from webmail.models import Preferences

TONES = ("blue", "red", "green", "amber", "violet", "teal", "pink", "grey")
_MOST = 100
_LONGEST = 60
_LONGEST_KEYWORD = 50  # Dovecot's mail_max_keyword_length


@dataclass(frozen=True, slots=True)
class Label:
    keyword: str
    name: str
    tone: str = "grey"


@dataclass(frozen=True, slots=True)
class Labels:
    """What this person called them. Hashable: drawn rows are kept by it."""

    known: tuple[Label, ...] = ()

    @classmethod
    def of(cls, preferences: Preferences) -> "Labels":
        """Whatever makes no sense is left out: a person's own data is checked like a stranger's."""
        found = preferences.labels if isinstance(preferences.labels, dict) else {}
        return cls(tuple(_label(keyword, values) for keyword, values in sorted(found.items())[:_MOST]))

    def called(self, keyword: str) -> Label:
        return next((label for label in self.known if label.keyword == keyword), Label(keyword, keyword))

    def keyword(self, name: str) -> str:
        """The keyword of a label by its name; of an unknown one the name itself."""
        wanted = name.casefold()
        return next((label.keyword for label in self.known if label.name.casefold() == wanted), name)

    def with_keywords(self, keywords: Iterable[str]) -> list[Label]:
        """The known ones and those that stand on messages without having a name of ours."""
        others = [Label(k, k) for k in sorted(set(keywords) - {label.keyword for label in self.known})]
        return [*self.known, *others][:_MOST]


NONE = Labels()


def _label(keyword: str, values: object) -> Label:
    values = values if isinstance(values, dict) else {}
    name, tone = values.get("name"), values.get("tone")
    return Label(
        str(keyword)[:100],
        name[:_LONGEST] if isinstance(name, str) and name.strip() else str(keyword)[:_LONGEST],
        tone if tone in TONES else "grey",
    )


def keyword_for(preferences: Preferences, name: str) -> str:
    """The keyword of a label by its name; a new name gets one that every server takes. "" without a name."""
    name = " ".join(name.split())[:_LONGEST]
    for label in Labels.of(preferences).known:
        if name.casefold() in (label.name.casefold(), label.keyword.casefold()):
            return label.keyword
    keyword = name if _is_keyword(name) else _spelled(name)
    if not keyword:
        return ""
    if keyword != name:
        save(preferences, Label(keyword, name))
    return keyword


def _is_keyword(name: str) -> bool:
    try:
        return (
            bool(Flag(name))
            and len(name) <= _LONGEST_KEYWORD
            and name.isascii()
            and not name.startswith(("\\", "$"))
        )
    except (errors.Rejected, IndexError):
        return False


def _spelled(name: str) -> str:
    """'Año nuevo' → 'Ano_nuevo': RFC 3501 keywords are ASCII without spaces."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    word = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:_LONGEST_KEYWORD]
    return word or "label_" + "".join(f"{ord(letter):x}" for letter in name[:8])


def save(preferences: Preferences, label: Label) -> None:
    """Gives a keyword its name and colour."""
    known = dict(preferences.labels)
    if label.keyword not in known and len(known) >= _MOST:
        return
    known[label.keyword] = {"name": label.name[:_LONGEST], "tone": label.tone}
    preferences.labels = known
    preferences.save()


def forget(preferences: Preferences, keyword: str) -> None:
    """The name and colour only; the keyword stays on its messages."""
    preferences.labels = {k: v for k, v in preferences.labels.items() if k != keyword}
    preferences.save()
