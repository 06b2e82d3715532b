"""How a person wants to read: one page, one form, and what was decided about senders."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from postie_web.accounts.http import mail_required
from webmail.forms.settings import PreferencesForm
from webmail.http import MailRequest, Timings, preferences_of
from webmail.imap import folders
from webmail.services import preferences, senders

from . import tree


@mail_required
@require_http_methods(["GET", "POST"])
def settings(request: MailRequest) -> HttpResponse:
    form = PreferencesForm(request.POST or None, instance=preferences_of(request))
    if form.is_valid():
        form.save()
        notices.success(request, _("Your settings are saved."))
        return redirect("webmail:settings")
    found = Timings().read(request, folders.tree)
    context = {
        "form": form,
        "tree": tree.draw(found, ""),
        "rules": senders.rules(request.credentials.address),
    }
    return render(request, "webmail/settings/settings.html", context, status=422 if form.errors else 200)


@mail_required
@require_POST
def settings_reset(request: MailRequest) -> HttpResponse:
    preferences.reset(request.credentials.address)
    notices.success(request, _("Everything is as it was in the beginning."))
    return redirect("webmail:settings")


@mail_required
@require_POST
def sender_rule_delete(request: MailRequest, number: int) -> HttpResponse:
    senders.forget(request.credentials.address, number)
    return redirect("webmail:settings")
