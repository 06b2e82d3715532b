"""Another Postie asks how its own ports look from here. Signed; no sign-in, no cookie."""

import redis
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from mailadmin.dns.witness.protocol import MOST_BYTES
from mailadmin.services import witness as service


@csrf_exempt  # the signature is the proof, and no cookie is looked at
@require_POST
def witness(request: HttpRequest) -> HttpResponse:
    host = service.host()
    if host is None:
        raise Http404
    try:
        data = request.read(MOST_BYTES + 1)
    except OSError:
        data = b""
    try:
        status, body = host.answer(data, str(getattr(request, "client_address", "")))
    except redis.RedisError:  # uncounted questions are not answered
        status, body = 503, b"{}"
    return HttpResponse(body, status=status, content_type="application/json")
