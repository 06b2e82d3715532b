"""What the names in the DNS point at: the MTA-STS policy and the set-up of mail programs. No sign-in."""

from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

from mailadmin import connections
from mailadmin.dns import client_setup, mta_sts, names
from mailadmin.posteio.errors import NotFound

SECONDS = 300  # a stranger cannot make us ask the mail server more often than this for one name
XML = "application/xml; charset=utf-8"


def mta_sts_policy(request: HttpRequest, host: str) -> HttpResponse:
    """RFC 8461, 3.2."""
    domain = host.removeprefix("mta-sts.")
    if domain == host or not _is_ours(domain):
        return HttpResponseNotFound()
    text = mta_sts.policy_text([settings.POSTEIO_HOSTNAME], settings.MTA_STS_MODE)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def autoconfig(request: HttpRequest, host: str) -> HttpResponse:
    address = request.GET.get("emailaddress", "")
    domain = (address.rpartition("@")[2] or host.removeprefix("autoconfig.")).lower()
    if not _is_ours(domain):
        return HttpResponseNotFound()
    return HttpResponse(client_setup.autoconfig(domain, settings.POSTEIO_HOSTNAME), content_type=XML)


def autodiscover(request: HttpRequest, host: str) -> HttpResponse:
    try:
        body = request.body if request.method == "POST" else b""
    except OSError:
        body = b""
    address = client_setup.asked_address(body) or request.GET.get("Email", "").lower()[:254]
    if not _is_ours(address.rpartition("@")[2] or host.removeprefix("autodiscover.")):
        return HttpResponseNotFound()
    return HttpResponse(client_setup.autodiscover(address, settings.POSTEIO_HOSTNAME), content_type=XML)


def autodiscover_json(request: HttpRequest, host: str) -> HttpResponse:
    text = client_setup.autodiscover_json(settings.POSTEIO_HOSTNAME)
    return HttpResponse(text, content_type="application/json")


PAGES: dict[str, Callable[[HttpRequest, str], HttpResponse]] = {
    "/.well-known/mta-sts.txt": mta_sts_policy,
    "/mail/config-v1.1.xml": autoconfig,
    "/.well-known/autoconfig/mail/config-v1.1.xml": autoconfig,
    "/autodiscover/autodiscover.xml": autodiscover,
    "/autodiscover/autodiscover.json": autodiscover_json,
}


def _is_ours(domain: str) -> bool:
    if not names.is_domain(domain):
        return False
    known: bool | None = cache.get(f"hosted:{domain}")
    if known is None:
        try:
            connections.poste().domains.get(domain)
            known = True
        except NotFound:
            known = False
        cache.set(f"hosted:{domain}", known, SECONDS)
    return known
