"""One letter through submission back into the INBOX: the only probe that does what people do."""

import imaplib
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from postie_web.lib import proxy_protocol

MARK = "X-Postie-Canary"
TOKEN = re.compile(rb"X-Postie-Canary:\s*([0-9a-f]{32})", re.IGNORECASE)
MOST = 50  # letters looked at in a folder; its own are always the newest
PAUSE = 0.3
UNSOLICITED_JUNK = "Junk"


class Failed(Exception):
    """Where the way ended: a code of words.py, and what the server said (one line, ours to show)."""

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(code)
        self.code, self.said = code, " ".join(said.split())[:200]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Submission or IMAP. `security`: tls, starttls or none. `timeout`: seconds, for every answer."""

    host: str
    port: int
    security: str
    ca_file: str = ""
    server_name: str = ""
    proxied: bool = False
    timeout: float = 15.0

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file or None)

    def connect(self) -> socket.socket:
        sock = socket.create_connection((self.host, self.port), timeout=self.timeout)
        if self.proxied:
            sock.sendall(proxy_protocol.header("", ""))
        if self.security == "tls":
            return self.context().wrap_socket(sock, server_hostname=self.server_name or self.host)
        return sock


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    address: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """One letter of ours: where it lies, when the server stored it, all of its octets."""

    token: str
    folder: str
    stored: datetime | None
    raw: bytes = b""


def letter(account: Account, token: str, now: datetime, to: str = "") -> bytes:
    """`token`: 32 hexadecimal digits, new for each. `to`: else to itself."""
    found = EmailMessage()
    found["From"], found["To"] = account.address, to or account.address
    found["Subject"] = "Postie canary"
    found["Date"] = format_datetime(now)
    found["Message-ID"] = f"<canary.{token}@{account.address.rpartition('@')[2]}>"
    found["Auto-Submitted"] = "auto-generated"
    found[MARK] = token
    found.set_content("Postie sent this letter to see that mail works, and takes it away again.\n")
    return found.as_bytes()


def submit(door: Door, account: Account, message: bytes, to: str = "") -> None:
    """Raises Failed."""
    try:
        smtp = _Smtp(door)
    except (OSError, smtplib.SMTPException) as error:
        raise Failed("canary.no_submission", _words(error)) from None
    try:
        _hand_in(smtp, door, account, (to or account.address, message))
    finally:
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()


def _hand_in(smtp: smtplib.SMTP, door: Door, account: Account, letter: tuple[str, bytes]) -> None:
    try:
        if door.security == "starttls":
            smtp.starttls(context=door.context())
        smtp.login(account.address, account.password)
    except smtplib.SMTPAuthenticationError as error:
        raise Failed(_later(error.smtp_code) or "canary.no_login", _words(error)) from None
    except smtplib.SMTPResponseException as error:
        raise Failed(_later(error.smtp_code) or "canary.no_submission", _words(error)) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Failed("canary.no_submission", _words(error)) from None
    try:
        smtp.sendmail(account.address, [letter[0]], letter[1])
    except smtplib.SMTPResponseException as error:
        raise Failed(_later(error.smtp_code) or "canary.refused", _words(error)) from None
    except smtplib.SMTPRecipientsRefused as refused:
        code, reply = next(iter(refused.recipients.values()))
        said = f"{code} {reply.decode('utf-8', 'replace')}"
        raise Failed(_later(code) or "canary.refused", said) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Failed("canary.no_submission", _words(error)) from None


def _later(code: int) -> str:
    return "canary.deferred" if code // 100 == 4 else ""


def wait(door: Door, account: Account, token: str, seconds: float) -> Found:
    """The letter, as soon as IMAP shows it. Raises Failed("canary.missing") when it does not in time."""
    deadline = time.monotonic() + seconds
    with reading(door, account) as imap:
        while True:
            for folder in ("INBOX", UNSOLICITED_JUNK):
                for number, known, stored in _ours(imap, folder):
                    if known == token:
                        return Found(token, folder, stored, _whole(imap, number))
            if time.monotonic() >= deadline:
                raise Failed("canary.missing")
            time.sleep(PAUSE)


def sweep(door: Door, account: Account) -> list[Found]:
    """Takes every trace of ours away, and says what lay there: also what came too late to be waited for."""
    swept = []
    with reading(door, account) as imap:
        for folder in ("INBOX", UNSOLICITED_JUNK, "Sent", "Trash"):
            numbers = []
            for number, token, stored in _ours(imap, folder, readonly=False):
                swept.append(Found(token, folder, stored))
                numbers.append(number.decode())
            if numbers:
                imap.uid("STORE", ",".join(numbers), "+FLAGS.SILENT", r"(\Deleted)")
                imap.expunge()
    return swept


@contextmanager
def reading(door: Door, account: Account) -> Iterator[imaplib.IMAP4]:
    """Signed in. Whatever IMAP does wrong inside becomes Failed("canary.no_imap")."""
    try:
        imap = _Imap(door)
        try:
            if door.security == "starttls":
                imap.starttls(door.context())
            imap.login(account.address, account.password)
            yield imap
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                imap.logout()
            with suppress(OSError):
                imap.shutdown()
    except (imaplib.IMAP4.error, OSError) as error:
        raise Failed("canary.no_imap", _words(error)) from None


def _ours(
    imap: imaplib.IMAP4, folder: str, *, readonly: bool = True
) -> list[tuple[bytes, str, datetime | None]]:
    """(UID, token, INTERNALDATE) of our letters, newest last; a folder that is not there has none."""
    if imap.select(folder, readonly=readonly)[0] != "OK":
        return []
    numbers = (imap.uid("SEARCH", "ALL")[1][0] or b"").split()[-MOST:]
    if not numbers:
        return []
    wanted = f"(UID INTERNALDATE BODY.PEEK[HEADER.FIELDS ({MARK})])"
    answers = imap.uid("FETCH", b",".join(numbers).decode(), wanted)[1]
    found = []
    for answer in answers:
        if not isinstance(answer, tuple):
            continue
        uid, token = re.search(rb"UID (\d+)", answer[0]), TOKEN.search(answer[1])
        if uid and token:
            found.append((uid[1], token[1].decode(), _stored(answer[0])))
    return found


def _stored(head: bytes) -> datetime | None:
    told = re.search(rb'INTERNALDATE "([^"]+)"', head)
    try:
        return datetime.strptime(told[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z") if told else None
    except ValueError:
        return None


def _whole(imap: imaplib.IMAP4, number: bytes) -> bytes:
    answer = imap.uid("FETCH", number.decode(), "(BODY.PEEK[])")[1]
    return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), b"")


class _Smtp(smtplib.SMTP):
    def __init__(self, door: Door) -> None:
        self._door = door
        super().__init__(door.host, door.port, local_hostname="canary.invalid", timeout=door.timeout)
        self._host = door.server_name or door.host  # the name STARTTLS expects in the certificate

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._door.connect()


class _Imap(imaplib.IMAP4):
    def __init__(self, door: Door) -> None:
        self._door = door
        super().__init__(door.host, door.port, door.timeout)
        self.host = door.server_name or door.host

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._door.connect()


def _words(error: Exception) -> str:
    """What the server said; for anything else only its kind."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    if isinstance(error, imaplib.IMAP4.error) and error.args and isinstance(error.args[0], bytes):
        return error.args[0].decode("utf-8", "replace")
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return type(error).__name__
