"""What is enclosed, as a stream: any size costs the same memory."""

import zipfile
from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from postie_web.accounts.http import mail_required
from postie_web.lib.credentials import Credentials
from webmail import connections, http
from webmail.http import MailRequest, Timings
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mime import body, compose
from webmail.mime.outline import RASTERS, find, outline
from webmail.types import Part

from . import downloads
from .letters import filename

Answer = TypeVar("Answer", bound=HttpResponseBase)
_LOCKED = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
# Chromium's reader of PDFs does not open in a sandbox; it is one of its own.
_PDF = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@mail_required
@require_GET
@downloads.from_our_pages
def attachment(request: MailRequest, name: str, uid: int, section: str) -> HttpResponseBase:
    """Saved under its own name; shown only as picture, PDF or text, under a type that we chose."""
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        part = find(fetch.structure_of(imap, name, uid), section)
        tag = _tag(imap, uid, section)
    if part is None:
        raise Http404
    kind = _shown_as(part) if request.GET.get("inline") == "1" else ""
    response = downloads.answer(request, _source(request, name, uid, part, tag))
    return labelled(response, kind or "application/octet-stream", filename(part), is_shown=bool(kind))


def _tag(imap: Connection, uid: int, section: str) -> str:
    """What IMAP promises never to change has a strong ETag; without UIDVALIDITY there is no promise."""
    known = imap.view.uidvalidity if imap.view else 0
    return f'"{known}-{uid}-{section or "all"}"' if known else ""


def _source(request: MailRequest, name: str, uid: int, part: Part, tag: str) -> downloads.Source:
    as_it_is = part.encoding.lower() in ("", "7bit", "8bit", "binary")

    def octets(start: int) -> Iterator[bytes]:
        return _octets(request.credentials, name, uid, part, start)

    return downloads.Source(
        key=(request.credentials.address, name, tag),
        octets=octets,
        tag=tag,
        size=part.size if as_it_is else None,
        can_seek=as_it_is,
    )


def _shown_as(part: Part) -> str:
    if part.media_type in RASTERS or part.media_type == "application/pdf":
        return part.media_type
    if part.media_type == "text/plain":
        known = part.parameters.get("charset", "utf-8").lower()
        charset = (
            known if known.replace("-", "").isalnum() and known.isascii() and len(known) < 20 else "utf-8"
        )
        return f"text/plain; charset={charset}"
    return ""


def _octets(credentials: Credentials, name: str, uid: int, part: Part, start: int = 0) -> Iterator[bytes]:
    """`start` counts encoded octets: only for what is not encoded."""
    with connections.imap(credentials) as imap:
        yield from body.decoded(fetch.part(imap, name, uid, part.section, start=start), part.encoding)


@mail_required
@require_GET
@downloads.from_our_pages
def message_file(request: MailRequest, name: str, uid: int) -> HttpResponseBase:
    """The whole message as .eml."""
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        row = fetch.row(imap, name, uid)
        tag = _tag(imap, uid, "")
    whole = Part(section="", media_type="message/rfc822", size=row.size)
    response = downloads.answer(request, _source(request, name, uid, whole, tag))
    return letter_file(response, row.envelope.subject)


def letter_file(response: Answer, subject: str) -> Answer:
    """Saved under its subject."""
    title = compose.one_line(body.without_turns(subject)).replace("/", "_").replace("\\", "_")[:80]
    return labelled(response, "message/rfc822", f"{title or 'message'}.eml", is_shown=False)


@mail_required
@require_GET
@downloads.from_our_pages
def attachments_zip(request: MailRequest, name: str, uid: int) -> HttpResponseBase:
    """All attachments in one archive, made while it is sent."""
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        parts = outline(fetch.structure_of(imap, name, uid)).parts
    if not parts:
        raise Http404
    response = StreamingHttpResponse(_zipped(request.credentials, name, uid, parts))
    return labelled(response, "application/zip", f"attachments-{uid}.zip", is_shown=False)


class _Outlet:
    """A file that only remembers what was just written to it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, octets: bytes) -> int:
        self._pieces.append(bytes(octets))
        return len(octets)

    def flush(self) -> None:
        """zipfile calls it; there is nothing below."""

    def taken(self) -> bytes:
        octets = b"".join(self._pieces)
        self._pieces.clear()
        return octets


def _zipped(credentials: Credentials, name: str, uid: int, parts: Iterable[Part]) -> Iterator[bytes]:
    outlet = _Outlet()
    used: set[str] = set()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for part in parts:
            with archive.open(_unique(filename(part), used), "w", force_zip64=True) as member:
                for chunk in _octets(credentials, name, uid, part):
                    member.write(chunk)
                    yield outlet.taken()
            yield outlet.taken()
    yield outlet.taken()


def _unique(name: str, used: set[str]) -> str:
    stem, dot, end = name.rpartition(".")
    candidate, number = name, 1
    while candidate.lower() in used:
        number += 1
        candidate = f"{stem or end} ({number}){dot if stem else ''}{end if stem else ''}"
    used.add(candidate.lower())
    return candidate


def labelled(response: Answer, kind: str, name: str, *, is_shown: bool) -> Answer:
    response.headers["Content-Type"] = kind
    disposition = content_disposition_header(not is_shown, name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    response.headers["Content-Security-Policy"] = _PDF if kind == "application/pdf" else _LOCKED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Frame-Options"] = "DENY"
    return response
