"""Who gets mail for this address?"""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailadmin import access
from mailadmin.forms.resolver import ResolverForm
from mailadmin.http import AdminRequest
from mailadmin.services import routing
from postie_web.accounts.http import admin_required


@admin_required
@require_safe
def resolver(request: AdminRequest) -> HttpResponse:
    form = ResolverForm(request.GET or None)
    hops = []
    if form.is_valid():
        address = form.cleaned_data["address"]
        access.domain(request, address.rpartition("@")[2])
        hops = routing.trace(request.poste, address)
    return render(request, "mailadmin/resolver/resolver.html", {"form": form, "hops": hops})
