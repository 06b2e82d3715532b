"""Aliases: list, create, change, delete."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mailadmin import access
from mailadmin.forms.aliases import AliasForm, TargetsForm
from mailadmin.http import AdminRequest, actor, errors_beside, number
from mailadmin.posteio.errors import Duplicate
from mailadmin.services import aliases, audit, directory, snapshots
from mailadmin.views.mailboxes import listed, own_domain
from postie_web.accounts.http import admin_required
from postie_web.lib import idn

API_FIELDS = {"email": "local_part", "redirectTo": "targets", "redirect_to": "targets"}


@admin_required
@require_safe
def alias_list(request: AdminRequest) -> HttpResponse:
    wanted = listed(request, directory.Kind.ALIAS)
    page = directory.page(request.poste, wanted, number(request))
    context = {"page": page, "wanted": wanted, "domains": access.domain_names(request)}
    name = "_alias_table.html" if request.htmx else "list.html"
    return render(request, f"mailadmin/aliases/{name}", context)


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def alias_create(request: AdminRequest) -> HttpResponse:
    initial = {"domain": request.GET.get("domain") or own_domain(request)}
    form = AliasForm(request.POST or None, domains=access.domain_names(request), initial=initial)
    if form.is_valid():
        address, targets, who = form.cleaned_data["address"], form.cleaned_data["targets"], actor(request)
        with errors_beside(form, API_FIELDS, key="local_part"):
            try:
                aliases.create(request.poste, who, address, targets)
            except Duplicate:
                if not audit.repeated(who, "alias.create", address):
                    raise
            messages.success(request, _("%(address)s is ready.") % {"address": idn.readable_address(address)})
            return redirect("mailadmin:alias-detail", address)
    return render(
        request, "mailadmin/aliases/create.html", {"form": form}, status=422 if form.errors else 200
    )


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def alias_detail(request: AdminRequest, address: str) -> HttpResponse:
    alias = access.alias(request, address)
    targets = list(alias.redirect_to)
    form = TargetsForm(request.POST or None, facts=snapshots.of_alias(alias), initial={"targets": targets})
    if form.is_valid():
        with errors_beside(form, API_FIELDS):
            wanted, seen = form.cleaned_data["targets"], form.cleaned_data["seen"]
            aliases.update(request.poste, actor(request), alias.address, wanted, seen)
            messages.success(request, _("Saved."))
            return redirect("mailadmin:alias-detail", alias.address)
    context = {"form": form, "alias": alias, "external": aliases.external(request.poste, targets)}
    return render(request, "mailadmin/aliases/detail.html", context, status=422 if form.errors else 200)


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def alias_delete(request: AdminRequest, address: str) -> HttpResponse:
    """Can be undone from the activity log, so one question is enough."""
    if request.method == "POST" and audit.lately(actor(request), "alias.delete", address.lower()):
        return redirect("mailadmin:alias-list")
    alias = access.alias(request, address)
    if request.method == "POST":
        aliases.delete(request.poste, actor(request), alias)
        readable = idn.readable_address(alias.address)
        messages.success(request, _("%(address)s is deleted. Activity can undo it.") % {"address": readable})
        return redirect("mailadmin:alias-list")
    return render(request, "mailadmin/aliases/delete.html", {"alias": alias})
