"""Addresses in mail: which may be followed, and what tracks in them."""

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

# WHATWG URL, 4.4: browsers drop these anywhere in an address before they look at its scheme.
_IGNORED = re.compile(r"[\t\n\r]")
_EDGES = "".join(map(chr, range(0x21)))
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_LINK_SCHEMES = frozenset(("http", "https", "mailto", "tel"))
_LONGEST = 8192
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|avif|bmp);base64,[a-zA-Z0-9+/=]*", re.IGNORECASE)
_TRACKERS = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|mc_[ce]id|mkt_tok|"
    r"_hs(?:enc|mi)|hsctatracking|vero_(?:id|conv)|oly_(?:anon|enc)_id|rb_clickid|s_cid|wickedid|ml_subscriber\w*|"
    r"ck_subscriber_id|pk_(?:campaign|kwd)|mtm_\w+|sc_(?:src|lid|llid|uid)|_kx|trk_\w+",
    re.IGNORECASE,
)


def words(text: str) -> frozenset[str]:
    """A long list of names, written like a sentence."""
    return frozenset(text.split())


def normal(url: str) -> str:
    """The address as a browser will read it."""
    return _IGNORED.sub("", url).strip(_EDGES)


def scheme(url: str) -> str:
    found = _SCHEME.match(url)
    return found[1].lower() if found else ""


def safe_link(url: str) -> str | None:
    """The address if a person may follow it, else None. Relative ones point nowhere in a letter."""
    url = normal(url)
    if url.startswith("//"):
        url = f"https:{url}"
    return url if scheme(url) in _LINK_SCHEMES and len(url) <= _LONGEST else None


def remote_image(url: str) -> str | None:
    """The address of a picture on the network, complete, or None."""
    url = normal(url)
    if url.startswith(("//", "\\\\", "/\\", "\\/")):
        url = f"https:{url}"
    return url if scheme(url) in ("http", "https") and len(url) <= _LONGEST else None


def is_data_image(url: str) -> bool:
    """Only rasters: an SVG is a document."""
    return _DATA_IMAGE.fullmatch(url) is not None


def without_trackers(url: str) -> str:
    """The link without the parameters that only say who clicked."""
    if "?" not in url or not url.lower().startswith(("http:", "https:")):
        return url
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return url
    kept = [(name, value) for name, value in pairs if not _TRACKERS.fullmatch(name)]
    return url if len(kept) == len(pairs) else urlunsplit(parts._replace(query=urlencode(kept)))


def host(url: str) -> str:
    """The host of an address, lower case, without port; empty when there is none."""
    try:
        return (urlsplit(normal(url)).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def mailto(url: str) -> tuple[list[str], dict[str, str]]:
    """RFC 6068: the addresses and the fields (lower case) of a mailto link."""
    rest = normal(url)[len("mailto:") :]
    path, _, query = rest.partition("?")
    fields: dict[str, str] = {}
    for pair in query.split("&")[:50]:
        name, equals, value = pair.partition("=")
        if equals:
            # RFC 6068, 2: "+" is a plus here, not a space.
            fields[unquote(name).lower()] = unquote(value)
    addresses = [*unquote(path).split(","), *fields.pop("to", "").split(",")]
    return [address.strip() for address in addresses if address.strip()][:100], fields
