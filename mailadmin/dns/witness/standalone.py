"""A witness by itself, on a machine without the rest of Postie running: manage.py witness."""

import socket
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from .host import Host
from .protocol import MOST_BYTES

PATH = "/.well-known/postie-witness"
PATIENCE = 10  # seconds a caller may take to say what it wants


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 16


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is its base's
        """Who asked is nobody's business."""


def application(host: Host) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """WSGI. The caller is who holds the connection: no header says otherwise."""

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        status, body = 404, b"{}"
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "POST":
            length = environ.get("CONTENT_LENGTH") or ""
            size = min(int(length), MOST_BYTES + 1) if length.isdigit() else 0
            status, body = host.answer(environ["wsgi.input"].read(size), environ.get("REMOTE_ADDR", ""))
        start(f"{status} -", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return app


def server(host: Host, ip: str, port: int) -> WSGIServer:
    kind = _Server6 if ":" in ip else _Server
    return make_server(ip, port, application(host), kind, _Handler)
