"""How Postie may write to a zone: a key of the name server, or the provider's API."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mailadmin import access
from mailadmin.dns.update import Zone
from mailadmin.forms.dns import ClouDnsForm, ProviderForm, SilenceForm, WriterForm
from mailadmin.http import AdminRequest
from mailadmin.services import dns_plans, dns_silence
from postie_web.accounts.http import admin_required

FORMS: dict[str, type[forms.Form]] = {"cloudns": ClouDnsForm, "provider": ProviderForm, "update": WriterForm}


@admin_required
@require_POST
def domain_dns_writer(request: AdminRequest, domain_name: str) -> HttpResponse:
    access.system_admin(request)  # the server would connect to any address that is typed here
    domain = access.domain(request, domain_name)
    if request.POST.get("_method") == "DELETE":
        dns_plans.forget_writer(domain.name)
        messages.success(request, _("Postie no longer writes to this zone; its key is forgotten."))
        return redirect("mailadmin:domain-dns-plan", domain.name)
    way = request.POST.get("way", "update")
    form = FORMS.get(way, WriterForm)(request.POST)
    if not form.is_valid():
        shown = {name: kind() for name, kind in FORMS.items()} | {way: form}
        context = {"domain": domain, "forms": shown, "way": way, "writer": dns_plans.writer(domain.name)}
        return render(request, "mailadmin/dns/plan.html", context, status=422)
    _keep(domain.name, form)
    messages.success(request, _("Postie can now write to this zone."))
    return redirect("mailadmin:domain-dns-plan", domain.name)


@admin_required
@require_POST
def domain_dns_silence(request: AdminRequest, domain_name: str) -> HttpResponse:
    domain = access.domain(request, domain_name)
    form = SilenceForm(request.POST)
    if request.POST.get("_method") == "DELETE":
        dns_silence.end(domain.name)
    elif form.is_valid():
        dns_silence.begin(domain.name, form.cleaned_data["hours"], request.user.address)
    return redirect("mailadmin:domain-dns", domain.name)


def _keep(domain: str, form: forms.Form) -> None:
    data = form.cleaned_data
    match form:
        case ClouDnsForm():
            dns_plans.set_provider(domain, "cloudns", form.options())
        case ProviderForm():
            dns_plans.set_provider(domain, data["provider"], data["settings"])
        case _:
            zone = Zone(
                domain, data["server"], data["key_name"], data["secret"], data["algorithm"], data["port"]
            )
            dns_plans.set_writer(domain, zone)
