"""The HTML of a stranger → HTML that only shows. Nothing may touch what comes out of here.

html5ever (nh3) is the one parser: what it wrote is what a browser reads. Styles are read as tokens and
written anew. Scripts, forms, frames, SVG, MathML and every address that would be fetched do not survive.
"""

import html as entities
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

import nh3

from . import balance, css, links, quotes

TAGS = links.words(
    """a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col
    colgroup dd del details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6
    header hgroup hr i img ins kbd li main mark nav ol p pre q rp rt ruby s samp section small span
    strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"""
)
_GONE = links.words(
    """script style title template iframe object embed applet noscript noembed noframes textarea
    select option button svg math video audio canvas xmp head frameset"""
)
_ALWAYS = links.words("class dir lang title style align valign bgcolor width height")
_BY_TAG: dict[str, frozenset[str]] = {
    "a": frozenset(("href", "name")),
    "img": frozenset(("src", "alt", "border", "hspace", "vspace")),
    "font": frozenset(("color", "face", "size")),
    "table": frozenset(("border", "cellpadding", "cellspacing", "summary", "rules", "frame")),
    "td": frozenset(("colspan", "rowspan", "nowrap", "abbr", "headers", "scope")),
    "th": frozenset(("colspan", "rowspan", "nowrap", "abbr", "headers", "scope")),
    "col": frozenset(("span",)),
    "colgroup": frozenset(("span",)),
    "ol": frozenset(("start", "type", "reversed")),
    "ul": frozenset(("type",)),
    "li": frozenset(("type", "value")),
    "hr": frozenset(("size", "noshade", "color")),
    "br": frozenset(("clear",)),
    "time": frozenset(("datetime",)),
    "details": frozenset(("open",)),
}
# Attributes that browsers fetch, seen only to be counted.
_FETCHING = {
    "img": frozenset(("srcset", "lowsrc", "longdesc", "dynsrc")),
    "table": frozenset(("background",)),
    "td": frozenset(("background",)),
    "th": frozenset(("background",)),
    "tr": frozenset(("background",)),
}
_ATTRIBUTES = {
    "*": set(_ALWAYS),
    **{tag: {*_BY_TAG.get(tag, ()), *_FETCHING.get(tag, ())} for tag in {*_BY_TAG, *_FETCHING}},
}
LARGEST = 2_000_000
_MOST_REFERENCES = 50_000
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_LOOKED_AT = re.compile(r"<(?:style|img)", re.IGNORECASE | re.ASCII)
_IMAGE = re.compile(r"<img((?: [a-z]+=\"[^\"]*\")*)>")
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_SMALL = re.compile(r"\s*[0-3](?:\.\d*)?(?:px)?\s*", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s*:\s*none|(?:^|;)\s*(?:max-)?(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|$)", re.IGNORECASE
)
_BEACON = re.compile(
    r"/(?:open|o|pixel|beacon|track(?:ing)?|wf/open|imp)(?:[./?]|$)[^/]*$|spacer\.gif|1x1", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What stands for what. The default shows nothing that is not in the letter itself."""

    remote: Callable[[str], str | None] | None = None  # a picture's address → where our proxy serves it
    inline: Callable[[str], str | None] | None = None  # a Content-ID → a data: address
    mailto: str = ""  # "/compose/?mailto=": where links to write to somebody go
    marked: tuple[str, ...] = ()  # words that were searched for


@dataclass(slots=True, kw_only=True)
class Blocked:
    """What was left out, counted, for the line above the letter."""

    remote: int = 0  # pictures and styles that would have been fetched
    trackers: int = 0  # pictures that only report the opening
    links: int = 0  # links to places nobody should follow
    link_parameters: int = 0
    hosts: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    html: str
    blocked: Blocked
    content_ids: frozenset[str] = frozenset()  # pictures of the letter that the text shows
    truncated: bool = False


def sanitize(text: str, policy: Policy | None = None) -> Clean:
    """Never raises; output at most a small multiple of the input."""
    return _Cleaner(policy or Policy()).clean(text)


class _Cleaner:
    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._blocked = Blocked()
        self._content_ids: set[str] = set()
        self._beacons: set[str] = set()

    def clean(self, text: str) -> Clean:
        truncated = len(text) > LARGEST
        # WHATWG HTML, 13.2.3.5; lone surrogates cannot be sent.
        text = text[:LARGEST].replace("\0", "").encode("utf-8", "replace").decode()
        if balance.is_needed(text):
            text = balance.balanced(text)
        text = quotes.marked(text, self._policy.marked)
        if text.count("&") > _MOST_REFERENCES:
            # The parser copies all of a text for each "&" in it.
            text, truncated = "&".join(text.split("&", _MOST_REFERENCES)[:_MOST_REFERENCES]), True
        sheet = self._first_look(text)
        body = nh3.clean(
            text,
            tags=set(TAGS),
            clean_content_tags=set(_GONE),
            attributes=_ATTRIBUTES,
            attribute_filter=self._attribute,
            url_schemes={"http", "https", "mailto", "tel", "data", "cid"},
            link_rel="noopener noreferrer",
        )
        style = f"<style>{sheet}</style>" if sheet else ""
        return Clean(
            html=style + body,
            blocked=self._blocked,
            content_ids=frozenset(self._content_ids),
            truncated=truncated,
        )

    def _first_look(self, text: str) -> str:
        """Style sheets and tiny pictures, out of the parser's own writing; returns the cleaned sheet."""
        if not _LOOKED_AT.search(text):
            return ""
        seen = nh3.clean(
            text,
            tags={"style", "img"},
            clean_content_tags=set(_GONE - {"style", "head"}),
            attributes={"img": {"src", "width", "height", "style"}},
            url_schemes={"http", "https"},
        )
        for found in _IMAGE.finditer(seen):
            attributes = {name: entities.unescape(value) for name, value in _ATTRIBUTE.findall(found[1])}
            if _is_beacon(attributes):
                self._beacons.add(attributes["src"])
        return css.sheet("\n".join(found[1] for found in _STYLE.finditer(seen)), self._picture)

    def _attribute(self, tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return css.declarations(value, self._picture) or None
        if name == "href":
            return self._link(value)
        if name == "src":
            return self._picture(value)
        if name in _FETCHING.get(tag, ()):
            if links.remote_image(value.split()[0] if value.split() else ""):
                self._blocked.remote += 1
            return None
        return value[:2000]

    def _link(self, value: str) -> str | None:
        prefix = self._policy.mailto
        if prefix and value.startswith(prefix):
            value = unquote(value[len(prefix) :])
        url = links.safe_link(value)
        if url is None:
            self._blocked.links += bool(value.strip()) and not value.startswith("#")
            return None
        if prefix and links.scheme(url) == "mailto":
            return prefix + quote(url, safe="")
        shorter = links.without_trackers(url)
        self._blocked.link_parameters += shorter != url
        return shorter

    def _picture(self, value: str) -> str | None:
        url = links.normal(value)
        if links.is_data_image(url):
            return url
        if links.scheme(url) == "cid":
            content_id = unquote(url[4:]).strip("<>")
            self._content_ids.add(content_id)
            return self._policy.inline(content_id) if self._policy.inline else None
        remote = links.remote_image(url)
        if remote is None:
            return None
        if url in self._beacons or _BEACON.search(remote):
            self._blocked.trackers += 1
            return None
        shown = self._policy.remote(remote) if self._policy.remote else None
        if shown is None:
            self._blocked.remote += 1
            self._blocked.hosts.add(links.host(remote))
        return shown


def _is_beacon(attributes: dict[str, str]) -> bool:
    if "src" not in attributes:
        return False
    sizes = [attributes[name] for name in ("width", "height") if name in attributes]
    tiny = bool(sizes) and all(_SMALL.fullmatch(size) for size in sizes)
    return tiny or bool(_HIDDEN.search(attributes.get("style", "")))
