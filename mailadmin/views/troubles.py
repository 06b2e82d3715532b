"""Something does not work: three questions and a bounce."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from mailadmin import access, connections
from mailadmin.http import AdminRequest
from mailadmin.services import bounces, dns_reports, troubles
from postie_web.accounts.http import admin_required


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def deliverability(request: AdminRequest) -> HttpResponse:
    context: dict[str, object] = {
        "domains": access.domain_names(request),
        "problems": [(key, problem.title) for key, problem in troubles.PROBLEMS.items()],
        "bounce": request.POST.get("bounce", "")[: bounces.LONGEST],
        "problem": request.POST.get("problem", ""),
        "chosen": request.POST.get("domain", ""),
    }
    if request.method == "POST" and context["bounce"]:
        context["explanation"] = bounces.explain(str(context["bounce"]))
    elif request.method == "POST" and context["problem"] in troubles.PROBLEMS:
        domain = access.domain(request, str(context["chosen"]))
        about = dns_reports.subject(request.poste, domain.name)
        context["diagnosis"] = troubles.diagnose(str(context["problem"]), about, connections.network())
        context["domain"] = domain
    return render(request, "mailadmin/dns/troubles.html", context)
