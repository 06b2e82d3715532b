"""What proves a backup, what may go, and the paper to start again from."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mailadmin import access, connections
from mailadmin.backup.results import ResticError
from mailadmin.http import AdminRequest, actor
from mailadmin.services import backup_drills, backup_retention, recovery_kit
from mailadmin.views.backups import found
from postie_web.accounts.http import admin_required


@admin_required
@require_safe
def backup_certificate(request: AdminRequest, uuid: UUID) -> HttpResponse:
    run = found(request, uuid)
    if not run.result.get("signature"):
        raise Http404
    genuine = backup_drills.is_genuine(run.result)
    if request.GET.get("format") == "json":
        name = f'attachment; filename="certificate-{run.uuid}.json"'
        return JsonResponse(run.result, headers={"Content-Disposition": name})
    context = {
        "run": run,
        "certificate": run.result,
        "genuine": genuine,
        "at": parse_datetime(run.result["at"]),
        "snapshot_at": parse_datetime(run.result["snapshot_at"]),
    }
    return render(request, "mailadmin/backups/certificate.html", context)


@admin_required
@require_safe
def backup_retention_preview(request: AdminRequest) -> HttpResponse:
    """Asked of the repository itself, changing nothing."""
    access.system_admin(request)
    context: dict[str, object] = {"policy": backup_retention.policy()}
    try:
        with connections.repository() as repository:
            lines, preview = backup_retention.lines(repository)
        context |= {"lines": lines, "preview": preview}
    except ResticError as error:
        context["trouble"] = error.last_words[:300]
    return render(request, "mailadmin/backups/retention.html", context)


@admin_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def backup_kit(request: AdminRequest) -> HttpResponse:
    """The key is shown only when asked for, and every look is written down."""
    access.system_admin(request)
    if request.POST.get("act") == "stored":
        recovery_kit.confirm(actor(request))
        messages.success(request, _("Good. You are asked again when the place or the key changes."))
        return redirect("mailadmin:backup-list")
    kit = recovery_kit.kit(actor(request)) if request.method == "POST" else None
    return render(
        request, "mailadmin/backups/kit.html", {"kit": kit, "confirmed": recovery_kit.is_confirmed()}
    )
