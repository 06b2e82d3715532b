"""/healthz: does every part answer? Each is asked at once, none may hold up the others."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for

import httpx
import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from mailadmin.health import ports

SECONDS = 4.0
KEPT_SECONDS = 2.0  # strangers may ask as often as they like; the parts are asked this often
Probe = Callable[[], None]
_pool = ThreadPoolExecutor(max_workers=10, thread_name_prefix="health")
_last: list[tuple[float, dict[str, str]]] = []  # what was found, and when


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """
    503 when a part does not answer. With ?part=web (or several) only these count: a container whose mail
    server is away is not ill, or its balancer would take it out, and with it the page that says so.
    """
    asked = set(request.GET.getlist("part"))
    parts = {name: state for name, state in examine().items() if not asked or name in asked}
    ok = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ok" if ok else "failing", **parts}, status=200 if ok else 503)


def examine() -> dict[str, str]:
    """Part → "ok" or why not, in one word: the log knows more, strangers need not."""
    if _last and time.monotonic() - _last[-1][0] < KEPT_SECONDS:
        return _last[-1][1]
    futures = {name: _pool.submit(_state, probe) for name, probe in probes().items()}
    wait_for(futures.values(), timeout=SECONDS + 1)
    parts = {"web": "ok"} | {
        name: future.result() if future.done() else "timeout" for name, future in futures.items()
    }
    _last[:] = [(time.monotonic(), parts)]
    return parts


def forget() -> None:
    """The next question is asked anew."""
    _last.clear()


def probes() -> dict[str, Probe]:
    return {"database": _database, "redis": _redis, "imap": _imap, "smtp": _smtp, "api": _api}


def _state(probe: Probe) -> str:
    try:
        probe()
    except TimeoutError:
        return "timeout"
    except Exception:  # whatever breaks, the answer is the same: this part does not work
        return "unreachable"
    return "ok"


def _database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()  # this thread's own


def _redis() -> None:
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
    ) as client:
        client.ping()


def _imap() -> None:
    name = "imap" if settings.IMAP_SECURITY != "tls" else "imaps"
    ports.greet(
        ports.Place(name, settings.IMAP_HOST, settings.IMAP_PORT, settings.IMAP_PROXY_PROTOCOL), SECONDS
    )


def _smtp() -> None:
    name = "submission" if settings.SMTP_SECURITY != "tls" else "submissions"
    ports.greet(
        ports.Place(name, settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_PROXY_PROTOCOL), SECONDS
    )


def _api() -> None:
    answer = httpx.get(
        f"{settings.POSTEIO_API_URL.rstrip('/')}/admin/api/v1/domains",
        params={"paging": 1},
        auth=(settings.POSTEIO_API_USER, settings.POSTEIO_API_PASSWORD),
        timeout=SECONDS,
    )
    answer.raise_for_status()
