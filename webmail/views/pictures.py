"""A picture of a letter from the network, through us.

The frame of a letter has no origin and so no cookies: what lets somebody in here is the signature, made for
one reader, for one address, for one day.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from postie_web.lib import outside
from webmail.services import images


@require_GET
def picture(request: HttpRequest, token: str) -> HttpResponse:
    try:
        octets, kind = images.fetch(*images.opened(token))
    except (images.Forged, outside.Refused) as error:
        raise Http404 from error
    response = HttpResponse(octets, content_type=kind)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response
