"""An open message: its page, the frame with its HTML, its source."""

from django.conf import settings
from django.contrib import messages as notices
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from postie_web.accounts.http import mail_required
from postie_web.lib import outside
from webmail import http
from webmail.http import MailRequest, Timings
from webmail.imap import fetch, search
from webmail.mime import body, headers, lists, text
from webmail.services import mailbox, reading

from . import frames, letters
from .messages import list_context, list_state

_MOST_SOURCE = 1_000_000


@mail_required
@require_GET
def message(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """The open message; with htmx only the reader, else with the list beside it."""
    timings, state = Timings(), list_state(request, name)
    section = _section(request)
    with http.missing_is_404(name), timings.imap(request) as imap:
        opened = reading.open_message(imap, name, uid, section=section, authserv_id=settings.POSTEIO_HOSTNAME)
        plain, clean = opened.plain, None
        if opened.has_html and request.GET.get("view") == "plain":
            plain = reading.plain_text(imap, name, uid, opened.outline)
        elif opened.has_html:
            clean = reading.html(
                imap, opened, frames.sanitizing(request, opened), kept_as=frames.key(request)
            )
        if is_looked_at(request):
            reading.mark_read(imap, opened)
        beside = None if request.htmx else mailbox.look(imap, name, state.wanted())
    with timings.of("render"):
        context = letters.context(opened, request) | letters.truth(clean, request)
        if clean is None:
            context["plain"] = mark_safe(text.to_html(plain, mailto=frames.MAILTO))  # noqa: S308 - made of escaped tokens
        if beside is None:
            return timings.write(render(request, "webmail/reading/_swap.html", context))
        context |= list_context(beside, state, swap=False)
        return timings.write(render(request, "webmail/reading/message.html", context))


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


def _section(request: MailRequest) -> str:
    section = request.GET.get("part", "")
    if section and not all(
        piece.isascii() and piece.isdigit() and len(piece) < 6 for piece in section.split(".")
    ):
        raise Http404
    return section[:200]


@mail_required
@require_GET
def message_body(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """The HTML of the message, for its frame alone."""
    section = _section(request)
    timings = Timings()
    with http.missing_is_404(name), timings.imap(request) as imap:
        opened = reading.open_message(imap, name, uid, section=section)
        if not opened.has_html:
            raise Http404
        with timings.of("clean"):
            clean = reading.html(
                imap, opened, frames.sanitizing(request, opened), kept_as=frames.key(request)
            )
    return timings.write(frames.answer(request, clean))


@mail_required
@require_POST
def message_unsubscription(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """Leaves the list the letter came from; only when a person presses, never by looking."""
    with http.missing_is_404(name), Timings().imap(request) as imap:
        ways = lists.leaving(headers.fields(fetch.whole(imap, name, uid).header))
    back = HttpResponseRedirect(reverse("webmail:message", args=[name, uid]))
    if ways.one_click:
        try:
            outside.post(ways.one_click, "List-Unsubscribe=One-Click")
            notices.success(
                request, _("You are off this list. It may take a few days until the last letter.")
            )
        except outside.Refused:
            notices.error(request, _("The list's server did not take it. Try its page, or write to it."))
        return back
    if ways.mailto:
        return HttpResponseRedirect(f"{reverse('webmail:compose')}?{urlencode({'mailto': ways.mailto})}")
    return back


@mail_required
@require_GET
def message_source(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """The octets as they came, to look at."""
    octets = b""
    with http.missing_is_404(name), Timings().imap(request) as imap:
        for chunk in fetch.part(imap, name, uid, ""):
            octets += chunk
            if len(octets) > _MOST_SOURCE:
                break
    context = {
        "source": body.text(octets[:_MOST_SOURCE]),
        "is_cut": len(octets) > _MOST_SOURCE,
        "folder_name": name,
        "uid": uid,
    }
    return render(request, "webmail/reading/source.html", context)


@mail_required
@require_GET
def message_headers(request: MailRequest, name: str, uid: int) -> HttpResponse:
    with http.missing_is_404(name), Timings().imap(request) as imap:
        whole = fetch.whole(imap, name, uid)
    known = headers.fields(whole.header)
    shown = [(field, body.tidy(body.text(value))) for field, value in known]
    context = {"fields": shown, "folder_name": name, "uid": uid, "subject": whole.message.envelope.subject}
    return render(request, "webmail/reading/headers.html", context)


@mail_required
@require_GET
def message_neighbour(request: MailRequest, name: str, uid: int, direction: str) -> HttpResponse:
    """To the next (older) or the previous message of the folder; from its end back to the list."""
    with http.missing_is_404(name), Timings().imap(request) as imap:
        found = [
            other
            for other in search.uids(imap, name)
            if (other < uid if direction == "next" else other > uid)
        ]
    if not found:
        return HttpResponseRedirect(reverse("webmail:folder", args=[name]))
    other = max(found) if direction == "next" else min(found)
    return HttpResponseRedirect(reverse("webmail:message", args=[name, int(other)]))
