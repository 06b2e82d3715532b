"""Mailboxes: list, create, look."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mailadmin import access
from mailadmin.forms.mailboxes import MailboxForm
from mailadmin.http import AdminRequest, actor, errors_beside, number
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import Duplicate, PosteError
from mailadmin.posteio.resources import Quota
from mailadmin.services import audit, directory, mailboxes, statistics
from postie_web.accounts.http import admin_required

API_FIELDS = {
    "email": "local_part",
    "passwordPlaintext": "password",
    "password_plaintext": "password",
    "name": "name",
    "superAdmin": "super_admin",
    "super_admin": "super_admin",
    "domainAdmin": "domain_admin",
    "domain_admin": "domain_admin",
    "redirectTo": "redirect_to",
    "redirect_to": "redirect_to",
    "storageLimit": "storage",
    "storage_limit": "storage",
    "countLimit": "count",
    "count_limit": "count",
}


@admin_required
@require_safe
def mailbox_list(request: AdminRequest) -> HttpResponse:
    wanted = listed(request, directory.Kind.MAILBOX)
    page = directory.page(request.poste, wanted, number(request))
    context = {"page": page, "wanted": wanted, "domains": access.domain_names(request)}
    name = "_mailbox_table.html" if request.htmx else "list.html"
    return render(request, f"mailadmin/mailboxes/{name}", context)


def listed(request: AdminRequest, kind: directory.Kind) -> directory.Wanted:
    """What the address asks for, within what this person may see."""
    chosen = request.GET.get("domain", "")
    domain = access.domain(request, chosen).name if chosen else access.only_domain(request.user)
    return directory.Wanted(
        kind=kind,
        domain=domain,
        query=request.GET.get("q", "").strip()[:200],
        state=request.GET.get("state", "")[:20],
        sort=request.GET.get("sort", "")[:20] or "address",
    )


@admin_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_create(request: AdminRequest) -> HttpResponse:
    """The answer to a good form is a page with the password, shown this once and kept nowhere."""
    form = MailboxForm(
        request.POST or None,
        domains=access.domain_names(request),
        all_powers=request.user.is_system_admin,
        initial={"domain": request.GET.get("domain") or own_domain(request)},
    )
    if form.is_valid():
        new, who = form.new_mailbox(), actor(request)
        with errors_beside(form, API_FIELDS, key="local_part"):
            try:
                limits = form.limits()
                created = mailboxes.create(request.poste, who, new, limits)
                context = {"mailbox": created.mailbox, "limits_error": created.limits_error}
            except Duplicate:
                if not audit.repeated(who, "mailbox.create", new.address):
                    raise
                context = {"mailbox": request.poste.mailboxes.get(new.address)}
            return render(request, "mailadmin/mailboxes/ready.html", context | {"password": new.password})
    return render(
        request, "mailadmin/mailboxes/create.html", {"form": form}, status=422 if form.errors else 200
    )


@admin_required
@never_cache
@require_safe
def mailbox_detail(request: AdminRequest, address: str) -> HttpResponse:
    mailbox = access.mailbox(request, address)
    quota = usage(request.poste, mailbox.address)
    context = {
        "mailbox": mailbox,
        "quota": quota,
        "traffic": statistics.of_mailbox(request.poste, mailbox.address),
        "may_change": access.may_change(request.user, mailbox),
    }
    return render(request, "mailadmin/mailboxes/detail.html", context)


def own_domain(request: AdminRequest) -> str:
    """The domain one most likely means, until one says otherwise."""
    return request.user.address.rpartition("@")[2].lower()


def usage(poste: Client, address: str) -> Quota | None:
    """None when this part of the API is away or missing: the rest of the page is still useful."""
    try:
        return poste.mailboxes.quota(address)
    except PosteError:
        return None
