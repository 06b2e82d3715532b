"""The activity log: browse, filter, export, undo, find out."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mailadmin import access
from mailadmin.forms import words
from mailadmin.forms.activity import FilterForm
from mailadmin.http import AdminRequest, actor, number
from mailadmin.models import AuditEntry
from mailadmin.posteio.errors import Duplicate, NotFound, Rejected
from mailadmin.services import activity as log
from mailadmin.services import settle, undo
from mailadmin.services.errors import ChangedMeanwhile, Refused
from postie_web.accounts.http import admin_required

PAGING = 50


@admin_required
@require_safe
def activity(request: AdminRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    entries = form.filter(access.only_domain(request.user)).entries()
    page = Paginator(entries, PAGING).get_page(number(request))
    rows = [
        {"entry": entry, "changes": log.differences(entry), "may_undo": _may_undo(request, entry)}
        for entry in page
    ]
    name = "_activity_table.html" if request.htmx else "list.html"
    return render(request, f"mailadmin/activity/{name}", {"form": form, "page": page, "rows": rows})


@admin_required
@require_safe
def activity_export(request: AdminRequest) -> HttpResponseBase:
    entries = FilterForm(request.GET).filter(access.only_domain(request.user)).entries()
    answer = StreamingHttpResponse(log.export(entries), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="activity.csv"'
    return answer


@admin_required
@require_POST
def activity_undo(request: AdminRequest, entry_id: int) -> HttpResponse:
    entry = _entry(request, entry_id)
    try:
        if not _may_undo(request, entry):
            raise Refused(_("This cannot be undone (any more)."))
        undo.undo(request.poste, actor(request), entry)
        messages.success(request, _("Undone: %(target)s is as it was.") % {"target": entry.target})
    except ChangedMeanwhile:
        messages.error(
            request, _("Not undone: somebody changed %(target)s since.") % {"target": entry.target}
        )
    except NotFound:
        messages.error(request, _("Not undone: %(target)s is not there any more.") % {"target": entry.target})
    except Duplicate:
        messages.error(request, _("Not undone: %(target)s exists again.") % {"target": entry.target})
    except IntegrityError:
        messages.info(request, _("This was already being undone."))
    except (Refused, Rejected) as error:
        reason = str(error.sentence) if isinstance(error, Refused) else words.translated(error.reason)
        messages.error(request, _("Not undone: %(reason)s") % {"reason": reason})
    return redirect("mailadmin:activity")


@admin_required
@require_POST
def activity_confirmation(request: AdminRequest, entry_id: int) -> HttpResponse:
    """Ask the mail server what became of a change that was never confirmed."""
    entry = settle.settle(request.poste, _entry(request, entry_id))
    if entry.outcome == AuditEntry.Outcome.DONE:
        messages.success(request, _("It did happen: %(target)s.") % {"target": entry.target})
    elif entry.outcome == AuditEntry.Outcome.MISSED:
        messages.info(request, _("It did not happen: %(target)s.") % {"target": entry.target})
    else:
        messages.info(request, _("Nobody can tell afterwards. Set the password once more to be sure."))
    return redirect("mailadmin:activity")


def _entry(request: AdminRequest, entry_id: int) -> AuditEntry:
    mine = access.only_domain(request.user)
    visible = AuditEntry.objects.all() if mine is None else AuditEntry.objects.filter(domain=mine)
    return get_object_or_404(visible.select_related("undone_by"), pk=entry_id)


def _may_undo(request: AdminRequest, entry: AuditEntry) -> bool:
    """A domain administrator takes back only own changes: undoing others' could give back powers."""
    own = entry.actor == request.user.address
    return undo.is_possible(entry) and (request.user.is_system_admin or own)
