"""The canary mail: how it flew today, and what is left of this month's error budget."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mailadmin import access, connections
from mailadmin.http import AdminRequest
from mailadmin.services import canary, canary_chart, health
from postie_web.accounts.http import admin_required

WAIT = 15.0  # seconds, while a person looks on; gunicorn gives up after thirty


@admin_required
@require_safe
def canary_page(request: AdminRequest) -> HttpResponse:
    access.system_admin(request)
    now = timezone.now()
    context = {
        "address": settings.CANARY_MAILBOX,
        "line": health.line(canary.reading(now)),
        "budget": canary.budget(now),
        "goal": canary.GOAL * 100,
        "chart": canary_chart.chart(now),
        "rows": canary_chart.rows(),
    }
    return render(request, "mailadmin/health/canary.html", context)


@admin_required
@require_POST
def canary_flight(request: AdminRequest) -> HttpResponse:
    access.system_admin(request)
    trip = canary.fly(connections.poste(), WAIT)
    if trip is None:
        messages.error(request, _("There is no canary: set CANARY_MAILBOX."))
    else:
        kind = messages.SUCCESS if trip.status == "pass" else messages.ERROR
        messages.add_message(request, kind, health.line(canary.of(trip)).says)
    return redirect("mailadmin:canary")
