"""Plan and apply: what would change, what the checks would say then, and writing it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mailadmin import access, connections
from mailadmin.dns.update import UpdateRefused, Zone
from mailadmin.forms.dns import WriterForm
from mailadmin.http import AdminRequest
from mailadmin.models import DnsChange
from mailadmin.services import dns_plans, dns_reports
from postie_web.accounts.http import admin_required


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def domain_dns_plan(request: AdminRequest, domain_name: str) -> HttpResponse:
    domain = access.domain(request, domain_name)
    proposed = dns_plans.proposed(domain.name)
    found = dns_plans.writer(domain.name)
    chosen = [change for n, change in enumerate(proposed) if str(n) in request.POST.getlist("change")]
    if request.method == "POST" and found and chosen:
        try:
            dns_plans.write(found, connections.network(), chosen, request.user.address)
        except UpdateRefused as refused:
            messages.error(request, _reason(refused))
        else:
            dns_reports.verify(request.poste, connections.network(), domain.name)
            messages.success(request, _("Written. The checks ran again."))
        return redirect("mailadmin:domain-dns-plan", domain.name)
    about = dns_reports.subject(request.poste, domain.name)
    context = {
        "domain": domain,
        "changes": list(enumerate(proposed)),
        "writer": found,
        "after": dns_plans.simulate(about, connections.network(), proposed) if proposed else None,
        "done": DnsChange.objects.filter(domain=domain.name)[:10],
        "form": WriterForm(),
    }
    return render(request, "mailadmin/dns/plan.html", context)


@admin_required
@require_POST
def domain_dns_writer(request: AdminRequest, domain_name: str) -> HttpResponse:
    access.system_admin(request)  # the server would connect to any address that is typed here
    domain = access.domain(request, domain_name)
    form = WriterForm(request.POST)
    if not form.is_valid():
        return render(
            request, "mailadmin/dns/plan.html", {"domain": domain, "form": form, "writer": None}, status=422
        )
    data = form.cleaned_data
    zone = Zone(
        domain.name, data["server"], data["key_name"], data["secret"], data["algorithm"], data["port"]
    )
    dns_plans.set_writer(domain.name, zone)
    messages.success(request, _("Postie can now write to this zone."))
    return redirect("mailadmin:domain-dns-plan", domain.name)


@admin_required
@require_POST
def domain_dns_undo(request: AdminRequest, domain_name: str, change_id: int) -> HttpResponse:
    domain = access.domain(request, domain_name)
    done = get_object_or_404(DnsChange, pk=change_id, domain=domain.name, undone=False)
    found = dns_plans.writer(domain.name)
    try:
        if found is None:
            raise UpdateRefused("key")
        dns_plans.take_back(found, connections.network(), done)
    except UpdateRefused as refused:
        messages.error(request, _reason(refused))
    else:
        dns_reports.verify(request.poste, connections.network(), domain.name)
        messages.success(request, _("Taken back."))
    return redirect("mailadmin:domain-dns-plan", domain.name)


def _reason(refused: UpdateRefused) -> str:
    return {
        "unreachable": _("The name server did not answer. Nothing was changed."),
        "key": _("The key does not fit. Nothing was changed."),
    }.get(refused.reason, _("The name server refused the change. Nothing was changed."))
