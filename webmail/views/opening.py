"""Opening a letter as its reader likes it: by itself, or in a conversation."""

from dataclasses import replace

from django.utils.safestring import mark_safe

from webmail.http import MailRequest, preferences_of
from webmail.imap.connection import Connection
from webmail.mime import quotes, sanitize, text
from webmail.services import reading, senders
from webmail.services.reading import Opened

from . import frames, letters, truth


def context(imap: Connection, request: MailRequest, opened: Opened) -> dict[str, object]:
    """What _letter.html takes. Marks the letter as read where that is wanted."""
    is_plain, look = manner(request, opened)
    plain, clean = text_of(imap, request, opened, look, is_plain=is_plain)
    was_read = opened.message.is_read
    if is_looked_at(request) and preferences_of(request).read_after == 0:
        opened = reading.mark_read(imap, opened)
    found = letters.context(opened, request, look, is_plain=is_plain) | truth.lines(clean, request, look)
    found["was_marked"] = opened.message.is_read and not was_read
    if clean is None:
        html = text.to_html(plain, mailto=frames.MAILTO, marked=quotes.finding(look.marked()))
        found["plain"] = mark_safe(html)  # noqa: S308 - made of escaped tokens
    else:
        found["html"] = clean.html
    return found


def manner(request: MailRequest, opened: Opened) -> tuple[bool, frames.Look]:
    """As text or as designed, with pictures or without: as asked for now, or as decided about this sender."""
    sender = opened.envelope.sender[0].address if opened.envelope.sender else ""
    usual = senders.manner(preferences_of(request), sender, is_doubtful=opened.verdict.state == "failed")
    asked = frames.Look.of(request.GET)
    shows = (asked.shows_images or usual.shows_images) and not opened.outline.is_encrypted
    view = request.GET.get("view", "")
    is_plain = view == "plain" or (usual.is_plain and view != "designed")
    return is_plain, replace(asked, shows_images=shows)


def text_of(
    imap: Connection, request: MailRequest, opened: Opened, look: frames.Look, *, is_plain: bool
) -> tuple[str, sanitize.Clean | None]:
    if not opened.has_html:
        return opened.plain, None
    if is_plain:
        return reading.plain_text(imap, opened.folder, opened.uid, opened.outline), None
    return opened.plain, frames.cleaned(request, imap, opened, look)


def is_looked_at(request: MailRequest) -> bool:
    """Whether a person opened it: not a program that fetches ahead, not a picture in somebody's page."""
    ahead = (
        request.headers.get("Sec-Purpose", "")
        + request.headers.get("Purpose", "")
        + request.headers.get("X-Moz", "")
    )
    destination = request.headers.get("Sec-Fetch-Dest", "document")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return "prefetch" not in ahead and destination in ("document", "empty") and site != "cross-site"
