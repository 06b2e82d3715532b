"""Who may come in: decorators for views, and the way to the sign-in and back."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from postie_web.accounts.models import User
from postie_web.accounts.services import roles

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
LONGEST_NEXT = 2000


def mail_required(view: View) -> View:
    """For who has a mailbox here: `request.credentials` is set."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        if getattr(request, "credentials", None) is None:
            if isinstance(request.user, User) and request.user.is_break_glass and request.path == "/":
                return HttpResponseRedirect(reverse("mailadmin:overview"))  # there is no mailbox to open
            return ask_to_sign_in(request)
        return view(request, *args, **options)

    return cast(View, guarded)


def admin_required(view: View) -> View:
    """System and domain administrators, as poste.io confirmed just now. Others get 403, strangers sign in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return ask_to_sign_in(request)
        roles.confirm(user)
        if not user.is_domain_admin:
            raise PermissionDenied
        return view(request, *args, **options)

    return cast(View, guarded)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in and back to this page; a form that was being sent goes back to the page it stood on."""
    where = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    htmx = getattr(request, "htmx", None)
    if htmx:
        where = htmx.current_url_abs_path or "/"
    target = f"{reverse('login')}?{urlencode({'next': where})}"
    if htmx:
        # htmx would swap the sign-in page into a fragment; this header makes it go there instead.
        return HttpResponse(status=401, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def safe_next(request: HttpRequest) -> str:
    """Where to go after the sign-in: a page of ours, or the inbox."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and len(wanted) <= LONGEST_NEXT else "/"
