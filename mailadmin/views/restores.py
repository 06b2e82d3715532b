"""Bringing mail back from a backup: what, from when, a preview with counts, go; then watching it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mailadmin import access, connections
from mailadmin.backup.archive import NothingThere
from mailadmin.backup.catalogue import Wanted
from mailadmin.backup.letters import folder_name
from mailadmin.backup.results import ResticError
from mailadmin.forms.restores import WishForm
from mailadmin.http import AdminRequest, actor, number
from mailadmin.models import Restore
from mailadmin.posteio.errors import NotFound
from mailadmin.services import addresses, restores
from mailadmin.services.errors import Refused
from mailadmin.services.restores import Wish
from mailadmin.tasks import restore_run
from postie_web.accounts.http import admin_required

MOST_MOMENTS = 400
PAGE = 25


def reachable(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A repository that does not answer is a page in words, never a trace."""

    @wraps(view)
    def guarded(request: AdminRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            return view(request, *args, **options)
        except ResticError as error:
            context = {"outcome": error.outcome, "words": error.last_words[:500]}
            return render(request, "mailadmin/restores/away.html", context, status=503)
        except NothingThere:
            raise Http404 from None

    return guarded


@admin_required
@require_GET
@reachable
def restore_list(request: AdminRequest) -> HttpResponse:
    with connections.past().open() as past:
        moments = past.moments()[:MOST_MOMENTS]
    domain = access.only_domain(request.user)
    context = {
        "form": WishForm(
            moments=moments,
            can_write=_can_write(request),
            initial={"target": request.GET.get("target", "")},
        ),
        "moments": moments,
        "jobs": restores.visible(domain)[:25],
    }
    return render(request, "mailadmin/restores/list.html", context)


@admin_required
@require_http_methods(["GET", "POST"])
@reachable
def restore_create(request: AdminRequest) -> HttpResponse:
    """The preview, and the button that does it."""
    with connections.past().open() as past:
        values = request.POST if request.method == "POST" else request.GET
        form = WishForm(values, moments=past.moments()[:MOST_MOMENTS], can_write=_can_write(request))
        if not form.is_valid():
            context: dict[str, Any] = {"form": form, "moments": form.moments}
            return render(request, "mailadmin/restores/list.html", context, status=422)
        wish, moment = form.wish(), past.moment(form.cleaned_data["moment"])
        _check(request, wish)
        try:
            expected = restores.preview(request.poste, past, moment, wish)
            if request.method == "POST" and "go" in request.POST:
                job = restores.create(actor(request), moment, wish, expected)
                restore_run.delay(str(job.pk))
                return redirect("mailadmin:restore-detail", job.pk)
        except Refused as error:
            messages.error(request, str(error.sentence))
            return redirect("mailadmin:restore-list")
    context = {
        "wish": wish,
        "moment": moment,
        "expected": expected,
        "folder_title": folder_name(wish.folder),
        "form_token": form["form_token"],
    }
    return render(request, "mailadmin/restores/preview.html", context)


@admin_required
@require_GET
@reachable
def restore_browse(request: AdminRequest) -> HttpResponse:
    """A mailbox as it was: folders and messages to choose from. Every look is written down."""
    address, page = request.GET.get("target", "").strip().lower()[:320], number(request)
    folder, words = request.GET.get("folder", "")[:1000], request.GET.get("q", "").strip()[:200]
    _check(request, Wish(scope=Restore.Scope.MAILBOX, target=address))
    with connections.past().open() as past:
        moment = past.moment(request.GET.get("moment", ""))
        look = past.look(moment, address)
        restores.write_down_look(actor(request), address, moment, folder_name(folder))
        wanted = Wanted(folder=folder, words=words, offset=(page - 1) * PAGE, limit=PAGE)
        rows, total = look.page(wanted)
        folders = look.folders()
        unread = look.catalogue.count_unread(look.id, folder) if words else 0
    context = {
        "target": address,
        "moment": moment,
        "folder": folder,
        "folder_title": folder_name(folder),
        "folders": folders,
        "rows": rows,
        "words": words,
        "unread": unread,
        "page": {"number": page, "last_page": max(1, -(-total // PAGE)), "total": total},
    }
    return render(request, "mailadmin/restores/browse.html", context)


@admin_required
@require_GET
@reachable
def restore_deleted(request: AdminRequest) -> HttpResponse:
    """Mailboxes that were there and are gone."""
    with connections.past().open() as past:
        moments = past.moments()[:MOST_MOMENTS]
        chosen = request.GET.get("moment", "")
        moment = past.moment(chosen) if chosen else next(iter(moments), None)
        domain = access.only_domain(request.user)
        gone = restores.deleted(request.poste, past, moment, domain) if moment else []
    context = {"moments": moments, "moment": moment, "gone": gone}
    return render(request, "mailadmin/restores/deleted.html", context)


@admin_required
@require_GET
def restore_detail(request: AdminRequest, job_id: UUID) -> HttpResponse:
    job = _job(request, job_id)
    passwords: dict[str, str] = {}
    if not job.is_going_on and job.sealed_passwords and not request.htmx:
        passwords = restores.take_passwords(job)
    context = {"job": job, "folder_title": folder_name(job.folder), "passwords": passwords}
    if request.htmx:
        return render(
            request, "mailadmin/restores/_job.html", context, status=200 if job.is_going_on else 286
        )
    return render(request, "mailadmin/restores/detail.html", context)


@admin_required
@require_POST
def restore_cancel(request: AdminRequest, job_id: UUID) -> HttpResponse:
    restores.cancel(_job(request, job_id))
    return redirect("mailadmin:restore-detail", job_id)


@admin_required
@require_POST
def restore_go_on(request: AdminRequest, job_id: UUID) -> HttpResponse:
    job = _job(request, job_id)
    if restores.go_on(job):
        restore_run.delay(str(job.pk))
    return redirect("mailadmin:restore-detail", job_id)


def _can_write(request: AdminRequest) -> bool:
    return access.only_domain(request.user) is None and restores.can_write_maildirs()


def _job(request: AdminRequest, job_id: UUID) -> Restore:
    return get_object_or_404(restores.visible(access.only_domain(request.user)), pk=job_id)


def _check(request: AdminRequest, wish: Wish) -> None:
    """Only one's own domain; and nobody looks into the mailbox of somebody with more rights."""
    mine = access.only_domain(request.user)
    if wish.scope == Restore.Scope.EVERYTHING:
        access.system_admin(request)
        return
    # 404 and not 403: whether a foreign domain lives here is nobody's business.
    if mine not in (None, wish.target.rpartition("@")[2]):
        raise Http404
    if "@" in wish.target:
        try:
            found = request.poste.mailboxes.get(addresses.ours(wish.target))
        except (NotFound, ValueError):
            return
        if not access.may_change(request.user, found):
            raise PermissionDenied
