"""What every request passes: its id, the visitor's address, the headers of a safe page, the calm page."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from mailadmin import connections
from mailadmin.posteio import errors as posteio
from postie_web.accounts import http
from postie_web.accounts.services import sessions
from postie_web.lib import client_address, request_id
from webmail.imap import errors as imap

log = logging.getLogger("postie.web")
access = logging.getLogger("postie.access")
Answer = Callable[[HttpRequest], HttpResponseBase]
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_REQUEST_ID")

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types default",  # static/js/trusted-types.js
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Robots-Tag": "noindex, nofollow",
}


class Visitor:
    """`request.id` and `request.client_address`; forwarded headers of strangers are thrown away."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.proxies = client_address.networks(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        peer = request.META.get("REMOTE_ADDR", "")
        if not client_address.is_trusted(peer, self.proxies):
            for name in FORWARDED:
                request.META.pop(name, None)
        forwarded_for = request.META.get("HTTP_X_FORWARDED_FOR", "")
        request.client_address = client_address.visitor(peer, forwarded_for, self.proxies)  # type: ignore[attr-defined]
        request.id = request_id.accept(request.META.get("HTTP_X_REQUEST_ID", ""))  # type: ignore[attr-defined]
        request_id.enter(request.id)  # type: ignore[attr-defined]
        began = time.monotonic()
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        spent = time.monotonic() - began
        _note(request, response.status_code, spent)
        if not request.path.startswith(settings.STATIC_URL):
            parts = str(vars(request).get("timings", "")) or response.headers.get("Server-Timing", "")
            response.headers["Server-Timing"] = f"{parts}{', ' * bool(parts)}total;dur={spent * 1000:.1f}"
        return response


def _note(request: HttpRequest, status: int, seconds: float) -> None:
    """One line per request: the path, never the query, which may hold words somebody searched for."""
    if request.path.startswith(settings.STATIC_URL):
        return
    facts = {
        "method": request.method,
        "path": request.path,
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
        "client_address": vars(request).get("client_address", ""),
    }
    access.info("%s %s %s", request.method, request.path, status, extra=facts)


class SecurityHeaders:
    """A view may set its own (the frame of a message does); whatever it leaves out is set here."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "Content-Security-Policy" not in response.headers:
            response.headers.setdefault("X-Frame-Options", "DENY")
            if elsewhere := _push_origin(request):
                response.headers["Content-Security-Policy"] = (
                    f"{CONTENT_SECURITY_POLICY}; connect-src 'self' {elsewhere}"
                )
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith(settings.STATIC_URL):
            # Mail must not come back from the disk of a shared computer.
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _push_origin(request: HttpRequest) -> str:
    """Where the page may listen for news, when that is not its own origin."""
    place = str(settings.PUSH_URL)
    if place.startswith(":"):
        try:
            host = request.get_host()
        except DisallowedHost:  # a refusal needs no news
            return ""
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        return f"{request.scheme}://{name}{place.partition('/')[0]}"
    return "/".join(place.split("/")[:3]) if place.startswith(("http://", "https://")) else ""


class Doors:
    """`request.credentials` and `request.poste`, opened when first used."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sessions.end_when_expired(request)
        request.credentials = sessions.open_credentials(request)  # type: ignore[attr-defined]
        request.poste = SimpleLazyObject(connections.poste)  # type: ignore[attr-defined]
        return self.get_response(request)


class Away:
    """A partner does not answer: one calm page instead of an error, and a way back."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, imap.Unauthorized):
            sessions.end(request)
            return http.ask_to_sign_in(request)
        if not isinstance(error, posteio.Unavailable | posteio.Unauthorized | imap.Unavailable):
            return None
        # The operator reads why; the person only what to do.
        log.warning("away", extra={"partner": type(error).__module__, "reason": str(error)[:300]})
        template = "errors/_away.html" if getattr(request, "htmx", False) else "errors/away.html"
        response = render(request, template, {"is_crowded": isinstance(error, imap.TooMany)}, status=503)
        response.headers["Retry-After"] = "15"
        return response
