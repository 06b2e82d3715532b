"""One mailbox: what can be changed about it, each change by its own form."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mailadmin import access
from mailadmin.forms.base import NameForm
from mailadmin.forms.mailboxes import DetailsForm, LimitsForm, PasswordForm
from mailadmin.http import AdminRequest, actor, errors_beside, method
from mailadmin.posteio.resources import Mailbox
from mailadmin.services import audit, mailboxes, snapshots
from mailadmin.services.errors import Refused
from mailadmin.views.mailboxes import API_FIELDS, usage
from postie_web.accounts.http import admin_required
from postie_web.lib import idn


def _mailbox(request: AdminRequest, address: str) -> Mailbox:
    return access.changeable(request, access.mailbox(request, address))


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_details(request: AdminRequest, address: str) -> HttpResponse:
    mailbox = _mailbox(request, address)
    form = DetailsForm(
        request.POST or None,
        mailbox=mailbox,
        all_powers=request.user.is_system_admin,
        facts=snapshots.of_mailbox(mailbox),
    )
    if form.is_valid():
        with errors_beside(form, API_FIELDS):
            seen = form.cleaned_data["seen"]
            mailboxes.update(request.poste, actor(request), mailbox.address, form.change(), seen)
            messages.success(request, _("Saved."))
            return redirect("mailadmin:mailbox-detail", mailbox.address)
    context = {"form": form, "mailbox": mailbox}
    return render(request, "mailadmin/mailboxes/details.html", context, status=422 if form.errors else 200)


@admin_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_password(request: AdminRequest, address: str) -> HttpResponse:
    """The answer to a good form shows the password, this once."""
    mailbox = _mailbox(request, address)
    form = PasswordForm(request.POST or None, mailbox=mailbox)
    if form.is_valid():
        with errors_beside(form, API_FIELDS):
            password, who = form.cleaned_data["chosen"], actor(request)
            if not audit.repeated(who, "mailbox.password", mailbox.address):
                mailboxes.set_password(request.poste, who, mailbox.address, password)
            context = {"mailbox": mailbox, "password": password, "changed": True}
            return render(request, "mailadmin/mailboxes/ready.html", context)
    context = {"form": form, "mailbox": mailbox}
    return render(request, "mailadmin/mailboxes/password.html", context, status=422 if form.errors else 200)


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_limits(request: AdminRequest, address: str) -> HttpResponse:
    mailbox = _mailbox(request, address)
    quota = request.poste.mailboxes.quota(mailbox.address)
    form = LimitsForm(request.POST or None, quota=quota, facts=snapshots.of_quota(quota))
    if form.is_valid():
        with errors_beside(form, API_FIELDS):
            limits, seen = form.limits(empty=0), form.cleaned_data["seen"]
            mailboxes.set_limits(request.poste, actor(request), mailbox.address, limits, seen)
            messages.success(request, _("Saved."))
            return redirect("mailadmin:mailbox-detail", mailbox.address)
    context = {"form": form, "mailbox": mailbox, "quota": quota}
    return render(request, "mailadmin/mailboxes/limits.html", context, status=422 if form.errors else 200)


@admin_required
@require_http_methods(["POST", "DELETE"])
def mailbox_suspension(request: AdminRequest, address: str) -> HttpResponse:
    """POST makes it, DELETE (or a form that says so) takes it away. Twice is as good as once."""
    mailbox = _mailbox(request, address)
    try:
        if method(request) == "DELETE":
            mailboxes.resume(request.poste, actor(request), mailbox.address)
            sentence = _("%(address)s works again.")
        else:
            mailboxes.suspend(request.poste, actor(request), mailbox.address)
            sentence = _(
                "%(address)s is suspended: mail is refused and nobody can sign in. Nothing is deleted."
            )
        messages.success(request, sentence % {"address": idn.readable_address(mailbox.address)})
    except Refused as error:
        messages.error(request, str(error.sentence))
    return redirect("mailadmin:mailbox-detail", mailbox.address)


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_delete(request: AdminRequest, address: str) -> HttpResponse:
    if request.method == "POST" and audit.lately(actor(request), "mailbox.delete", address.lower()):
        return redirect("mailadmin:mailbox-list")
    mailbox = _mailbox(request, address)
    readable = idn.readable_address(mailbox.address)
    question = _("Type %(name)s to delete it") % {"name": readable}
    form = NameForm(request.POST or None, names=[mailbox.address, readable], question=question)
    if form.is_valid():
        with errors_beside(form, {}):
            mailboxes.delete(request.poste, actor(request), mailbox)
            messages.success(request, _("%(address)s and its mail is deleted.") % {"address": readable})
            return redirect("mailadmin:mailbox-list")
    context = {"form": form, "mailbox": mailbox, "quota": usage(request.poste, mailbox.address)}
    return render(request, "mailadmin/mailboxes/delete.html", context, status=422 if form.errors else 200)
