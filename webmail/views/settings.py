"""How a person wants to read: one page, one form, and what was decided about senders."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from postie_web.accounts.http import mail_required
from webmail.forms.settings import KeysForm, PreferencesForm
from webmail.http import MailRequest, Timings, preferences_of
from webmail.imap import folders
from webmail.services import labels, preferences, senders

from . import tree

TONES = {
    "blue": gettext_lazy("Blue"),
    "red": gettext_lazy("Red"),
    "green": gettext_lazy("Green"),
    "amber": gettext_lazy("Amber"),
    "violet": gettext_lazy("Violet"),
    "teal": gettext_lazy("Teal"),
    "pink": gettext_lazy("Pink"),
    "grey": gettext_lazy("Grey"),
}


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


@mail_required
@require_POST
def label_save(request: MailRequest) -> HttpResponse:
    """A label's name and colour; a new one when the keyword is left out."""
    preferences, name = preferences_of(request), request.POST.get("name", "").strip()
    keyword = request.POST.get("keyword", "") or labels.keyword_for(preferences, name)
    tone = request.POST.get("tone", "")
    if not name or not keyword or tone not in labels.TONES:
        notices.error(request, _("A label needs a name and a colour."))
    else:
        labels.save(preferences, labels.Label(keyword[:100], name, tone))
    return redirect(reverse("webmail:settings") + "#labels")


@mail_required
@require_POST
def label_delete(request: MailRequest) -> HttpResponse:
    labels.forget(preferences_of(request), request.POST.get("keyword", ""))
    return redirect(reverse("webmail:settings") + "#labels")


@mail_required
@require_http_methods(["GET", "POST"])
def keys(request: MailRequest) -> HttpResponse:
    """Which key does what."""
    preferences = preferences_of(request)
    own = preferences.keys if isinstance(preferences.keys, dict) else {}
    form = KeysForm(request.POST or None, own=own)
    if form.is_valid():
        preferences.keys = form.own()
        preferences.save()
        notices.success(request, _("Your keys are saved."))
        return redirect("webmail:keys")
    found = Timings().read(request, folders.tree)
    context = {"form": form, "tree": tree.draw(found, "")}
    return render(request, "webmail/settings/keys.html", context, status=422 if form.errors else 200)
