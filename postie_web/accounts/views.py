"""Coming in and going out."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from postie_web.accounts.forms import SignInForm
from postie_web.accounts.http import safe_next
from postie_web.accounts.models import User
from postie_web.accounts.services import devices, sessions, sign_in, throttle
from postie_web.lib.credentials import Credentials
from webmail.imap.errors import ImapError

log = logging.getLogger("postie.accounts")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    if request.method == "GET" and getattr(request, "credentials", None) is not None:
        return HttpResponseRedirect(safe_next(request))
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer, status = _try(request, form)
            if answer is not None:
                return answer
    context = {"form": form, "next": safe_next(request)}
    return render(request, "accounts/login.html", context, status=status)


@never_cache
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    sessions.end(request)
    response = HttpResponseRedirect(settings.LOGIN_URL)
    sessions.take_half(response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _try(request: HttpRequest, form: SignInForm) -> tuple[HttpResponse | None, int]:
    credentials = Credentials(**form.keys(), client_address=getattr(request, "client_address", ""))
    try:
        user = sign_in.sign_in(credentials, devices.device_of(request, credentials.address))
    except throttle.TooMany as error:
        form.add_error(None, _wait(error.seconds))
        return None, 429
    except sign_in.Refused:
        log.info("sign-in refused", extra={"client_address": credentials.client_address})
        form.add_error(None, _("This address and password do not go together. Check both and try again."))
        return None, 422
    except ImapError:
        form.add_error(
            None, _("The mail server does not answer, so nobody can be let in. Try again in a minute.")
        )
        return None, 503
    return _welcome(request, user, credentials), 302


def _wait(seconds: int) -> str:
    sentence = ngettext(
        "Too many tries. Wait %(count)s second and try again.",
        "Too many tries. Wait %(count)s seconds and try again.",
        seconds,
    )
    return sentence % {"count": seconds}


def _welcome(request: HttpRequest, user: User, credentials: Credentials) -> HttpResponse:
    target = safe_next(request)
    half = sessions.begin(request, user, None if user.is_break_glass else credentials)
    if user.is_break_glass and target == "/":
        target = "/admin/"
    log.info("signed in", extra={"role": user.role, "client_address": credentials.client_address})
    response = HttpResponseRedirect(target)
    sessions.give_half(response, half)
    devices.remember(request, response, user.address)
    return response
