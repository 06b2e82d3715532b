"""A stream that can be gone on with: Range, If-Range, ETag (RFC 9110, 13 and 14)."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from postie_web.lib import byte_range
from webmail.imap.cache import Bounded

_SIZES: Bounded[int] = Bounded(2000)  # of what had to be decoded to be measured


View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def from_our_pages(view: View) -> View:
    """Files are given to our own pages only; a link on somebody else's leads to the message instead."""

    @wraps(view)
    def guarded(request: HttpRequest, name: str, uid: int, *args: Any, **options: Any) -> HttpResponseBase:
        if request.headers.get("Sec-Fetch-Site", "none") in ("cross-site", "same-site"):
            return HttpResponseRedirect(reverse("webmail:message", args=[name, uid]))
        return view(request, name, uid, *args, **options)

    return cast(View, guarded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`octets(start)` begins anew; `start` may be other than 0 only where it can seek."""

    octets: Callable[[int], Iterator[bytes]]
    key: Hashable  # names it among all people's
    tag: str  # strong; empty: nothing promises that it is the same next time
    size: int | None = None  # None: only known once it was decoded
    can_seek: bool = False


def answer(request: HttpRequest, source: Source) -> HttpResponseBase:
    """All of it; or, where one range was asked for and it is still the same, that range."""
    header = request.headers.get("Range", "")
    unchanged = source.tag and request.headers.get("If-Range", source.tag) == source.tag
    if not (unchanged and byte_range.asked(header)):
        return _marked(StreamingHttpResponse(source.octets(0)), source, source.size)
    size = _size(source)
    try:
        span = byte_range.span(header, size)
    except byte_range.Unsatisfiable:
        response: HttpResponseBase = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{size}"
        return _marked(response, source, None)
    response = StreamingHttpResponse(_piece(source, span), status=206)
    response.headers["Content-Range"] = f"bytes {span.first}-{span.last}/{size}"
    return _marked(response, source, span.length)


def _marked(response: HttpResponseBase, source: Source, length: int | None) -> HttpResponseBase:
    response.headers["Accept-Ranges"] = "bytes" if source.tag else "none"
    if source.tag:
        response.headers["ETag"] = source.tag
    if length is not None:
        response.headers["Content-Length"] = str(length)
    return response


def _size(source: Source) -> int:
    if source.size is not None:
        return source.size
    known = _SIZES.get(source.key)
    if known is None:
        known = sum(map(len, source.octets(0)))
        _SIZES.put(source.key, known)
    return known


def _piece(source: Source, span: byte_range.Span) -> Iterator[bytes]:
    """What lies before it is decoded and dropped where one cannot seek: a piece of memory at a time."""
    position = span.first if source.can_seek else 0
    for chunk in source.octets(position):
        wanted = chunk[max(0, span.first - position) : max(0, span.last + 1 - position)]
        position += len(chunk)
        if wanted:
            yield wanted
        if position > span.last:
            return
