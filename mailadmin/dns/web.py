"""HTTP as senders and mail programs do it: no redirect followed, certificate checked, little read.

RFC 8461, 3.3: a redirect must not be followed, the certificate must be valid for exactly this host.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .names import Address
from .network import LookupFailed, Network, Page

PATIENCE = 5.0
MOST_BYTES = 64 * 1024  # RFC 8461, 3.3


@dataclass(frozen=True, slots=True)
class Asking:
    """`post`: a body, else it is a GET. `host_address`: ask there, whatever the DNS says."""

    post: bytes | None = None
    host_address: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: float = 0.0

    @property
    def seconds(self) -> float:
        return self.patience or PATIENCE


@dataclass(frozen=True, slots=True)
class Web:
    """`authorities` (PEM) and `ports` exist for tests and for a private certificate authority.

    `closed`: nothing is fetched, every page is one that could not be measured.
    """

    authorities: str = ""
    ports: Mapping[int, int] = field(default_factory=dict)
    closed: bool = False

    def fetch(self, url: str, network: Network, asking: Asking = Asking()) -> Page:
        if self.closed:
            return Page(url, error="unmeasured", detail="closed")
        parts = urlsplit(url)
        host = parts.hostname or ""
        try:
            addresses = (
                [asking.host_address] if asking.host_address else [str(ip) for ip in network.addresses(host)]
            )
        except LookupFailed as failed:
            return Page(url, error="unmeasured", detail=failed.answer.reason)
        if not addresses:
            return Page(url, error="dns", detail=host)
        page = Page(url, error="dns")
        for ip in addresses[:3]:
            page = self._fetch(url, ip, asking)
            if page.status:
                break
        return page

    def _fetch(self, url: str, ip: Address | str, asking: Asking) -> Page:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        place = (str(ip), self.ports.get(port, port))
        try:
            with socket.create_connection(place, timeout=PATIENCE) as raw:
                raw.settimeout(asking.seconds)
                if not secure:
                    return _talk(raw, url, asking)
                with self._context().wrap_socket(raw, server_hostname=parts.hostname) as tls:
                    return _talk(tls, url, asking, tls.getpeercert(binary_form=True) or b"")
        except ssl.SSLCertVerificationError as error:
            return Page(url, error="certificate", detail=error.verify_message)
        except ssl.SSLError as error:
            return Page(url, error="tls", detail=str(error.reason or error))
        except TimeoutError:
            return Page(url, error="timeout")
        except ConnectionRefusedError:
            return Page(url, error="refused")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Page(url, error="broken", detail=str(error)[:200])

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.authorities or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8461, 3.3
        return context


def _talk(stream: socket.socket, url: str, asking: Asking, certificate: bytes = b"") -> Page:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    method, body = ("GET", b"") if asking.post is None else ("POST", asking.post)
    head = f"{method} {path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: Postie\r\nAccept: */*\r\n"
    more = dict(asking.headers)
    if asking.post is not None:
        more = {"Content-Type": "text/xml; charset=utf-8", **more, "Content-Length": str(len(body))}
    head += "".join(f"{name}: {value}\r\n" for name, value in more.items())
    stream.sendall(head.encode("ascii") + b"Connection: close\r\n\r\n" + body)
    response = http.client.HTTPResponse(stream, method=method)
    try:
        response.begin()
        data = _read(response, asking.seconds)
        headers = {name.lower(): value for name, value in response.getheaders()}
        if len(data) > MOST_BYTES:
            return Page(url, response.status, headers, error="size", certificate=certificate)
        return Page(url, response.status, headers, data, certificate=certificate)
    finally:
        response.close()


def _read(response: http.client.HTTPResponse, seconds: float) -> bytes:
    """At most one byte too many, within the patience: a slow drip is a timeout too."""
    until, data = time.monotonic() + seconds, b""
    while len(data) <= MOST_BYTES and (chunk := response.read1(min(8192, MOST_BYTES + 1 - len(data)))):
        data += chunk
        if time.monotonic() > until:
            raise TimeoutError
    return data
