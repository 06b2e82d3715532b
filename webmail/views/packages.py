"""Outlook's winmail.dat, opened: its text, and its files to be saved one by one."""

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from postie_web.accounts.http import mail_required
from webmail import http
from webmail.http import MailRequest, Timings
from webmail.imap import fetch
from webmail.mime import body, sanitize, text, winmail
from webmail.mime.outline import find
from webmail.types import Part

from . import attachments, downloads, frames, letters

_LARGEST_ENCODED = winmail.LARGEST * 3 // 2


@mail_required
@require_GET
def package(request: MailRequest, name: str, uid: int, section: str) -> HttpResponse:
    opened = _opened(request, name, uid, section)
    words = (opened.plain or text.from_html(sanitize.sanitize(opened.html).html)) if opened else ""
    files = [_as_part(number, file) for number, file in enumerate(opened.files)] if opened else []
    here = reverse("webmail:package", args=[name, uid, section])
    context = {
        "is_open": opened is not None,
        "plain": mark_safe(text.to_html(words, mailto=frames.MAILTO)) if words else "",  # noqa: S308 - made of escaped tokens
        "enclosures": [
            replace(letters.enclosure(part, here), url=f"{here}{part.section}/", look_url="", picture_url="")
            for part in files
        ],
        "back": reverse("webmail:message", args=[name, uid]),
        "file_url": reverse("webmail:attachment", args=[name, uid, section]),
    }
    return render(request, "webmail/reading/package.html", context)


@mail_required
@require_GET
@downloads.from_our_pages
def package_file(request: MailRequest, name: str, uid: int, section: str, number: int) -> HttpResponseBase:
    """Saved, never shown: what kind it is, only its name says."""
    opened = _opened(request, name, uid, section)
    if opened is None or number >= len(opened.files):
        raise Http404
    file = opened.files[number]
    title = letters.filename(_as_part(number, file))
    return attachments.labelled(HttpResponse(file.content), "application/octet-stream", title, is_shown=False)


def _opened(request: MailRequest, name: str, uid: int, section: str) -> winmail.Package | None:
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        part = find(fetch.structure_of(imap, name, uid), section)
        if part is None or not winmail.is_package(letters.filename(part), part.media_type):
            raise Http404
        if part.size > _LARGEST_ENCODED:
            return None
        octets = b"".join(body.decoded(fetch.part(imap, name, uid, part.section), part.encoding))
    return winmail.read(octets)


def _as_part(number: int, file: winmail.File) -> Part:
    kind = "application/octet-stream"
    return Part(section=str(number), media_type=kind, size=len(file.content), filename=file.name)
