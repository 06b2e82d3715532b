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
class Web:
    """`authorities` (PEM) and `ports` exist for tests and for a private certificate authority.

    `closed`: nothing is fetched, every page is one that could not be measured.
    """

    authorities: str = ""
    ports: Mapping[int, int] = field(default_factory=dict)
    closed: bool = False

    def fetch(self, url: str, network: Network, *, post: bytes | None = None, host_address: str = "") -> Page:
        if self.closed:
            return Page(url, error="unmeasured", detail="closed")
        parts = urlsplit(url)
        host = parts.hostname or ""
        try:
            addresses = [host_address] if host_address else [str(ip) for ip in network.addresses(host)]
        except LookupFailed as failed:
            return Page(url, error="unmeasured", detail=failed.answer.reason)
        if not addresses:
            return Page(url, error="dns", detail=host)
        page = Page(url, error="dns")
        for ip in addresses[:3]:
            page = self._fetch(url, ip, post)
            if page.status:
                break
        return page

    def _fetch(self, url: str, ip: Address | str, post: bytes | None) -> Page:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        try:
            with socket.create_connection((str(ip), self.ports.get(port, port)), timeout=PATIENCE) as raw:
                if not secure:
                    return _talk(raw, url, post)
                with self._context().wrap_socket(raw, server_hostname=parts.hostname) as tls:
                    return _talk(tls, url, post, tls.getpeercert(binary_form=True) or b"")
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


def _talk(stream: socket.socket, url: str, post: bytes | None, certificate: bytes = b"") -> Page:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    method, body = ("GET", b"") if post is None else ("POST", post)
    head = f"{method} {path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: Postie\r\nAccept: */*\r\n"
    if post is not None:
        head += f"Content-Type: text/xml; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    stream.sendall(head.encode("ascii") + b"Connection: close\r\n\r\n" + body)
    response = http.client.HTTPResponse(stream, method=method)
    try:
        response.begin()
        data = _read(response)
        headers = {name.lower(): value for name, value in response.getheaders()}
        if len(data) > MOST_BYTES:
            return Page(url, response.status, headers, error="size", certificate=certificate)
        return Page(url, response.status, headers, data, certificate=certificate)
    finally:
        response.close()


def _read(response: http.client.HTTPResponse) -> bytes:
    """At most one byte too many, within the patience: a slow drip is a timeout too."""
    until, data = time.monotonic() + PATIENCE, b""
    while len(data) <= MOST_BYTES and (chunk := response.read1(min(8192, MOST_BYTES + 1 - len(data)))):
        data += chunk
        if time.monotonic() > until:
            raise TimeoutError
    return data
