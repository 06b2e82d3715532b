"""Domains: list, create, look, route, delete."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mailadmin import access
from mailadmin.forms.base import NameForm
from mailadmin.forms.domains import DomainForm, RoutingForm
from mailadmin.http import AdminRequest, actor, errors_beside, number
from mailadmin.services import audit, directory, domains, snapshots, statistics
from postie_web.accounts.http import admin_required
from postie_web.lib import idn

API_FIELDS = {
    "name": "name",
    "domainBinAddress": "catch_all",
    "domain_bin_address": "catch_all",
    "forwardDomain": "forward_domain",
    "forward_domain": "forward_domain",
}


@admin_required
@require_safe
def domain_list(request: AdminRequest) -> HttpResponse:
    mine = access.only_domain(request.user)
    if mine:
        return redirect("mailadmin:domain-detail", mine)
    query = request.GET.get("q", "").strip()[:200]
    page = directory.domains(request.poste, query, number(request))
    name = "_domain_table.html" if request.htmx else "list.html"
    return render(request, f"mailadmin/domains/{name}", {"page": page, "query": query})


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def domain_create(request: AdminRequest) -> HttpResponse:
    access.system_admin(request)
    form = DomainForm(request.POST or None)
    if form.is_valid():
        name = form.cleaned_data["name"]
        with errors_beside(form, API_FIELDS, key="name"):
            if not audit.repeated(actor(request), "domain.create", name):
                domains.create(request.poste, actor(request), name)
            messages.success(request, _("%(domain)s is ready.") % {"domain": idn.to_readable(name)})
            return redirect("mailadmin:domain-detail", name)
    return render(
        request, "mailadmin/domains/create.html", {"form": form}, status=422 if form.errors else 200
    )


@admin_required
@require_safe
def domain_detail(request: AdminRequest, domain_name: str) -> HttpResponse:
    domain = access.domain(request, domain_name)
    context = {
        "domain": domain,
        "contents": directory.contents(request.poste, domain.name),
        "key": domains.dkim(request.poste, domain.name),
        "traffic": statistics.of_domain(request.poste, domain.name),
        "may_delete": request.user.is_system_admin,
    }
    return render(request, "mailadmin/domains/detail.html", context)


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def domain_routing(request: AdminRequest, domain_name: str) -> HttpResponse:
    domain = access.domain(request, domain_name)
    form = RoutingForm(request.POST or None, domain=domain, facts=snapshots.of_domain(domain))
    if form.is_valid():
        with errors_beside(form, API_FIELDS):
            wanted = form.change()
            domains.update(request.poste, actor(request), domain.name, wanted, form.cleaned_data["seen"])
            messages.success(request, _("Saved."))
            return redirect("mailadmin:domain-detail", domain.name)
    context = {"form": form, "domain": domain}
    return render(request, "mailadmin/domains/routing.html", context, status=422 if form.errors else 200)


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def domain_delete(request: AdminRequest, domain_name: str) -> HttpResponse:
    access.system_admin(request)
    if request.method == "POST" and audit.lately(actor(request), "domain.delete", domain_name):
        return redirect("mailadmin:domain-list")
    domain = access.domain(request, domain_name)
    readable = idn.to_readable(domain.name)
    question = _("Type %(name)s to delete it") % {"name": readable}
    form = NameForm(request.POST or None, names=[domain.name, readable], question=question)
    dies = directory.contents(request.poste, domain.name)
    if form.is_valid():
        with errors_beside(form, {}):
            domains.delete(request.poste, actor(request), domain, dies.facts())
            messages.success(request, _("%(domain)s and everything in it is deleted.") % {"domain": readable})
            return redirect("mailadmin:domain-list")
    context = {
        "form": form,
        "domain": domain,
        "dies": dies,
        "cancel": reverse("mailadmin:domain-detail", args=[domain.name]),
    }
    return render(request, "mailadmin/domains/delete.html", context, status=422 if form.errors else 200)
