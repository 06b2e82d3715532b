"""The mail log as one story per message."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailadmin import access
from mailadmin.forms.mail_log import MailLogForm
from mailadmin.health.logs.search import Query
from mailadmin.http import AdminRequest, query_string
from mailadmin.services import mail_log as logs
from postie_web.accounts.http import admin_required

FOLLOWING_SECONDS = 1.0  # every few seconds again


@admin_required
@require_safe
def mail_log(request: AdminRequest) -> HttpResponse:
    """A domain's administrator sees mail of the own domain only."""
    form = MailLogForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    follows = request.GET.get("follow") == "1"
    query = Query(
        words=asked.get("q") or "",
        since=asked.get("since"),
        until=None if follows else asked.get("until"),
        domain=access.only_domain(request.user) or "",
        seconds=FOLLOWING_SECONDS if follows else 5.0,
    )
    context = {
        "form": form,
        "log": logs.read(query) if form.is_valid() else logs.Log(),
        "follows": follows,
        "again": query_string(request, follow="1"),
        "still": query_string(request, follow=""),
        "asked": any(asked.values()),
    }
    return render(request, f"mailadmin/health/{'_log.html' if request.htmx else 'log.html'}", context)
