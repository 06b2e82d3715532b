"""The mail server's certificate: Traefik's newest, what is installed, what each port shows."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mailadmin import access
from mailadmin.health.reading import Reading
from mailadmin.http import AdminRequest
from mailadmin.models import CertificateInstall
from mailadmin.services import certificates, health
from postie_web.accounts.http import admin_required

WAIT = 10.0  # seconds, while a person looks on


@admin_required
@require_safe
def certificate_page(request: AdminRequest) -> HttpResponse:
    access.system_admin(request)
    now = timezone.now()
    try:
        wanted = certificates.wanted(now)
    except certificates.Failed:
        wanted = None
    here, last = certificates.installed(), certificates.reading()
    fingerprint = here.leaf.fingerprint if here else str(last.facts.get("fingerprint", ""))
    try:
        served = certificates.served(fingerprint)
    except ValueError:
        served = []
    context = {
        "connected": settings.ACME_JSON and settings.MAIL_TLS_DIR,
        "wanted": wanted,
        "installed": here,
        "served": served,
        "compares": bool(fingerprint),
        "line": health.line(last),
        "history": [
            (one.at, health.line(Reading.from_json(one.reading)))
            for one in CertificateInstall.objects.all()[:20]
        ],
    }
    return render(request, "mailadmin/health/certificate.html", context)


@admin_required
@require_POST
def certificate_install(request: AdminRequest) -> HttpResponse:
    access.system_admin(request)
    found = certificates.renew(proof_seconds=WAIT)
    said = health.line(found)
    if found.status == "pass":
        messages.success(request, said.says or _("Done."))
    else:
        messages.error(request, f"{said.says} {said.fix}".strip())
    return redirect("mailadmin:certificate")
