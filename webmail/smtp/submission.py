"""Submission with the writer's own address and password. RFC 6409, 4954, 3207, 8314."""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postie_web.lib import proxy_protocol
from postie_web.lib.credentials import Credentials

from . import errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where letters are handed in. `security` is tls, starttls or none (none only on this machine)."""

    host: str
    port: int
    security: str = "starttls"
    ca_file: str = ""
    server_name: str = ""  # the name in its certificate, when we reach it by another
    proxy_protocol: bool = False
    timeout: float = 60.0  # of every single answer


def send(
    server: Server, credentials: Credentials, recipients: Sequence[str], message: bytes, *, utf8: bool = False
) -> None:
    """To all or to nobody: when one recipient is refused, nothing is sent and Refused says who and why."""
    with _session(server, credentials) as smtp:
        options = _options(smtp, message, utf8=utf8)
        code, reply = smtp.mail(credentials.address, options)
        if code != 250:
            raise _no(code, reply)
        refused = {}
        for recipient in recipients:
            code, reply = smtp.rcpt(recipient)
            if code not in (250, 251):
                refused[recipient] = _words(reply)
        if refused:
            smtp.rset()
            raise errors.Refused(refused)
        _data(smtp, message)


def _options(smtp: smtplib.SMTP, message: bytes, *, utf8: bool) -> list[str]:
    options = []
    if smtp.has_extn("size"):
        limit = smtp.esmtp_features.get("size", "")
        if limit.isdigit() and 0 < int(limit) < len(message):
            raise errors.Rejected(f"552 {int(limit)} octets are the most this server takes.")
        options.append(f"SIZE={len(message)}")
    if not message.isascii() and smtp.has_extn("8bitmime"):
        options.append("BODY=8BITMIME")
    if utf8:
        if not smtp.has_extn("smtputf8"):
            raise errors.Rejected("The server does not know addresses with such letters (SMTPUTF8).")
        options.append("SMTPUTF8")
        smtp.command_encoding = "utf-8"
    return options


def _data(smtp: smtplib.SMTP, message: bytes) -> None:
    try:
        code, reply = smtp.data(message)
    except smtplib.SMTPDataError as error:
        raise _no(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        # RFC 5321, 6.1: after the final dot a lost answer says nothing either way.
        raise errors.Uncertain("The connection was lost while the letter was handed over.") from error
    if code != 250:
        raise _no(code, reply)


@contextlib.contextmanager
def _session(server: Server, credentials: Credentials) -> Iterator[smtplib.SMTP]:
    try:
        smtp = _open(server, credentials)
        try:
            yield smtp
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code // 100 == 4:
            raise errors.Unavailable("The mail server cannot check the password now.") from error
        raise errors.Unauthorized("The mail server refuses this address and password.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise errors.Unavailable("The mail server cannot be reached.") from error


def _open(server: Server, credentials: Credentials) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=server.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    smtp = _Connection(server, credentials.client_address, context)
    try:
        smtp.connect(server.host, server.port)
        smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            smtp.starttls(context=context)
            smtp.ehlo()
        smtp.user, smtp.password = credentials.address, credentials.password
        smtp.auth("PLAIN", smtp.auth_plain)
    except BaseException:
        smtp.close()
        raise
    return smtp


class _Connection(smtplib.SMTP):
    """Says first who is calling (PROXY), and checks the name in the certificate that we were told."""

    def __init__(self, server: Server, visitor: str, context: ssl.SSLContext) -> None:
        self._server, self._visitor, self._tls = server, visitor, context
        # The name we greet with says nothing of the machine (RFC 5321, 4.1.3).
        super().__init__(local_hostname="[127.0.0.1]", timeout=server.timeout)
        self._host = server.server_name or server.host  # what starttls() verifies

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = socket.create_connection((host, port), timeout)
        if self._server.proxy_protocol:
            sock.sendall(proxy_protocol.header(self._visitor, sock.getpeername()[0], 0, port))
        if self._server.security != "tls":
            return sock
        try:
            return self._tls.wrap_socket(sock, server_hostname=self._host)
        except BaseException:
            sock.close()
            raise


def _no(code: int, reply: bytes | str) -> errors.SmtpError:
    words = _words(reply)
    return errors.Unavailable(words) if code // 100 == 4 else errors.Rejected(f"{code} {words}")


def _words(reply: bytes | str) -> str:
    if isinstance(reply, str):
        return reply[:300]
    return " ".join(reply.decode("utf-8", "replace").split())[:300]
