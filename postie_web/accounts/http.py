"""Who may pass: decorators for views."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject

from mailadmin import connections
from postie_web.accounts.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def mail_required(view: View) -> View:
    """Only for somebody who is signed in to a mailbox; others sign in first and come back."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: object, **options: object) -> HttpResponseBase:
        if getattr(request, "credentials", None) is None:
            return ask_to_sign_in(request)
        return view(request, *arguments, **options)

    return cast(View, guarded)


def admin_required(view: View) -> View:
    """Only for administrators, of the server or of a domain; others get 403, strangers sign in first."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: object, **options: object) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return ask_to_sign_in(request)
        if not (user.is_system_admin or user.is_domain_admin):
            raise PermissionDenied
        if not hasattr(request, "poste"):
            request.poste = SimpleLazyObject(connections.poste)  # type: ignore[attr-defined]
        return view(request, *arguments, **options)

    return cast(View, guarded)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in, which leads back here; htmx is told to go there as a page."""
    address = f"/login?{urlencode({'next': request.get_full_path()})}"
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
