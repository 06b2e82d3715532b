"""DNS of a domain: expected, found, how to fix."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mailadmin import access, connections
from mailadmin.dns import formats
from mailadmin.forms.dns import AcceptanceForm, SilenceForm
from mailadmin.http import AdminRequest
from mailadmin.models import DnsReport, ParkedDomain
from mailadmin.services import dns_drift, dns_plans, dns_reports, dns_silence
from postie_web.accounts.http import admin_required


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    report: DnsReport | None
    counts: dict[str, int]


def _row(name: str) -> Row:
    report = dns_reports.latest(name)
    return Row(name, report, dns_reports.counts(dns_reports.lines(report)) if report else {})


@admin_required
@require_safe
def dns(request: AdminRequest) -> HttpResponse:
    """Every domain with what its last run found, the worst first."""
    rows = [_row(name) for name in access.domain_names(request)]
    rows.sort(key=lambda row: (-row.counts.get("fail", 0), -row.counts.get("warn", 0), row.name))
    return render(request, "mailadmin/dns/list.html", {"rows": rows})


@admin_required
@require_safe
def domain_dns(request: AdminRequest, domain_name: str) -> HttpResponse:
    domain = access.domain(request, domain_name)
    context = _context(request, domain.name) | {
        "domain": domain,
        "acceptance": AcceptanceForm(),
        "drifts": dns_drift.found(domain.name),
        "writer": dns_plans.writer(domain.name),
        "silence": dns_silence.active(domain.name),
        "silence_form": SilenceForm(),
    }
    return render(request, "mailadmin/dns/detail.html", context)


@admin_required
@require_http_methods(["POST"])
def domain_dns_acceptance(request: AdminRequest, domain_name: str) -> HttpResponse:
    domain = access.domain(request, domain_name)
    form = AcceptanceForm(request.POST)
    if request.POST.get("_method") == "DELETE":
        dns_reports.withdraw(domain.name, request.POST.get("key", ""))
    elif form.is_valid():
        reason, until = form.cleaned_data["reason"], form.until()
        dns_reports.accept(domain.name, form.cleaned_data["key"], reason, until, request.user.address)
        messages.success(request, _("Accepted until %(date)s.") % {"date": until.isoformat()})
    else:
        messages.error(request, _("Say why it is right as it is."))
    return redirect("mailadmin:domain-dns", domain.name)


@admin_required
@require_POST
def domain_dns_parking(request: AdminRequest, domain_name: str) -> HttpResponse:
    domain = access.domain(request, domain_name)
    dns_reports.park(domain.name, request.POST.get("parked") == "yes")
    dns_reports.verify(request.poste, connections.network(), domain.name)
    return redirect("mailadmin:domain-dns", domain.name)


@admin_required
@require_safe
def domain_dns_zone(request: AdminRequest, domain_name: str) -> HttpResponse:
    domain = access.domain(request, domain_name)
    report = dns_reports.latest(domain.name)
    text = formats.zone_file(report.expected if report else [])
    return HttpResponse(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{domain.name}.zone"'},
    )


@require_safe
def shared_dns(request: HttpRequest, token: str) -> HttpResponse:
    """For the customer who keeps the DNS: no sign-in, no addresses of people, ends by itself."""
    name = dns_reports.shared(token)
    if name is None:
        raise Http404
    context = _context(request, name) | {"name": name, "token": token}
    if context["report"] is not None:  # the ticks are of now; only a domain that is checked is looked at
        wanted = dns_reports.looked(connections.poste(), connections.network(), name)
        context["records"] = _records(str(context["provider"]), wanted, name)
    page = "_live" if request.headers.get("HX-Request") else "shared"
    return render(request, f"mailadmin/dns/{page}.html", context)


def _context(request: HttpRequest, name: str) -> dict[str, object]:
    provider = request.GET.get("provider", "cloudns")
    provider = provider if provider in formats.PROVIDERS else "cloudns"
    report = dns_reports.latest(name)
    said = dns_reports.lines(report) if report else []
    new, gone = dns_reports.changes(report) if report else ([], [])
    return {
        "report": report,
        "groups": [(status, [x for x in said if x.finding.status == status]) for status in GROUPS],
        "counts": dns_reports.counts(said),
        "new": new,
        "gone": gone,
        "records": _records(provider, report.expected if report else [], name),
        "provider": provider,
        "providers": formats.PROVIDERS,
        "history": DnsReport.objects.filter(domain=name).only("at", "status", "score")[:20],
        "parked": ParkedDomain.objects.filter(name=name).exists(),
        "share": request.build_absolute_uri(reverse("mailadmin:shared-dns", args=[dns_reports.share(name)])),
    }


def _records(provider: str, wanted: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [record | {"fields": formats.fields(provider, record, name)} for record in wanted]


GROUPS = ("fail", "warn", "unknown", "info", "pass", "n/a")
