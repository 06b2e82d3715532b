"""Pages for when a view never got to answer."""

import logging
import sys

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

log = logging.getLogger("postie.web")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    log.warning("form refused", extra={"reason": reason})
    return render(request, "errors/csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without session and user: the database may be what is broken."""
    away = isinstance(sys.exc_info()[1], DatabaseError)
    template = loader.get_template("errors/database.html" if away else "errors/500.html")
    response = HttpResponse(template.render({"request": request}), status=503 if away else 500)
    if away:
        response.headers["Retry-After"] = "15"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", status=404)
