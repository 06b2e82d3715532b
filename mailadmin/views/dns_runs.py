"""Checking now: with a bar where htmx is, in one answer where it is not."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError

from mailadmin import access, connections, tasks
from mailadmin.http import AdminRequest
from mailadmin.services import dns_reports, dns_runs
from postie_web.accounts.http import admin_required


@admin_required
@require_POST
def domain_dns_run(request: AdminRequest, domain_name: str) -> HttpResponse:
    """A run takes at most 20 s (rule E10), usually one."""
    domain = access.domain(request, domain_name)
    if request.htmx:
        token = dns_runs.begin(domain.name)
        try:
            tasks.run_domain_check.apply_async(args=(token,), retry=False)
        except OperationalError:  # without the queue it is done in this answer
            dns_runs.run(request.poste, connections.network(), token)
        context = {"domain": domain, "token": token, "run": dns_runs.state(token)}
        return render(request, "mailadmin/dns/_running.html", context)
    dns_reports.verify(request.poste, connections.network(), domain.name)
    return redirect("mailadmin:domain-dns", domain.name)


@admin_required
@require_safe
def domain_dns_running(request: AdminRequest, domain_name: str, token: str) -> HttpResponse:
    domain = access.domain(request, domain_name)
    run = dns_runs.state(token)
    if run and run.domain == domain.name and run.is_forgotten:
        dns_runs.run(request.poste, connections.network(), token)
        run = dns_runs.state(token)
    if run is None or run.domain != domain.name or run.finished:
        messages.success(request, _("Checked just now."))
        return HttpResponse(headers={"HX-Redirect": reverse("mailadmin:domain-dns", args=[domain.name])})
    return render(request, "mailadmin/dns/_running.html", {"domain": domain, "token": token, "run": run})
