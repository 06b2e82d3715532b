"""Backups: the state, the runs, one run with its progress."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError

from mailadmin import access, tasks
from mailadmin.backup.results import ResticError
from mailadmin.http import AdminRequest, actor
from mailadmin.models import BackupRepository, BackupRun
from mailadmin.services import backup_drills, backup_retention, backup_runs, backup_state, backups
from postie_web.accounts.http import admin_required

SHOWN = 60


@admin_required
@require_safe
def backup_list(request: AdminRequest) -> HttpResponse:
    access.system_admin(request)
    backup_runs.settle()
    context = {
        "state": backup_state.look(),
        "repository": BackupRepository.objects.first(),
        "configured": backups.configured(),
        "domains": access.domain_names(request),
        "runs": BackupRun.objects.all()[:SHOWN],
        "growth": backup_state.growth(),
    }
    return render(request, "mailadmin/backups/list.html", context)


@admin_required
@require_safe
def backup_run(request: AdminRequest, uuid: UUID) -> HttpResponse:
    """The page, or for htmx every two seconds the part that moves."""
    run = found(request, uuid)
    backup_runs.settle()
    run.refresh_from_db()
    if request.GET.get("format") == "json":
        return JsonResponse(backups.as_json(run))
    name = "_run.html" if request.htmx else "run.html"
    return render(request, f"mailadmin/backups/{name}", _context(run))


def _context(run: BackupRun) -> dict[str, Any]:
    steps = list(run.steps.all())
    progress = backup_runs.progress(run) if run.is_open else {}
    done = sum(step.state not in ("waiting", "running") for step in steps)
    share = (done + float(progress.get("fraction", 0))) / len(steps) if steps else 0
    return {"run": run, "steps": steps, "progress": progress, "percent": round(share * 100)}


@admin_required
@require_POST
def backup_start(request: AdminRequest) -> HttpResponse:
    access.system_admin(request)
    run = _wish(request)
    try:
        tasks.backup_wanted.delay(str(run.uuid))
    except (OperationalError, OSError):
        backup_runs.cancel(run, request.user.address)
        messages.error(request, _("The queue does not answer: nothing was started. See the health page."))
        return redirect("mailadmin:backup-list")
    return redirect("mailadmin:backup-run", run.uuid)


def _wish(request: AdminRequest) -> BackupRun:
    by = request.user.address
    match request.POST.get("kind"):
        case "drill":
            domain = request.POST.get("domain", "")
            return backup_drills.wish(by, domain if domain in {"*", *access.domain_names(request)} else "")
        case "retention":
            return backup_retention.wish(by, many=request.POST.get("many") == "yes")
        case _:
            return backups.wish(by)


@admin_required
@require_POST
def backup_cancel(request: AdminRequest, uuid: UUID) -> HttpResponse:
    run = found(request, uuid)
    if run.is_open:
        backup_runs.cancel(run, request.user.address)
        messages.success(request, _("It is being stopped; what is already in the repository stays."))
    return redirect("mailadmin:backup-run", run.uuid)


@admin_required
@require_POST
def backup_repository(request: AdminRequest) -> HttpResponse:
    """A person says where: make a repository, or use the one that is there."""
    access.system_admin(request)
    try:
        if request.POST.get("act") == "adopt":
            backups.adopt_repository(actor(request))
        else:
            backups.create_repository(actor(request))
        messages.success(
            request, _("The repository is ready. Print the recovery kit, then take the first backup.")
        )
    except ResticError as error:
        messages.error(request, _("It did not work: %(said)s") % {"said": error.last_words[:300]})
    return redirect("mailadmin:backup-list")


def found(request: AdminRequest, uuid: UUID) -> BackupRun:
    access.system_admin(request)
    run = backup_runs.get(uuid)
    if run is None:
        raise Http404
    return run
