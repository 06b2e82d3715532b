"""Small mail servers on loopback that answer as told: the broken partners. Real sockets, real TLS."""

import contextlib
import datetime
import ipaddress
import re
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from mailadmin.dns.doors import Doors
from tests.mailadmin.dns.partners import NOW, Paper

HOST = "mail.zoo.test"
OURS = "203.0.113.10"
EHLO = ("STARTTLS", "SIZE 1000", "8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES", "SMTPUTF8")


class Loopback(Paper):
    """Written-down DNS, real connections: our public address is 127.0.0.1, its ports are where they are."""

    def __init__(
        self, records=None, *, ports: Mapping[int, int], authorities="", stranger=True, now=NOW
    ) -> None:
        base = {(HOST, "A"): [OURS], ("d.test", "MX"): [f"10 {HOST}."]}
        super().__init__(base | (records or {}), now=now)
        closed = dict.fromkeys((25, 465, 587, 993, 143, 995, 110, 4190), 1)
        self.doors = Doors({OURS: "127.0.0.1"}, closed | dict(ports), authorities, stranger, patience=3.0)

    def connect(self, ip: str, port: int) -> socket.socket:
        return self.doors.open(ip, port)

    def is_stranger(self, own: str) -> bool:
        return bool(self.doors.stranger)

    @property
    def authorities(self) -> str:
        return self.doors.authorities


Conversation = Callable[[socket.socket], None]


@contextlib.contextmanager
def serve(conversation: Conversation) -> Iterator[int]:
    """One thread for each connection; ends with the block. Gives the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def one(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, ValueError):
            connection.settimeout(10)
            conversation(connection)

    def accept() -> None:
        while not stopping.is_set():
            with contextlib.suppress(OSError):
                threading.Thread(target=one, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        stopping.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


@dataclass
class Smtp:
    """`answers`: pattern → reply for a command, tried before the ordinary ones. `heard`: what was said."""

    greeting: str = f"220 {HOST} ESMTP"
    name: str = HOST
    ehlo: tuple[str, ...] = EHLO
    context: ssl.SSLContext | None = None
    wrapped: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    heard: list[str] = field(default_factory=list)

    def __call__(self, connection: socket.socket) -> None:
        if self.wrapped and self.context:
            with self.context.wrap_socket(connection, server_side=True) as tls:
                self.converse(tls)
        else:
            self.converse(connection)

    def converse(self, connection: socket.socket) -> None:
        time.sleep(self.wait)
        say(connection, self.greeting)
        for line in lines(connection):
            self.heard.append(line)
            reply = self.reply(line)
            say(connection, reply)
            if line.upper() == "STARTTLS" and reply.startswith("220") and self.context:
                self.upgrade(connection)
                return

    def upgrade(self, connection: socket.socket) -> None:
        assert self.context
        with self.context.wrap_socket(connection, server_side=True) as tls:
            for line in lines(tls):
                self.heard.append(line)
                say(tls, self.reply(line))

    def reply(self, line: str) -> str:
        for pattern, reply in self.answers.items():
            if re.match(pattern, line, re.IGNORECASE):
                return reply
        word = line.split(" ")[0].upper()
        if word == "EHLO":
            offered = (self.name, *self.ehlo)
            return "\r\n".join(f"250{'-' if n < len(offered) - 1 else ' '}{w}" for n, w in enumerate(offered))
        ordinary = {"MAIL": "250 ok", "RSET": "250 ok", "STARTTLS": "220 go", "QUIT": "221 bye"}
        ordinary |= {"RCPT": "550 5.1.1 no such user", "VRFY": "252 maybe", "EXPN": "502 no"}
        return ordinary.get(word, "500 what")


@dataclass
class Imap:
    capabilities: str = "IMAP4rev1 STARTTLS LOGINDISABLED"
    inside: str = "IMAP4rev1 IDLE QUOTA SPECIAL-USE"
    context: ssl.SSLContext | None = None
    wrapped: bool = False
    login: str = "OK in"
    wait: float = 0.0

    def __call__(self, connection: socket.socket) -> None:
        if self.wrapped and self.context:
            with self.context.wrap_socket(connection, server_side=True) as tls:
                say(tls, "* OK ready")
                self.converse(tls)
        else:
            say(connection, "* OK ready")
            self.converse(connection)

    def converse(self, connection: socket.socket) -> None:
        signed_in = False
        for line in lines(connection):
            tag, command = line.split(" ")[:2]
            if command.upper() == "CAPABILITY":
                say(connection, f"* CAPABILITY {self.inside if signed_in else self.capabilities}\r\n{tag} OK")
            elif command.upper() == "LOGIN":
                time.sleep(self.wait)
                signed_in = True
                say(connection, f"{tag} {self.login}")
            elif command.upper() == "STARTTLS" and self.context:
                say(connection, f"{tag} OK go")
                with self.context.wrap_socket(connection, server_side=True) as tls:
                    self.converse(tls)
                return
            else:
                say(connection, f"{tag} OK")


def say(connection: socket.socket, text: str) -> None:
    connection.sendall(text.encode() + b"\r\n")


def lines(connection: socket.socket) -> Iterator[str]:
    rest = b""
    while True:
        while b"\r\n" not in rest:
            data = connection.recv(4096)
            if not data:
                return
            rest += data
        line, _, rest = rest.partition(b"\r\n")
        yield line.decode("utf-8", "replace")


# Certificates


@dataclass
class Authority:
    """A certificate authority of our own, with an intermediate one."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="postie-ca-")))

    def __post_init__(self) -> None:
        self.root_key, self.middle_key = (
            ec.generate_private_key(ec.SECP256R1()),
            ec.generate_private_key(ec.SECP256R1()),
        )
        self.root = self._issue("Root", self.root_key, "Root", self.root_key, ca=True)
        self.middle = self._issue("Middle", self.middle_key, "Root", self.root_key, ca=True)
        self.file = self.folder / "root.pem"
        self.file.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))

    def _issue(self, name, key, issuer, signer, *, ca=False, names=(), days=(-1, 3650), hashed=None):
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=min(days) - 60))
            .not_valid_after(now + datetime.timedelta(days=days[1], hours=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), True)
        )
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False
            )
        return builder.sign(signer, hashed or hashes.SHA256())

    def context(
        self,
        *,
        names=(HOST,),
        days=3650,
        key=None,
        whole=True,
        alone=False,
        old=False,
        ciphers="",
        newest=None,
    ) -> tuple[ssl.SSLContext, list[bytes]]:
        """(context, the chain it sends as DER). `alone`: self-signed; `whole`: with the intermediate."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        if alone:
            leaf = self._issue(names[0], key, names[0], key, names=names, days=(-1, days), ca=True)
        else:
            leaf = self._issue(names[0], key, "Middle", self.middle_key, names=names, days=(-1, days))
        chain = [leaf] if alone or not whole else [leaf, self.middle]
        path = self.folder / f"{leaf.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + b"".join(cert.public_bytes(serialization.Encoding.PEM) for cert in chain)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(ciphers or ("ALL:eNULL:@SECLEVEL=0" if old else "ECDHE+AESGCM:@SECLEVEL=0"))
        if not old:
            context.minimum_version = ssl.TLSVersion.TLSv1_2
        else:
            context.options &= ~ssl.OP_NO_TLSv1 & ~ssl.OP_NO_TLSv1_1
            _allow_old(context)
        if newest:
            context.maximum_version = newest
        context.load_cert_chain(path)
        return context, [cert.public_bytes(serialization.Encoding.DER) for cert in chain]


def _allow_old(context: ssl.SSLContext) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1


def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


LOCAL = ipaddress.ip_address("127.0.0.1")
