"""Is mail all right, and if not, what do I do now?"""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailadmin import access
from mailadmin.http import AdminRequest
from mailadmin.services import backup_state, backups, census
from postie_web.accounts.http import admin_required


@admin_required
@require_safe
def overview(request: AdminRequest) -> HttpResponse:
    context: dict[str, object] = {"counts": census.quick(request.poste, access.only_domain(request.user))}
    if request.user.is_system_admin and backups.configured():
        context |= {"backup": backup_state.look()}
    return render(request, "mailadmin/overview/overview.html", context)


@admin_required
@require_safe
def overview_census(request: AdminRequest) -> HttpResponse:
    """The part that may take a moment: every mailbox is looked at."""
    found = census.thorough(request.poste, access.only_domain(request.user), again="again" in request.GET)
    name = "_census.html" if request.htmx else "census.html"
    return render(request, f"mailadmin/overview/{name}", {"census": found})
