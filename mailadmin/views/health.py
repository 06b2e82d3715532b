"""How the server is, in words; and the same for Prometheus."""

import hmac

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mailadmin import access, connections
from mailadmin.http import AdminRequest
from mailadmin.services import health, health_history, health_metrics
from postie_web.accounts.http import admin_required


@admin_required
@require_safe
def health_page(request: AdminRequest) -> HttpResponse:
    access.system_admin(request)
    now = timezone.now()
    run = health.newest()
    found = health.current(run, now)
    context = {
        "run": run,
        "stale": run is None or now - run.at > health.STALE,
        "status": health.status_of(found),
        "troubles": [line for line in health.lines(found) if line.reading.status in ("warn", "fail")],
        "groups": health.grouped(found),
        "history": health_history.strip(now),
        "changes": health_history.changes(now),
    }
    name = "_health.html" if request.htmx else "health.html"
    return render(request, f"mailadmin/health/{name}", context)


@admin_required
@require_POST
def health_run(request: AdminRequest) -> HttpResponse:
    """Now, while the person waits: some seconds at most."""
    access.system_admin(request)
    run = health.look(connections.poste())
    messages.success(
        request, _("Looked at everything in %(seconds)s seconds.") % {"seconds": round(run.seconds, 1)}
    )
    return redirect("mailadmin:health")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format 0.0.4. Not there at all without a token in the settings."""
    wanted = settings.METRICS_TOKEN
    if not wanted:
        raise Http404
    kind, _space, given = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), wanted.encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(health_metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")
