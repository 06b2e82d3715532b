"""Many mailboxes at once: suspend, resume, limits, delete, with a result for each."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mailadmin import access
from mailadmin.forms.bulk import BulkForm
from mailadmin.http import AdminRequest, actor
from mailadmin.posteio.resources import Mailbox
from mailadmin.services import bulk, mailboxes
from mailadmin.services.errors import Refused
from postie_web.accounts.http import admin_required


@admin_required
@require_POST
def mailbox_bulk(request: AdminRequest) -> HttpResponse:
    form = BulkForm(request.POST)
    good = form.is_valid()
    if not good and not form.cleaned_data.get("confirmed"):
        sentences = [str(sentence) for errors in form.errors.values() for sentence in errors]
        messages.error(request, " ".join(sentences))
        return redirect("mailadmin:mailbox-list")
    if not good or form.asks_first:
        return render(request, "mailadmin/mailboxes/bulk.html", {"form": form}, status=200 if good else 422)
    results = bulk.each(form.addresses, str, lambda address: _act(request, form, address))
    context = {"results": results, "worked": sum(result.worked for result in results)}
    return render(request, "mailadmin/mailboxes/results.html", context)


def _act(request: AdminRequest, form: BulkForm, address: str) -> None:
    mailbox = _allowed(request, address)
    who, poste = actor(request), request.poste
    match form.cleaned_data["action"]:
        case BulkForm.SUSPEND:
            mailboxes.suspend(poste, who, address)
        case BulkForm.RESUME:
            mailboxes.resume(poste, who, address)
        case BulkForm.LIMITS:
            mailboxes.set_limits(poste, who, address, form.limits(empty=0))
        case BulkForm.DELETE:
            mailboxes.delete(poste, who, mailbox)


def _allowed(request: AdminRequest, address: str) -> Mailbox:
    try:
        return access.changeable(request, access.mailbox(request, address))
    except Http404:
        raise Refused(_("There is no such mailbox.")) from None
    except PermissionDenied:
        raise Refused(_("Only a system administrator may change this account.")) from None
