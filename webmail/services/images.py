"""Pictures of letters, fetched by us: the sender never meets the reader.

Only addresses that our sanitiser wrote for this reader are fetched (signed), only from the public internet,
and only if what comes is a picture.
"""

import hashlib

from django.core import signing
from django.core.cache import cache

from postie_web.lib import outside
from webmail.mime import links, pictures

_SALT = "webmail.picture"
_GOOD_FOR = 24 * 3600


_MOST_A_MINUTE = 300
_KINDS = (  # by their first octets: what a server says about its files is only a claim
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
)


class Forged(Exception):
    """Not an address we made, or one from yesterday."""


def sign(account: str, url: str) -> str:
    return signing.dumps([account.lower(), url], salt=_SALT, compress=True)


def opened(token: str) -> tuple[str, str]:
    """(account, url) of a token of ours."""
    try:
        account, url = signing.loads(token, salt=_SALT, max_age=_GOOD_FOR)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Forged from error
    if not isinstance(account, str) or not isinstance(url, str) or not links.remote_image(url):
        raise Forged
    return account, url


def fetch(account: str, url: str, find: outside.Resolve = outside.resolve) -> tuple[bytes, str]:
    """(octets, media type). Raises outside.Refused."""
    if _too_many(account):
        raise outside.Refused("too many pictures at once")
    octets = outside.get(url, find=find)
    kind = media_type(octets)
    if not kind:
        raise outside.Refused("not a picture")
    return pictures.bare(octets), kind


def media_type(octets: bytes) -> str:
    """Of a raster picture; empty for everything else."""
    for mark, kind in _KINDS:
        if octets.startswith(mark):
            return kind
    if octets[:4] == b"RIFF" and octets[8:12] == b"WEBP":
        return "image/webp"
    return "image/avif" if octets[4:12] in (b"ftypavif", b"ftypavis") else ""


def _too_many(account: str) -> bool:
    key = f"pictures-{hashlib.sha256(account.encode()).hexdigest()}"
    cache.add(key, 0, 60)
    try:
        return bool(cache.incr(key) > _MOST_A_MINUTE)
    except ValueError:  # it ran out between the two lines
        return False
