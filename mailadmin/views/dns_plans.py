"""Plan and apply: what would change, what the checks would say then, writing it, and watching it arrive."""

from contextlib import suppress

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from kombu.exceptions import OperationalError

from mailadmin import access, connections, tasks
from mailadmin.dns.plan import Change
from mailadmin.dns.update import UpdateRefused
from mailadmin.forms.dns import ClouDnsForm, ProviderForm, WriterForm
from mailadmin.http import AdminRequest
from mailadmin.models import DnsChange
from mailadmin.posteio.resources import Domain
from mailadmin.services import dns_drift, dns_plans, dns_received, dns_reports, dns_writing
from postie_web.accounts.http import admin_required


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def domain_dns_plan(request: AdminRequest, domain_name: str) -> HttpResponse:
    domain = access.domain(request, domain_name)
    step = dns_plans.step(domain.name)
    proposed = [*dns_plans.proposed(domain.name), *([step] if step else [])]
    if request.method == "POST":
        chosen = [change for n, change in enumerate(proposed) if str(n) in request.POST.getlist("change")]
        _write(request, domain, chosen, gently=request.POST.get("gently") == "yes")
        return redirect("mailadmin:domain-dns-plan", domain.name)
    return render(request, "mailadmin/dns/plan.html", _context(request, domain, proposed))


@admin_required
@require_POST
def domain_dns_drift(request: AdminRequest, domain_name: str) -> HttpResponse:
    """One press puts back what somebody changed; nothing else is written."""
    domain = access.domain(request, domain_name)
    changes = [change for drift in dns_drift.found(domain.name) for change in drift.changes]
    if dns_plans.writer(domain.name) is None:
        return redirect("mailadmin:domain-dns-plan", domain.name)
    _write(request, domain, changes)
    return redirect("mailadmin:domain-dns", domain.name)


@admin_required
@require_POST
def domain_dns_undo(request: AdminRequest, domain_name: str, change_id: int) -> HttpResponse:
    domain = access.domain(request, domain_name)
    done = get_object_or_404(DnsChange, pk=change_id, domain=domain.name, undone=False)
    found = dns_plans.writer(domain.name)
    try:
        if found is None:
            raise UpdateRefused("key")
        dns_writing.take_back(found, connections.network(), done)
    except UpdateRefused as refused:
        messages.error(request, dns_plans.sentence(refused))
    else:
        _after(request, domain, done)
        messages.success(request, _("Taken back."))
    return redirect("mailadmin:domain-dns-plan", domain.name)


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def domain_dns_arrival(request: AdminRequest, domain_name: str, change_id: int) -> HttpResponse:
    """Which name servers show it already. POST asks them now; the page asks again by itself."""
    domain = access.domain(request, domain_name)
    done = get_object_or_404(DnsChange, pk=change_id, domain=domain.name)
    if request.method == "POST":
        dns_writing.follow(done, connections.network())
    if not request.htmx:
        return redirect("mailadmin:domain-dns-plan", domain.name)
    return render(request, "mailadmin/dns/_arrival.html", {"domain": domain, "entry": done})


def _context(request: AdminRequest, domain: Domain, proposed: list[Change]) -> dict[str, object]:
    about = dns_reports.subject(request.poste, domain.name)
    return {
        "domain": domain,
        "changes": list(enumerate(proposed)),
        "by_hand": dns_plans.by_hand(dns_plans.writer(domain.name), proposed),
        "told": dns_received.summary(domain.name) if proposed else None,
        "replaces": any(change.old for change in proposed),
        "writer": dns_plans.writer(domain.name),
        "after": dns_plans.simulate(about, connections.network(), proposed) if proposed else None,
        "done": DnsChange.objects.filter(domain=domain.name)[:10],
        "forms": {"cloudns": ClouDnsForm(), "provider": ProviderForm(), "update": WriterForm()},
    }


def _write(request: AdminRequest, domain: Domain, changes: list[Change], *, gently: bool = False) -> None:
    found = dns_plans.writer(domain.name)
    left = dns_plans.by_hand(found, changes)
    changes = [change for change in changes if change not in left]
    if not (found and changes):
        return
    try:
        done = dns_writing.write(found, connections.network(), changes, request.user.address, gently=gently)
    except UpdateRefused as refused:
        messages.error(request, dns_plans.sentence(refused))
        return
    _after(request, domain, done)
    if done.stage == DnsChange.Stage.LOWERED:
        messages.success(request, _("The old records now expire sooner. The change follows by itself."))
    else:
        messages.success(request, _("Written. The checks ran again."))


def _after(request: AdminRequest, domain: Domain, done: DnsChange) -> None:
    dns_reports.verify(request.poste, connections.network(), domain.name)
    with suppress(OperationalError):  # without the queue the page itself can ask the name servers
        tasks.follow_dns_change.apply_async(args=(done.pk,), retry=False)
