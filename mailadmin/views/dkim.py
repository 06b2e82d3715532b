"""The DKIM key of a domain."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mailadmin import access
from mailadmin.forms.base import NameForm
from mailadmin.http import AdminRequest, actor, errors_beside
from mailadmin.services import domains
from postie_web.accounts.http import admin_required
from postie_web.lib import idn


@admin_required
@require_http_methods(["GET", "HEAD", "POST"])
def dkim_key(request: AdminRequest, domain_name: str) -> HttpResponse:
    """Shows it; makes the first one at once; replaces an existing one only after asking."""
    domain = access.domain(request, domain_name)
    key = domains.dkim(request.poste, domain.name)
    readable = idn.to_readable(domain.name)
    question = _("Type %(name)s to replace the key") % {"name": readable}
    form = NameForm(
        request.POST if request.method == "POST" and key else None,
        names=[domain.name, readable],
        question=question,
    )
    if request.method == "POST" and (key is None or form.is_valid()):
        with errors_beside(form, {}):
            domains.create_dkim(request.poste, actor(request), domain.name)
            messages.success(request, _("The new key signs from now on. Publish its record in DNS now."))
            return redirect("mailadmin:domain-dkim", domain.name)
    context = {"form": form, "domain": domain, "key": key}
    return render(request, "mailadmin/domains/dkim.html", context, status=422 if form.errors else 200)
