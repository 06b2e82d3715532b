"""Around the search box: what it offers, a form of fields, searches that are kept."""

from urllib.parse import urlencode

from django.contrib import messages as notices
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from postie_web.accounts.http import mail_required
from webmail.forms.search import CriteriaForm
from webmail.http import MailRequest, Timings, preferences_of
from webmail.imap import folders
from webmail.services import remembered
from webmail.services.labels import Labels

from . import tree


@mail_required
@require_GET
def suggestions(request: MailRequest) -> HttpResponse:
    """Options for what is in the box so far. Asks no mail server."""
    known = Labels.of(preferences_of(request))
    found = remembered.offers(request.credentials.address, request.GET.get("q", ""), known)
    return render(request, "webmail/search/_suggestions.html", {"offers": found})


@mail_required
@require_GET
def criteria(request: MailRequest) -> HttpResponse:
    """The form; filled in, it leads to the results of the same search as text."""
    found = Timings().read(request, folders.tree)
    form = CriteriaForm(request.GET or None, folders=tree.targets(found, ""))
    if form.is_valid():
        return HttpResponseRedirect(f"{reverse('webmail:search')}?{urlencode({'q': form.query()})}")
    return render(request, "webmail/search/criteria.html", {"form": form, "tree": tree.draw(found, "")})


@mail_required
@require_POST
def search_save(request: MailRequest) -> HttpResponse:
    text = request.POST.get("q", "")
    if remembered.keep(request.credentials.address, text, request.POST.get("name", "") or text):
        notices.success(request, _("The search is kept."))
    else:
        notices.error(request, _("There is nothing to keep, or too many are kept already."))
    return HttpResponseRedirect(f"{reverse('webmail:search')}?{urlencode({'q': text})}")


@mail_required
@require_POST
def search_forget(request: MailRequest, number: int) -> HttpResponse:
    remembered.forget(request.credentials.address, number)
    return HttpResponseRedirect(reverse("webmail:search"))
