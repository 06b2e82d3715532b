"""From a host name to a signed-in connection: TCP, PROXY header, TLS or STARTTLS, AUTHENTICATE."""

import base64
import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

from postie_web.lib import proxy_protocol
from postie_web.lib.credentials import Credentials

from . import errors
from .answers import Answer
from .connection import Connection
from .wire import Atom


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where the mail is. `security` is tls, starttls or none (none only for a server on this machine)."""

    host: str
    port: int
    security: str = "tls"
    ca_file: str = ""
    server_name: str = ""  # the name in its certificate, when we reach it by another
    proxy_protocol: bool = False
    timeout: float = 30.0  # of every single read


def open_connection(server: Server, credentials: Credentials) -> Connection:
    """A connection that is signed in and knows what its server can do."""
    try:
        client = _Client(server, credentials.client_address)
        connection = Connection(client.plain_socket(), client.plain_file())
        connection.account = f"{server.host}:{server.port}/{credentials.address.lower()}"
    except (OSError, ssl.SSLError, imaplib.IMAP4.error, IMAPClientError, EOFError) as error:
        raise errors.Unavailable("The mail server cannot be reached.") from error
    try:
        _sign_in(connection, credentials)
    except BaseException:
        connection.close()
        raise
    return connection


class _Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types
    """imapclient as far as the greeting and TLS: it does these well."""

    def __init__(self, server: Server, client_address: str) -> None:
        self._server = server
        self._visitor = client_address
        context = tls_context(server)
        super().__init__(
            server.host,
            server.port,
            use_uid=True,
            ssl=server.security == "tls",
            ssl_context=context,
            timeout=server.timeout,
        )
        if server.security == "starttls":
            self.host = server.server_name or server.host  # what the certificate is checked against
            self.starttls(context)

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - imapclient's name
        door = _TlsDoor if self.ssl else _PlainDoor
        return door(self._server, self._visitor, self.ssl_context)

    def plain_socket(self) -> socket.socket:
        """The socket behind imaplib, without Nagle: our commands are small and wait for answers."""
        sock: socket.socket = self._imap.sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return sock

    def plain_file(self) -> BinaryIO:
        """A fresh reader: what came before TLS or before our first command must not count as an answer."""
        self._imap.file.close()
        return cast(BinaryIO, self.plain_socket().makefile("rb", buffering=65536))


class _PlainDoor(IMAP4WithTimeout):  # type: ignore[misc]
    def __init__(self, server: Server, visitor: str, _context: ssl.SSLContext) -> None:
        self._server = server
        self._visitor = visitor
        with _closing_on_failure(self):
            super().__init__(server.host, server.port, server.timeout)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return _connect(self._server, self._visitor)


class _TlsDoor(IMAP4_TLS):  # type: ignore[misc]
    def __init__(self, server: Server, visitor: str, context: ssl.SSLContext) -> None:
        self._server = server
        self._visitor = visitor
        with _closing_on_failure(self):
            super().__init__(server.host, server.port, context, server.timeout)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        sock = _connect(self._server, self._visitor)
        try:
            name = self._server.server_name or self._server.host
            return cast(socket.socket, self.ssl_context.wrap_socket(sock, server_hostname=name))
        except BaseException:
            sock.close()
            raise


@contextmanager
def _closing_on_failure(door: imaplib.IMAP4) -> Iterator[None]:
    """imaplib leaves its socket open when the greeting fails."""
    try:
        yield
    except BaseException:
        for thing in (getattr(door, "file", None), getattr(door, "sock", None)):
            if thing is not None:
                thing.close()
        raise


def _connect(server: Server, visitor: str) -> socket.socket:
    sock = socket.create_connection((server.host, server.port), timeout=server.timeout)
    if server.proxy_protocol:
        sock.sendall(proxy_protocol.header(visitor, sock.getpeername()[0], 0, server.port))
    return sock


def tls_context(server: Server) -> ssl.SSLContext:
    """Whom we trust. Reading the system's store takes 15 ms and more, so it is read once; a file of the
    server's own is read again when it was renewed."""
    return _trusting(server.ca_file, Path(server.ca_file).stat().st_mtime_ns if server.ca_file else 0)


@lru_cache(maxsize=8)
def _trusting(ca_file: str, _renewed: int) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _sign_in(connection: Connection, credentials: Credentials) -> None:
    connection.run(Atom("CAPABILITY"))
    if "\0" in credentials.address + credentials.password or not credentials.password:
        raise errors.Unauthorized("The address or password cannot be right.")
    try:
        _authenticate(connection, credentials)
    except errors.Rejected as error:
        if "connections" in error.reason.lower() or error.code == "LIMIT":
            raise errors.TooMany("Too many connections to this mailbox.") from error
        raise errors.Unauthorized("The mail server refuses this address and password.") from error
    connection.run(Atom("CAPABILITY"))
    _enable(connection)
    if connection.has("ID"):
        connection.product = _product(connection.run(Atom("ID"), ["name", "Postie"]))


def _authenticate(connection: Connection, credentials: Credentials) -> None:
    # RFC 4616 in base64: no character of a password can become a command, and UTF-8 is allowed.
    token = f"\0{credentials.address}\0{credentials.password}".encode()
    if connection.has("AUTH=PLAIN") and connection.has("SASL-IR"):
        connection.run_secret(b"AUTHENTICATE PLAIN " + base64.b64encode(token))
    elif connection.has("AUTH=PLAIN"):
        connection.run_secret(b"AUTHENTICATE PLAIN", base64.b64encode(token))
    elif connection.has("LOGINDISABLED"):
        raise errors.Unavailable("The mail server wants an encrypted connection.")
    else:
        connection.run(Atom("LOGIN"), credentials.address, credentials.password)


def _product(answer: Answer) -> str:
    """RFC 2971: the server's name; Dovecot can do more than it says (X-GUID, INTHREAD)."""
    found = answer.named("ID")
    pairs = found[0].data[0] if found and found[0].data and isinstance(found[0].data[0], list) else []
    name = dict(zip(pairs[::2], pairs[1::2], strict=False)).get(b"name")
    return name.decode("utf-8", "replace").lower() if isinstance(name, bytes) else ""


def _enable(connection: Connection) -> None:
    """CONDSTORE answers MODSEQ; QRESYNC's VANISHED only helps those who keep a mirror."""
    wanted = [Atom(word) for word in ("CONDSTORE",) if connection.has(word) and connection.has("ENABLE")]
    if wanted:
        connection.run(Atom("ENABLE"), *wanted)
