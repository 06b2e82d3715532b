"""Who may pass: decorators for views."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def mail_required(view: View) -> View:
    """Only for somebody who is signed in to a mailbox; others sign in first and come back."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: object, **options: object) -> HttpResponseBase:
        if getattr(request, "credentials", None) is None:
            return ask_to_sign_in(request)
        return view(request, *arguments, **options)

    return cast(View, guarded)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in, which leads back here; htmx is told to go there as a page."""
    address = f"/login?{urlencode({'next': request.get_full_path()})}"
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
