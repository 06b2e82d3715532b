"""One pool of connections to the API: timeouts, retries for safe calls, answers turned into errors."""

import logging
from json import JSONDecodeError
from typing import Any
from urllib.parse import quote

import httpx

from mailadmin.posteio.errors import Duplicate, NotFound, Rejected, Unauthorized, Unavailable
from mailadmin.posteio.resources import OUR_NAMES, Json

logger = logging.getLogger(__name__)

# The sentence poste.io says; there is no other way to know.
TAKEN = ("already in database", "already exists", "already used", "already taken")
TRIES = 3
MOST_BYTES = 64 * 1024 * 1024
LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=30)


class Http:
    def __init__(
        self, base_url: str, user: str, password: str, transport: httpx.BaseTransport | None, timeout: float
    ) -> None:
        self._client = httpx.Client(
            base_url=base_url.rstrip("/"),
            auth=httpx.BasicAuth(user, password),
            timeout=httpx.Timeout(timeout, connect=min(timeout, 5.0)),
            transport=transport,
            limits=LIMITS,
            headers={"Accept": "application/json", "User-Agent": "Postie"},
            trust_env=False,  # the key must not travel through somebody's HTTP_PROXY
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **parameters: str | int) -> Any:
        """A JSON answer. The only call that is tried again: it changes nothing (RFC 9110, 9.2.2)."""
        for _again in range(TRIES - 1):
            try:
                return self._json(self._send("GET", path, params=parameters))
            except Unavailable as error:
                logger.info("poste.io did not answer, asking again: %s", error)
        return self._json(self._send("GET", path, params=parameters))

    def post(self, path: str, data: Json) -> None:
        self._send("POST", path, json=data)

    def patch(self, path: str, data: Json) -> None:
        self._send("PATCH", path, json=data)

    def put(self, path: str, data: Json | None = None) -> None:
        self._send("PUT", path, json=data)

    def delete(self, path: str) -> None:
        self._send("DELETE", path)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **options)
        except httpx.TimeoutException:
            raise Unavailable(f"{method}: no answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # Only the kind: httpx' own words may quote the URL.
            raise Unavailable(f"{method}: {type(error).__name__}") from None
        if not response.is_success:
            raise _error(response)
        return response

    def _json(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except (JSONDecodeError, UnicodeDecodeError, RecursionError):
            raise Unavailable("the answer is not JSON") from None


def path(*parts: str) -> str:
    """('boxes', 'ann@example.org') → /boxes/ann%40example.org. Dots alone would climb in the tree."""
    if any(part in ("", ".", "..") for part in parts):
        raise NotFound("no such name")
    return "/" + "/".join(quote(part, safe="") for part in parts)


def _error(response: httpx.Response) -> Exception:
    code = response.status_code
    if code in (401, 403):
        return Unauthorized(f"refused with {code}")
    if code == 404:
        return NotFound("not found")
    if code in (408, 425, 429) or code >= 500 or code < 400:
        return Unavailable(f"answered {code}")
    text = response.text[:20000]
    if code == 409 or any(words in text for words in TAKEN):
        return Duplicate("the name is taken")
    return _rejected(response)


def _rejected(response: httpx.Response) -> Rejected:
    """FOSRest's form error: {"message", "errors": {"errors": […], "children": {field: {"errors": […]}}}}."""
    try:
        data = response.json()
    except (ValueError, RecursionError):
        data = None
    data = data if isinstance(data, dict) else {}
    errors = data.get("errors")
    errors = errors if isinstance(errors, dict) else {}
    children = errors.get("children")
    for name, child in (children if isinstance(children, dict) else {}).items():
        reason = _first(child)
        if reason:
            return Rejected(reason, OUR_NAMES.get(name, name))
    message = data.get("message")
    return Rejected(_first(errors) or (message if isinstance(message, str) else "") or "Bad request")


def _first(child: object) -> str:
    reasons = child.get("errors") if isinstance(child, dict) else None
    return str(reasons[0])[:500] if isinstance(reasons, list) and reasons else ""
