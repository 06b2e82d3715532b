"""What may mislead a reader: links whose words name another place, letters of mixed alphabets."""

import re
import unicodedata
from collections.abc import Iterable
from html import unescape

from postie_web.lib import idn

from . import links

# Our sanitiser's own writing: attributes in double quotes, no ">" inside them.
_ANCHOR = re.compile(r'<a [^>]{0,20000}?href="([^"]*)"[^>]*>(.{0,2000}?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_NAMED = re.compile(r"(?:https?://|www\.)?((?:[\w-]{1,63}\.){1,6}[a-z]{2,24})(?:[/:?#].*)?", re.IGNORECASE)
_SECOND_LEVEL = frozenset(("co", "com", "org", "net", "gob", "gov", "edu", "ac", "mil", "nom", "ne", "or"))
_MOST = 500


def lying_links(clean: str) -> list[tuple[str, str]]:
    """(what the words say, where it goes) for links whose words are another site's address."""
    found = []
    for count, anchor in enumerate(_ANCHOR.finditer(clean)):
        if count >= _MOST:
            break
        words = unescape(_TAG.sub("", anchor[2])).strip()
        named = _NAMED.fullmatch(words)
        target = links.host(unescape(anchor[1]))
        if named and target and _site(named[1].lower()) != _site(target):
            found.append((words[:100], shown_host(target)))
    return found


def _site(host: str) -> str:
    """The part somebody registered, near enough: two labels, three below co.uk or gob.pe."""
    labels = host.removeprefix("www.").split(".")
    if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL:
        return ".".join(labels[-3:])
    return ".".join(labels[-2:])


def shown_host(host: str) -> str:
    """In its own letters, but as punycode when these come from several alphabets (UTS #39)."""
    readable = idn.to_readable(host)
    return host if mixes_scripts(readable) else readable


def mixes_scripts(text: str) -> bool:
    """Whether Latin letters stand with look-alikes of another alphabet in one label."""
    return any(len(_scripts(label)) > 1 for label in text.split("."))


def _scripts(label: str) -> set[str]:
    found = set()
    for letter in label:
        if letter.isalpha():
            script = unicodedata.name(letter, "UNKNOWN").split()[0]
            # Japanese and Korean are written in several scripts by right.
            found.add(
                "CJK" if script in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "KATAKANA-HIRAGANA") else script
            )
    return found


# Signs that one takes for another: by shape, in Latin and in the alphabets that lend theirs (UTS #39).
_ALIKE = str.maketrans("0135|!$@ıіјӏаеорсухѕԁһոαοрνκ", "olesllsaiijlaeopcyxsdhnaopvk")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))


def resembles(address: str, known: Iterable[str]) -> str:
    """An address one knows that this one could be taken for; empty when there is none."""
    plain = _plain(address)
    shape = _joined(plain)
    for other in known:
        theirs = _plain(other)
        if other == address or abs(len(theirs) - len(plain)) > 2:
            continue
        # Short addresses differ by one letter by right: ana1@ and ana2@ are two people.
        near = _domain(plain) != _domain(theirs) and _differs_by_one(plain, theirs)
        if near or shape == _joined(theirs):
            return other
    return ""


def _plain(text: str) -> str:
    """Without accents, foreign letters as the Latin ones they look like."""
    local_part, at, domain = text.lower().rpartition("@")
    seen = unicodedata.normalize("NFKD", f"{local_part}{at}{idn.to_readable(domain)}")
    seen = "".join(letter for letter in seen if not unicodedata.combining(letter))
    local_part, at, domain = seen.rpartition("@")
    return f"{local_part.translate(_ALIKE)}{at}{domain.translate(_ALIKE)}"


def _joined(text: str) -> str:
    """What a hurried eye sees."""
    for pair, one in _PAIRS:
        text = text.replace(pair, one)
    return text


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _differs_by_one(one: str, other: str) -> bool:
    """One letter more, less or other, or two that changed places."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) != len(other):
        return one[start:] == other[start + 1 :]
    swapped = one[start + 1 : start + 2] + one[start : start + 1] + one[start + 2 :]
    return one[start + 1 :] == other[start + 1 :] or swapped == other[start:]
