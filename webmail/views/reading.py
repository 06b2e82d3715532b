"""An open message: its page, the frame with its HTML, its source."""

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET

from postie_web.accounts.http import mail_required
from webmail import http
from webmail.http import MailRequest, Timings
from webmail.imap import fetch, search
from webmail.mime import body, headers, sanitize, text
from webmail.services import reading

from . import frames, letters, opening, pages
from .messages import list_state

_MOST_SOURCE = 1_000_000


@mail_required
@require_GET
def message(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """The open message; with htmx only the reader, else with the list beside it."""
    timings = Timings()
    with http.missing_is_404(name), timings.imap(request, name) as imap:
        opened = reading.open_message(
            imap, name, uid, section=_section(request), authserv_id=settings.POSTEIO_HOSTNAME
        )
        context = opening.context(imap, request, opened)
    context["bar"] = letters.bar(context, request)
    beside = None if request.htmx else pages.see(request, timings, name, list_state(request, name))
    with timings.of("render"):
        if beside is None:
            response = render(request, "webmail/reading/_swap.html", context)
            response.headers["HX-Push-Url"] = request.get_full_path()
            if context["was_marked"]:
                response.headers["HX-Trigger"] = "counts-changed"
            return timings.write(response)
        context |= pages.whole(request, beside, beside=True)
        return timings.write(render(request, "webmail/reading/message.html", context))


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
    with http.missing_is_404(name), timings.imap(request, name) as imap:
        look = frames.Look.of(request.GET)
        # The page around the frame has just made it.
        clean = reading.kept(imap, name, uid, section, frames.key(request, look))
        if clean is None:
            opened = reading.open_message(imap, name, uid, section=section)
            if not opened.has_html:
                raise Http404
            clean = frames.cleaned(request, imap, opened, look)
    return timings.write(frames.answer(request, clean, look))


@mail_required
@require_GET
def message_print(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """The letter on paper: who, when, what, and all of its text, in one locked document."""
    timings = Timings()
    with http.missing_is_404(name), timings.imap(request, name) as imap:
        opened = reading.open_message(imap, name, uid, section=_section(request))
        _is_plain, look = opening.manner(request, opened)
        is_plain = request.GET.get("view") == "plain"
        plain, clean = opening.text_of(imap, request, opened, look, is_plain=is_plain)
    head = render_to_string(
        "webmail/reading/_print_head.html", letters.context(opened, request, look, is_plain=False)
    )
    if clean is None:
        clean = sanitize.Clean(html=text.to_html(plain, mailto=frames.MAILTO), blocked=sanitize.Blocked())
    return timings.write(frames.answer(request, clean, look, before=head))


@mail_required
@require_GET
def message_source(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """The octets as they came, to look at."""
    octets = b""
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
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
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        whole = fetch.whole(imap, name, uid)
    known = headers.fields(whole.header)
    shown = [(field, body.tidy(body.text(value))) for field, value in known]
    context = {"fields": shown, "folder_name": name, "uid": uid, "subject": whole.message.envelope.subject}
    return render(request, "webmail/reading/headers.html", context)


@mail_required
@require_GET
def message_neighbour(request: MailRequest, name: str, uid: int, direction: str) -> HttpResponse:
    """To the next (older) or the previous message of the folder; from its end back to the list."""
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        found = [
            other
            for other in search.uids(imap, name)
            if (other < uid if direction == "next" else other > uid)
        ]
    if not found:
        return HttpResponseRedirect(reverse("webmail:folder", args=[name]))
    other = max(found) if direction == "next" else min(found)
    return HttpResponseRedirect(reverse("webmail:message", args=[name, int(other)]))
