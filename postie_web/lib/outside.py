"""Fetching an address that a stranger chose, without being led into our own house (SSRF).

Every name is resolved once, every address it has must be public, and the connection goes to that very
address: what DNS says a moment later does not matter. Each redirect goes through the same door.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

Resolve = Callable[[str, int], list[str]]
_PORTS = {"http": 80, "https": 443}
_MOST_REDIRECTS = 3
_CHUNK = 64 * 1024
# Ways to write an IPv4 address inside IPv6: what counts is the address within.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


class Refused(Exception):
    """We do not go there, or what came is not what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    octets: int = 5_000_000
    seconds: float = 10.0


def resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(item[4][0]) for item in found]


def is_public(address: str) -> bool:
    """Whether this is somebody else's machine on the internet."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64 or found in _COMPATIBLE:
            inside = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inside is not None and not is_public(str(inside)):
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def get(url: str, limits: Limits | None = None, find: Resolve = resolve) -> bytes:
    """The octets behind an http(s) address on the public internet. Raises Refused for everything else."""
    limits = limits or Limits()
    deadline = time.monotonic() + limits.seconds
    for _ in range(_MOST_REDIRECTS + 1):
        connection, path = _open(url, deadline, find)
        try:
            answer = _ask(connection, path)
            if answer.status in (301, 302, 303, 307, 308):
                url = urljoin(url, answer.headers.get("Location", ""))
                continue
            if answer.status != 200:
                raise Refused(f"status {answer.status}")
            return _read(answer, connection, deadline, limits)
        except (OSError, http.client.HTTPException) as error:
            raise Refused("no usable answer") from error
        finally:
            connection.close()
    raise Refused("too many redirects")


def post(url: str, form: str, seconds: float = 10.0, find: Resolve = resolve) -> None:
    """Hands in a form at a public https address; follows no redirect (RFC 8058, 3.1). Raises Refused."""
    connection, path = _open(url, time.monotonic() + seconds, find)
    try:
        kind = "application/x-www-form-urlencoded"
        connection.request("POST", path, form, {"User-Agent": "Postie", "Content-Type": kind})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise Refused("no usable answer") from error
    finally:
        connection.close()
    if status // 100 != 2:
        raise Refused(f"status {status}")


def _open(url: str, deadline: float, find: Resolve) -> tuple[http.client.HTTPConnection, str]:
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
        if port is None:
            port = _PORTS.get(scheme, 0)
        name = host.encode("idna").decode("ascii") if not host.isascii() else host
    except (ValueError, UnicodeError) as error:
        raise Refused("not an address") from error
    if scheme not in _PORTS or port != _PORTS[scheme] or not name or "@" in parts.netloc:
        raise Refused("not an address we go to")
    target = _checked(name, port, find)
    left = max(0.1, deadline - time.monotonic())
    kind = _Secure if scheme == "https" else _Plain
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if any(ord(sign) <= 32 or ord(sign) > 126 for sign in path):
        raise Refused("not an address")
    return kind(name, port, target, left), path


def _checked(name: str, port: int, find: Resolve) -> str:
    try:
        addresses = find(name, port)
    except (OSError, UnicodeError) as error:
        raise Refused("unknown host") from error
    # One private address among public ones is an attack, not an accident.
    if not addresses or not all(is_public(address) for address in addresses):
        raise Refused("not a public address")
    return addresses[0]


class _Plain(http.client.HTTPConnection):
    def __init__(self, name: str, port: int, target: str, seconds: float) -> None:
        super().__init__(name, port, timeout=seconds)
        self._target = target

    def connect(self) -> None:
        self.sock = socket.create_connection((self._target, self.port), self.timeout)


class _Secure(_Plain):
    def connect(self) -> None:
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)


def _ask(connection: http.client.HTTPConnection, path: str) -> http.client.HTTPResponse:
    # Nothing in it that tells one reader from another.
    connection.request("GET", path, headers={"User-Agent": "Postie", "Accept": "image/*"})
    return connection.getresponse()


def _read(
    answer: http.client.HTTPResponse, connection: http.client.HTTPConnection, deadline: float, limits: Limits
) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Refused("too slow")
        if connection.sock is not None:
            connection.sock.settimeout(left)
        piece = answer.read1(_CHUNK)
        if not piece:
            return b"".join(pieces)
        size += len(piece)
        if size > limits.octets:
            raise Refused("too large")
        pieces.append(piece)
