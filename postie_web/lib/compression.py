"""Answers as gzip (RFC 1952): pages shrink to a tenth, and what is drawn once is packed once.

A stranger who can put words into a page and weigh it could guess its secrets (BREACH). So, as in Django's
own middleware, every answer carries up to a hundred random octets, in gzip's file name; and the only secret
in our pages, the form token, is masked anew each time.
"""

import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

SMALLEST = 500  # octets; below that the gain is less than the header
MOST_RANDOM = 100
TYPES = ("text/html", "text/plain", "text/css", "application/json", "application/javascript", "image/svg+xml")
_FAST = 1  # 125 KB of rows: 0.9 ms for 14 KB; the best level takes four times as long for 11 KB
_NAMED = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff"  # a name follows; no time, so that nothing tells when


@dataclass(frozen=True, slots=True)
class Packed:
    """Octets after deflate, with gzip's trailer."""

    deflated: bytes

    @classmethod
    def of(cls, octets: bytes) -> "Packed":
        packer = zlib.compressobj(_FAST, zlib.DEFLATED, -zlib.MAX_WBITS)
        deflated = packer.compress(octets) + packer.flush()
        size = (len(octets) & 0xFFFFFFFF).to_bytes(4, "little")
        return cls(deflated + zlib.crc32(octets).to_bytes(4, "little") + size)

    def gzip(self) -> bytes:
        name = secrets.token_hex(secrets.randbelow(MOST_RANDOM // 2) + 1).encode()
        return _NAMED + name + b"\x00" + self.deflated

    def plain(self) -> bytes:
        return zlib.decompress(self.deflated, -zlib.MAX_WBITS)


class PackedResponse(HttpResponse):
    """An answer that was packed before; Compress gives each visitor the form it can read."""

    def __init__(self, packed: Packed, headers: dict[str, str]) -> None:
        super().__init__(headers=headers)
        self.packed = packed


class Compress:
    """Middleware. Streams and files are left as they are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponse) or not _is_worth_it(response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        packed = response.packed if isinstance(response, PackedResponse) else None
        if accepts_gzip(request.headers.get("Accept-Encoding", "")):
            response.content = (packed or Packed.of(response.content)).gzip()
            response.headers["Content-Encoding"] = "gzip"
            _weaken(response)
        elif packed:
            response.content = packed.plain()
        response.headers["Content-Length"] = str(len(response.content))
        return response


def _is_worth_it(response: HttpResponse) -> bool:
    if response.has_header("Content-Encoding"):
        return False
    if isinstance(response, PackedResponse):
        return True
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    return kind in TYPES and len(response.content) >= SMALLEST


def accepts_gzip(header: str) -> bool:
    """RFC 9110, 12.5.3: named, and not with a weight of nothing."""
    for item in header.lower().split(","):
        name, _, weight = item.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "").rstrip("0").rstrip(".") not in ("q=", "q=0")
    return False


def _weaken(response: HttpResponse) -> None:
    # RFC 9110, 8.8.1: the same page in another coding has the same weak validator.
    tag = response.headers.get("ETag", "")
    if tag.startswith('"'):
        response.headers["ETag"] = f"W/{tag}"
