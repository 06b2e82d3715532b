"""The world outside, inside this machine: strangers' domains in our root zone, their keys, their addresses.

Clients come from TEST-NET addresses (RFC 5737) through the PROXY twins.
"""

import base64
import smtplib
import socket
import struct
import subprocess
import time
import uuid
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailserver import zone
from tests.stack import Stack

# domain → its server's address, SPF, DMARC
STRANGERS = {
    "sender.test": ("198.51.100.10", "v=spf1 ip4:198.51.100.10 -all", "v=DMARC1; p=reject"),
    "bank.test": ("198.51.100.20", "v=spf1 ip4:198.51.100.20 -all", "v=DMARC1; p=reject"),
    "shop.test": ("198.51.100.30", "v=spf1 ip4:198.51.100.30 ~all", "v=DMARC1; p=quarantine"),
    "plain.test": ("198.51.100.40", "", ""),
}
EXTRA = """\
66.100.51.198.dnsbl.test. 60 IN A 127.0.0.2
67.100.51.198.reputation.test. 60 IN A 127.0.0.2
"""


class Outside:
    def __init__(self, stack: Stack) -> None:
        self.stack, self.keys, self.records = stack, {}, [EXTRA]
        for number in range(10, 100):
            host = f"host{number}.test."
            self.records.append(f"{number}.100.51.198.in-addr.arpa. 60 IN PTR {host}\n")
            self.records.append(f"{host} 60 IN A 198.51.100.{number}\n")
        for domain, (address, spf, dmarc) in STRANGERS.items():
            self._add_stranger(domain, address, spf, dmarc)
        self.publish()

    keys: dict[str, bytes]

    def _add_stranger(self, domain: str, address: str, spf: str, dmarc: str) -> None:
        self.records.append(f"{domain}. 60 IN MX 10 mx.{domain}.\nmx.{domain}. 60 IN A {address}\n")
        self.records.append(f"{domain}. 60 IN A {address}\n")
        if spf:
            self.records.append(txt(domain, spf))
        if dmarc:
            self.records.append(txt(f"_dmarc.{domain}", dmarc))
        key = rsa.generate_private_key(65537, 2048)
        self.keys[domain] = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.records.append(
            txt(f"s1._domainkey.{domain}", f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}")
        )

    def add(self, *records: str) -> None:
        self.records += [record + "\n" for record in records]
        self.publish()

    def publish(self) -> None:
        root = self.stack.root
        (root / "data/unbound/zones/outside.zone").write_text("".join(self.records))
        zone.write(self.stack.site, serial=int(time.time() * 10) % 2**31)
        control = ["unbound-control", "-c", str(root / "etc/unbound/unbound.conf")]
        subprocess.run([*control, "auth_zone_reload", "."], check=True, capture_output=True, timeout=10)
        subprocess.run([*control, "flush_zone", "."], check=True, capture_output=True, timeout=10)

    def signed(self, raw: bytes, domain: str) -> bytes:
        headers = [b"from", b"to", b"subject", b"date", b"message-id"]
        return bytes(dkim.sign(raw, b"s1", domain.encode(), self.keys[domain], include_headers=headers)) + raw


def txt(name: str, value: str) -> str:
    pieces = " ".join(f'"{value[start : start + 250]}"' for start in range(0, len(value), 250))
    return f"{name}. 60 IN TXT {pieces}\n"


def letter(sender: str, to: str, subject: str = "Almuerzo", body: str = "", **headers: str) -> bytes:
    """No two alike: greylisting remembers bodies."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = formatdate(time.time())
    message["Message-ID"] = f"<{uuid.uuid4()}@{sender.rpartition('@')[2].rstrip('>')}>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(f"{body or 'Vienes el viernes a almorzar?'}\nRef {uuid.uuid4().hex}\n")
    return message.as_bytes().replace(b"\n", b"\r\n")


def proxy_header(address: str) -> bytes:
    """PROXY protocol v2, TCP over IPv4."""
    addresses = socket.inet_aton(address) + socket.inet_aton("192.0.2.1") + struct.pack("!HH", 40000, 25)
    return b"\r\n\r\n\x00\r\nQUIT\n\x21\x11" + struct.pack("!H", len(addresses)) + addresses


class Proxied(smtplib.SMTP):
    """An SMTP client that seems to come from `address`."""

    def __init__(self, port: int, address: str, hello: str = "mx.sender.test") -> None:
        self.address = address
        super().__init__("localhost", port, local_hostname=hello, timeout=60)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", port), timeout)
        connection.sendall(proxy_header(self.address))
        return connection


def knock(stack: Stack, raw: bytes, sender: str, to: str, address: str = "198.51.100.10") -> tuple[int, str]:
    """One try on port 25 as a stranger: the code and words of the first refusal, or of the end of DATA."""
    try:
        with Proxied(stack.ports["smtp_proxy"], address) as smtp:
            smtp.ehlo()
            for ask in (lambda: smtp.mail(sender), lambda: smtp.rcpt(to), lambda: smtp.data(raw)):
                code, words = ask()
                if code >= 400:
                    break
            return code, words.decode()
    except smtplib.SMTPResponseException as error:
        told = error.smtp_error
        return error.smtp_code, told.decode() if isinstance(told, bytes) else told
    except smtplib.SMTPServerDisconnected as error:
        return 0, str(error)


def insist(stack: Stack, raw: bytes, sender: str, to: str, address: str = "198.51.100.10") -> tuple[int, str]:
    """As a real server: tries again while the answer is "later"."""
    deadline = time.monotonic() + 30
    while True:
        code, words = knock(stack, raw, sender, to, address)
        if not 400 <= code < 500 or time.monotonic() > deadline:
            return code, words
        time.sleep(0.5)


def resolver(records: list[str]) -> Any:
    """What dkimpy asks for TXT records: answered from our own zone pieces, or a key given by hand."""
    texts: dict[str, bytes] = {}
    for record in "".join(records).splitlines():
        name, _, rest = record.partition(" 60 IN TXT ")
        if rest:
            texts[name] = "".join(rest.strip('"').split('" "')).encode()

    def ask(name: bytes | str, timeout: int = 5) -> bytes | None:
        wanted = name.decode() if isinstance(name, bytes) else name
        return texts.get(wanted.rstrip(".") + ".")

    return ask
