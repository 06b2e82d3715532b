"""What may mislead a reader: links whose words name another place, letters of mixed alphabets."""

import re
import unicodedata
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
