"""Who may touch which domain. There is no other way to get a domain or a mailbox in a view."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django_htmx.middleware import HtmxDetails

from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound
from mailadmin.posteio.resources import Domain, Mailbox
from mailadmin.services import addresses
from postie_web.accounts.models import User
from postie_web.lib import idn


class AdminRequest(HttpRequest):
    """A request that passed @admin_required."""

    user: User
    poste: Client
    htmx: HtmxDetails


def only_domain(user: User) -> str | None:
    """None: every domain. Otherwise the one domain this person sees, which is that of the own address."""
    return None if user.is_system_admin else user.address.rpartition("@")[2].lower()


def domain_names(request: AdminRequest) -> list[str]:
    """Names to choose from in a form, alphabetically."""
    mine = only_domain(request.user)
    return [mine] if mine else sorted(found.name for found in request.poste.domains.all())


def domain(request: AdminRequest, name: str) -> Domain:
    try:
        ascii_name = idn.to_ascii(name)
    except ValueError:
        raise Http404 from None
    _check(request.user, ascii_name)
    try:
        return request.poste.domains.get(ascii_name)
    except NotFound:
        raise Http404 from None


def mailbox(request: AdminRequest, address: str) -> Mailbox:
    """A mailbox with storage, not an alias."""
    found = _box(request, address)
    if found.redirect_only:
        raise Http404
    return found


def alias(request: AdminRequest, address: str) -> Mailbox:
    found = _box(request, address)
    if not found.redirect_only:
        raise Http404
    return found


def changeable(request: AdminRequest, found: Mailbox) -> Mailbox:
    """A domain administrator must not become a system administrator by way of that one's password."""
    if not may_change(request.user, found):
        raise PermissionDenied
    return found


def may_change(user: User, found: Mailbox) -> bool:
    return user.is_system_admin or not found.super_admin


def system_admin(request: AdminRequest) -> None:
    """For what concerns the whole server."""
    if not request.user.is_system_admin:
        raise PermissionDenied


def _box(request: AdminRequest, address: str) -> Mailbox:
    try:
        ascii_address = addresses.ours(address)
    except ValueError:
        raise Http404 from None
    _check(request.user, ascii_address.rpartition("@")[2])
    try:
        return request.poste.mailboxes.get(ascii_address)
    except NotFound:
        raise Http404 from None


def _check(user: User, domain_name: str) -> None:
    # 404 and not 403: whether a foreign domain lives here is nobody's business.
    if only_domain(user) not in (None, domain_name):
        raise Http404
