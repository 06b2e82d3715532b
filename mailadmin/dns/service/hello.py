"""The first words of a TLS handshake, written and read by hand. RFC 5246, 8446; pure.

Our own OpenSSL cannot speak what we look for (SSLv3, RC4, export …), and the server's certificates
come in the clear before TLS 1.3: so the probe needs no cryptography, only the opening words.
"""

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0300, 0x0301, 0x0302, 0x0303, 0x0304
NAMES = {
    0x0002: "SSL 2",
    SSL3: "SSL 3",
    TLS10: "TLS 1.0",
    TLS11: "TLS 1.1",
    TLS12: "TLS 1.2",
    TLS13: "TLS 1.3",
}
ALERT, HANDSHAKE = 21, 22
SERVER_HELLO, CERTIFICATE, KEY_EXCHANGE, HELLO_DONE = 2, 11, 12, 14
MOST_BYTES = 128 * 1024

# Suites by what is wrong with them (IANA numbers).
AEAD = (0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0x009E, 0x009F, 0xCCAA)
CBC = (0xC009, 0xC013, 0xC00A, 0xC014, 0xC023, 0xC027, 0xC024, 0xC028, 0x0033, 0x0039, 0x0067, 0x006B)
STATIC_RSA = (0x009C, 0x009D, 0x003C, 0x003D, 0x002F, 0x0035, 0x0041, 0x0084)
BROKEN = {
    "RC4": (0x0004, 0x0005, 0xC011, 0xC007),
    "3DES": (0x000A, 0xC012, 0xC008, 0x0016),
    "DES": (0x0009, 0x0015),
    "EXPORT": (0x0003, 0x0006, 0x0008, 0x0014, 0x0062, 0x0064),
    "NULL": (0x0001, 0x0002, 0x003B, 0xC010, 0xC006),
    "anonymous": (0x0018, 0x0034, 0x003A, 0x006C, 0x006D, 0x00A6, 0x00A7, 0xC018, 0xC019),
}
ECDSA = (0xC02B, 0xC02C, 0xCCA9, 0xC009, 0xC00A, 0xC023, 0xC024)
RSA = (0xC02F, 0xC030, 0xCCA8, 0x009E, 0x009F, 0xC013, 0xC014, 0xC027, 0xC028, *STATIC_RSA)
DHE = (0x009E, 0x009F, 0xCCAA, 0x0033, 0x0039, 0x0067, 0x006B)
TLS13_SUITES = (0x1301, 0x1302, 0x1303)
GROUPS = (0x001D, 0x0017, 0x0018, 0x0019)  # X25519, P-256, P-384, P-521
SIGNATURES = (
    0x0403,
    0x0503,
    0x0603,
    0x0804,
    0x0805,
    0x0806,
    0x0401,
    0x0501,
    0x0601,
    0x0807,
    0x0301,
    0x0201,
    0x0203,
)
SHA1 = 2  # HashAlgorithm, RFC 5246, 7.4.1.4.1


class HelloFault(ValueError):
    """What came is no TLS."""


@dataclass(frozen=True, slots=True)
class ServerHello:
    """`chain`: DER certificates as sent, the server's own first. `hash`: of the key exchange's signature."""

    version: int
    suite: int
    compression: int = 0
    extensions: frozenset[int] = frozenset()
    chain: tuple[bytes, ...] = ()
    hash: int | None = None
    prime: int = 0

    @property
    def has_master_secret(self) -> bool:
        return 0x0017 in self.extensions  # RFC 7627

    @property
    def renegotiates_safely(self) -> bool:
        return 0xFF01 in self.extensions  # RFC 5746


def client_hello(version: int, suites: Sequence[int], name: str, *, compression: bool = False) -> bytes:
    """One record. Up to TLS 1.2 by the version field; TLS 1.3 by its extension (RFC 8446, 4.1.2)."""
    old = min(version, TLS12)
    methods = b"\x01\x00" if compression else b"\x00"
    body = struct.pack("!H", old) + os.urandom(32) + b"\x00"
    body += _sized(2, b"".join(struct.pack("!H", suite) for suite in suites)) + _sized(1, methods)
    if version > SSL3:
        body += _sized(2, _extensions(version, name))
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return struct.pack("!BHH", HANDSHAKE, min(old, TLS10), len(message)) + message


def _extensions(version: int, name: str) -> bytes:
    parts = [(0xFF01, b"\x00"), (0x0017, b""), (0x000B, b"\x01\x00")]
    if name and ":" not in name and not name.replace(".", "").isdigit():
        parts.append((0x0000, _sized(2, b"\x00" + _sized(2, name.encode("ascii", "ignore")))))
    parts.append((0x000A, _sized(2, b"".join(struct.pack("!H", group) for group in GROUPS))))
    if version >= TLS12:
        parts.append((0x000D, _sized(2, b"".join(struct.pack("!H", s) for s in SIGNATURES))))
    if version >= TLS13:
        share = struct.pack("!H", 0x001D) + _sized(2, os.urandom(32))
        parts += [(0x002B, b"\x02\x03\x04"), (0x0033, _sized(2, share))]
    return b"".join(struct.pack("!H", kind) + _sized(2, data) for kind, data in parts)


def ssl2_hello() -> bytes:
    """The old form, which nothing should answer (RFC 6176)."""
    suites = bytes.fromhex("0100800200800300800400800500800600400700c0")
    body = b"\x01\x00\x02" + struct.pack("!HHH", len(suites), 0, 16) + suites + os.urandom(16)
    return struct.pack("!H", 0x8000 | len(body)) + body


@dataclass(slots=True)
class Reader:
    """Fed with bytes as they come. `hello` is there as soon as all that is wanted was read."""

    data: bytes = b""
    messages: bytes = b""
    refused: bool = False
    hello: ServerHello | None = None
    _read: dict[int, bytes] = field(default_factory=dict)

    def feed(self, data: bytes) -> bool:
        """True when nothing more is needed."""
        self.data += data
        if len(self.data) + len(self.messages) > MOST_BYTES:
            raise HelloFault("too long")
        if len(self.data) >= 3 and self.data[0] & 0x80 and self.data[2] == 4:
            self.hello = ServerHello(0x0002, 0)  # an SSL 2 server hello
            return True
        while not self.refused and len(self.data) >= 5:
            kind, version, size = struct.unpack("!BHH", self.data[:5])
            if kind not in (ALERT, HANDSHAKE, 20, 23) or version >> 8 != 3:
                raise HelloFault(self.data[:5].hex())
            if len(self.data) < 5 + size:
                break
            record, self.data = self.data[5 : 5 + size], self.data[5 + size :]
            if kind == ALERT:
                self.refused = True
            elif kind == HANDSHAKE:
                self.messages += record
        self._parse()
        return self.refused or self.hello is not None

    def _parse(self) -> None:
        while len(self.messages) >= 4:
            size = int.from_bytes(self.messages[1:4], "big")
            if len(self.messages) < 4 + size:
                return
            kind, body = self.messages[0], self.messages[4 : 4 + size]
            self.messages = self.messages[4 + size :]
            self._read.setdefault(kind, body)
            if kind == HELLO_DONE or (kind == SERVER_HELLO and _server_hello(body).version == TLS13):
                self.hello = self._whole()
                return

    def _whole(self) -> ServerHello:
        if SERVER_HELLO not in self._read:
            raise HelloFault("no server hello")
        hello = _server_hello(self._read[SERVER_HELLO])
        chain = _chain(self._read.get(CERTIFICATE, b""))
        hashed, prime = _exchange(self._read.get(KEY_EXCHANGE, b""), hello)
        return ServerHello(
            hello.version, hello.suite, hello.compression, hello.extensions, chain, hashed, prime
        )


def _server_hello(body: bytes) -> ServerHello:
    try:
        version = int.from_bytes(body[:2], "big")
        place = 35 + body[34]
        suite, compression = struct.unpack_from("!HB", body, place)
        extensions: dict[int, bytes] = {}
        place += 5
        while place + 4 <= len(body):
            kind, size = struct.unpack_from("!HH", body, place)
            extensions[kind] = body[place + 4 : place + 4 + size]
            place += 4 + size
    except (struct.error, IndexError):
        raise HelloFault("server hello") from None
    if 0x002B in extensions:
        version = int.from_bytes(extensions[0x002B][:2], "big")
    return ServerHello(version, suite, compression, frozenset(extensions))


def _chain(body: bytes) -> tuple[bytes, ...]:
    found: list[bytes] = []
    place = 3
    while place + 3 <= len(body) and len(found) < 20:
        size = int.from_bytes(body[place : place + 3], "big")
        found.append(body[place + 3 : place + 3 + size])
        place += 3 + size
    return tuple(found)


def _exchange(body: bytes, hello: ServerHello) -> tuple[int | None, int]:
    """(hash of the signature, prime of a finite-field group or 0)."""
    if not body:
        return None, 0
    try:
        if body[0] == 3 and hello.suite not in DHE:  # named curve
            place, prime = 4 + body[3], 0
        else:
            place, prime = 0, 0
            for number in range(3):
                size = struct.unpack_from("!H", body, place)[0]
                if number == 0:
                    prime = int.from_bytes(body[2 : 2 + size], "big")
                place += 2 + size
        hashed = body[place] if hello.version == TLS12 and place < len(body) else None
    except (struct.error, IndexError):
        raise HelloFault("key exchange") from None
    return hashed, prime


def _sized(width: int, data: bytes) -> bytes:
    return len(data).to_bytes(width, "big") + data


def ffdhe(bits: int) -> int:
    """A prime of RFC 7919, appendix A: 2^b − 2^(b−64) + (⌊2^(b−130)·e⌋ + X)·2^64 − 1."""
    extra = {2048: 560316, 3072: 2625351, 4096: 5736041, 6144: 15705020, 8192: 10965728}[bits]
    scale = bits - 130 + 64  # 64 bits more than needed, so that the series rounds right
    term = total = 1 << scale
    number = 1
    while term:
        term //= number
        total += term
        number += 1
    return int(2**bits - 2 ** (bits - 64) + ((total >> 64) + extra) * 2**64 - 1)
