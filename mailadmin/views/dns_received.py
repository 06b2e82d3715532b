"""Who sends in a domain's name, as the receivers of the world report it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mailadmin import access
from mailadmin.dns.dmarc.readiness import WATCHED, with_strict
from mailadmin.forms.reports import ReportForm
from mailadmin.http import AdminRequest
from mailadmin.services import dns_plans, dns_received
from postie_web.accounts.http import admin_required


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def domain_dns_reports(request: AdminRequest, domain_name: str) -> HttpResponse:
    domain = access.domain(request, domain_name)
    form = ReportForm(request.POST or None, files=request.FILES or None)
    if request.method == "POST" and form.is_valid():
        taken = dns_received.take(request.poste, form.cleaned_data["report"], only=domain.name)
        _tell(request, taken)
        return redirect("mailadmin:domain-dns-reports", domain.name)
    found, step = dns_received.summary(domain.name), dns_plans.step(domain.name)
    context = {
        "domain": domain,
        "form": form,
        "found": found,
        "encrypted": dns_received.encrypted(domain.name),
        "record": step.new[0] if step else "",
        "strict": step is not None and step.new[0] == with_strict(step.old[0]),
        "watched": WATCHED,
        "days": dns_received.DAYS,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "mailadmin/dns/reports.html", context, status=status)


def _tell(request: AdminRequest, taken: list[dns_received.Taken]) -> None:
    states = {one.state for one in taken}
    if "new" in states:
        messages.success(request, _("The report was read."))
    elif "known" in states:
        messages.info(request, _("This report was read before."))
    elif "other" in states:
        messages.error(request, _("This report speaks of another domain."))
    elif "old" in states:
        messages.error(request, _("This report speaks of another time."))
    else:
        messages.error(request, _("There is no DMARC or TLS report in this file."))
