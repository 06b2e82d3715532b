"""Where I am signed in, and signing out from afar."""

from django.contrib import messages as notices
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from postie_web.accounts.http import mail_required
from postie_web.accounts.services import visits
from webmail.http import MailRequest, Timings
from webmail.imap import folders

from . import tree


@mail_required
@require_GET
def session_list(request: MailRequest) -> HttpResponse:
    timings = Timings()
    found = timings.read(request, folders.tree)
    places = visits.of(request.credentials.address, request.session.session_key or "")
    context = {
        "places": places,
        "others": sum(not place.is_here for place in places),
        "tree": tree.draw(found, ""),
    }
    return timings.write(render(request, "webmail/settings/sessions.html", context))


@mail_required
@require_POST
def session_end(request: MailRequest, number: int) -> HttpResponse:
    if not visits.end(request.credentials.address, number):
        raise Http404
    notices.success(request, _("Signed out there."))
    return redirect("webmail:session-list")


@mail_required
@require_POST
def session_end_others(request: MailRequest) -> HttpResponse:
    count = visits.end_others(request.credentials.address, request.session.session_key or "")
    words = ngettext("Signed out in %(count)s other place.", "Signed out in %(count)s other places.", count)
    notices.success(request, words % {"count": count})
    return redirect("webmail:session-list")
