"""Answers for mta-sts.<domain>, autoconfig.<domain> and autodiscover.<domain>, before ALLOWED_HOSTS is asked.

Those names are not in ALLOWED_HOSTS: they change with every domain, and nothing here builds a link from them.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.request import split_domain_port

from mailadmin.dns import names
from mailadmin.views import hosting

Answer = Callable[[HttpRequest], HttpResponse]


def hosted_names(get_response: Answer) -> Answer:
    def middleware(request: HttpRequest) -> HttpResponse:
        page = hosting.PAGES.get(request.path_info.lower())
        if page is None:
            return get_response(request)
        host, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
        if not names.is_domain(host.lower()):
            return HttpResponseBadRequest()
        return page(request, host.lower())

    return middleware
