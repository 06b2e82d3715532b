"""Brute-force brake: Dovecot's auth policy server (doc.dovecot.org, "Authentication Policy").

Counts wrong passwords per address and per (address, account). The webmail signs everybody in from
loopback, so loopback is exempt: it has a brake of its own and passes the visitor on by PROXY.
"""

import ipaddress
import time
from collections import OrderedDict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MINUTES = 10
PER_ADDRESS_AND_ACCOUNT = 10
PER_ADDRESS = 30
REMEMBERED = 50_000


class Brake:
    """Only different wrong passwords count: a phone with an old password tries the same one all day."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], dict[str, float]] = OrderedDict()

    def is_shut(self, remote: str, login: str) -> bool:
        if is_exempt(remote):
            return False
        remote = caller(remote)
        return (
            self._recent((remote, login)) >= PER_ADDRESS_AND_ACCOUNT
            or self._recent((remote, "")) >= PER_ADDRESS
        )

    def failed(self, remote: str, login: str, password_hash: str) -> None:
        if is_exempt(remote):
            return
        remote = caller(remote)
        for key in ((remote, login), (remote, "")):
            failures = self._failures.setdefault(key, {})
            failures[f"{login} {password_hash}"] = time.monotonic()
            self._failures.move_to_end(key)
        while len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, remote: str, login: str) -> None:
        self._failures.pop((caller(remote), login), None)

    def _recent(self, key: tuple[str, str]) -> int:
        failures = self._failures.get(key, {})
        since = time.monotonic() - MINUTES * 60
        for what in [what for what, when in failures.items() if when < since]:
            del failures[what]
        return len(failures)


def caller(remote: str) -> str:
    """Whom an address stands for: of IPv6 everybody has 2^64, so the network counts."""
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return remote
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network(f"{address}/64", strict=False))


def is_exempt(remote: str) -> bool:
    try:
        return ipaddress.ip_address(remote).is_loopback
    except ValueError:
        return True  # no address, no brake: the internal services


async def endpoint(request: Request) -> Response:
    """`status` -1 refuses, 0 lets pass."""
    if request.client and not is_exempt(request.client.host):
        return Response(status_code=404)
    try:
        data = await request.json()
        remote, login = str(data.get("remote", "")), str(data.get("login", "")).lower()
    except (ValueError, AttributeError):
        return JSONResponse({"status": 0, "msg": "not understood"})
    brake: Brake = request.app.state.brake
    if request.query_params.get("command") == "report":
        if data.get("success"):
            brake.succeeded(remote, login)
        elif not data.get("policy_reject"):
            brake.failed(remote, login, str(data.get("pwhash", "")))
        return JSONResponse({"status": 0, "msg": ""})
    shut = brake.is_shut(remote, login)
    return JSONResponse({"status": -1 if shut else 0, "msg": "too many wrong passwords" if shut else ""})
