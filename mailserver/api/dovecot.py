"""Dovecot's own doors: the doveadm HTTP API for usage and caches, ManageSieve for scripts."""

import base64
import contextlib
import http.client
import json
import re
import socket
from typing import Any

TIMEOUT = 5


class DovecotAway(Exception):
    """Dovecot did not answer, or not as it should."""


class Refused(Exception):
    """The Sieve script does not compile; the sentence is Pigeonhole's."""


class Dovecot:
    """Blocking; the API calls it in a thread."""

    def __init__(self, http_port: int, sieve_port: int, key: str, master_password: str):
        self.http_port, self.sieve_port = http_port, sieve_port
        self._key = base64.b64encode(key.encode()).decode()
        self._master_password = master_password

    def usage(self, address: str) -> tuple[int, int]:
        """(bytes, messages) a mailbox holds. Raises DovecotAway."""
        found = {row.get("type"): int(row.get("value") or 0) for row in self._call("quotaGet", user=address)}
        return found.get("STORAGE", 0) * 1024, found.get("MESSAGE", 0)

    def refresh(self, address: str) -> None:
        """After a change of limits: the next look at the mailbox sees them."""
        self._call("authCacheFlush", user=[address])

    def forget(self, address: str) -> None:
        """After a change of password or a suspension: no cached yes, no open session."""
        self.refresh(address)
        self._kick(address)

    def forget_domain(self, name: str) -> None:
        """The same for everybody of a domain."""
        self._call("authCacheFlush")
        self._kick(f"*@{name}")

    def _kick(self, mask: str) -> None:
        with contextlib.suppress(
            DovecotAway
        ):  # nobody of that name is connected: doveadm calls that an error
            self._call("kick", mask=[mask])

    def _call(self, command: str, **parameters: Any) -> list[dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=TIMEOUT)
        headers = {"Authorization": f"X-Dovecot-API {self._key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/doveadm/v1", json.dumps([[command, parameters, "postie"]]), headers)
            answer = json.loads(connection.getresponse().read(10_000_000))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise DovecotAway(str(error)) from error
        finally:
            connection.close()
        kind, result, *_ = answer[0]
        if kind != "doveadmResponse":
            raise DovecotAway(str(result))
        return list(result)

    def script(self, address: str) -> str:
        with Sieve(self.sieve_port, address, self._master_password) as sieve:
            return sieve.active()

    def set_script(self, address: str, script: str) -> None:
        """Compile, store and use it; the empty script switches filtering off. Raises Refused."""
        with Sieve(self.sieve_port, address, self._master_password) as sieve:
            sieve.activate(script)


class Sieve:
    """ManageSieve (RFC 5804) as the mailbox' owner, by the master password; loopback counts as secured."""

    name = "postie"

    def __init__(self, port: int, address: str, password: str):
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
            self._file = self._socket.makefile("rb")
            self._answer()
        except OSError as error:
            raise DovecotAway(str(error)) from error
        token = base64.b64encode(f"\0{address}*postie\0{password}".encode()).decode()
        try:
            self._say(f'AUTHENTICATE "PLAIN" "{token}"'.encode())
        except Refused as error:
            raise DovecotAway("Sieve sign-in refused") from error

    def __enter__(self) -> "Sieve":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()

    def active(self) -> str:
        listed = re.search(rb'"((?:[^"\\]|\\.)*)" ACTIVE', self._say(b"LISTSCRIPTS"), re.IGNORECASE)
        if not listed:
            return ""
        answer = self._say(b'GETSCRIPT "%s"' % listed[1])
        return re.sub(rb"^\{\d+\}\r\n", b"", answer).decode("utf-8", "replace").removesuffix("\r\n")

    def activate(self, script: str) -> None:
        if script.strip():
            raw = script.encode()
            self._say(b'PUTSCRIPT "%s" {%d+}\r\n%s' % (self.name.encode(), len(raw), raw))
            self._say(b'SETACTIVE "%s"' % self.name.encode())
        else:
            self._say(b'SETACTIVE ""')

    def _say(self, command: bytes) -> bytes:
        try:
            self._socket.sendall(command + b"\r\n")
            return self._answer()
        except OSError as error:
            raise DovecotAway(str(error)) from error

    def _answer(self) -> bytes:
        """What stands before the final OK. Raises Refused with the words after NO."""
        said = b""
        while len(said) < 2_000_000:
            line = self._file.readline(100_000)
            literal = re.search(rb"\{(\d+)\+?\}\r?\n$", line)
            extra = self._file.read(min(int(literal[1]), 2_000_000)) if literal else b""
            if re.match(rb"(OK|NO|BYE)\b", line, re.IGNORECASE):
                if line[:2].upper() == b"OK":
                    return said
                words = extra or line[2:].strip().strip(b'"')
                raise Refused(words.decode("utf-8", "replace")[:2000])
            if not line:
                raise DovecotAway("ManageSieve closed the connection")
            said += line + extra
        raise DovecotAway("ManageSieve said too much")
