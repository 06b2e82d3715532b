"""One key record: text in, key out. RFC 6376, 3.6.1; 8463, 4."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from mailadmin.dns import tags

_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]")
_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?){0,4}")
ED25519_HEAD = bytes.fromhex("302a300506032b6570032100")  # SubjectPublicKeyInfo before the 32 raw bytes


class RecordFault(ValueError):
    """`code` ends the finding code: syntax, version, base64, key, key-type, length."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """`public` is SubjectPublicKeyInfo; empty when the key is revoked."""

    kind: str
    public: bytes = b""
    bits: int = 0
    exponent: int = 0
    hashes: tuple[str, ...] = ()
    services: tuple[str, ...] = ("*",)
    flags: tuple[str, ...] = ()
    notes: str = ""
    unknown: tuple[str, ...] = field(default=())

    @property
    def revoked(self) -> bool:
        return not self.public


def is_selector(text: str) -> bool:
    """3.1: labels joined by dots, in lower case; what a report says may be anything."""
    return len(text) <= 100 and _SELECTOR.fullmatch(text) is not None


def parse(text: str) -> KeyRecord:
    try:
        found = tags.parse(text)
    except tags.TagFault as fault:
        raise RecordFault("syntax", fault.part) from None
    # 3.6.1: v= is optional, but when present it comes first and is exactly DKIM1.
    if "v" in found and (next(iter(found)) != "v" or found["v"] != "DKIM1"):
        raise RecordFault("version", found["v"])
    if "p" not in found:
        raise RecordFault("syntax", "p=")
    kind = found.get("k", "rsa").lower()
    public, bits, exponent = _key(kind, tags.without_space(found["p"]))
    return KeyRecord(
        kind,
        public,
        bits,
        exponent,
        _list(found.get("h", "")),
        _list(found.get("s", "*")),
        _list(found.get("t", "")),
        found.get("n", ""),
        tuple(name for name in found if name not in "vhknpst"),
    )


def _list(value: str) -> tuple[str, ...]:
    return tuple(item for part in value.split(":") if (item := part.strip().lower()))


def _key(kind: str, text: str) -> tuple[bytes, int, int]:
    if kind not in ("rsa", "ed25519"):
        raise RecordFault("key-type", kind)
    if not text:
        return b"", 0, 0
    stray = _NOT_BASE64.search(text)
    if stray:
        raise RecordFault("base64", stray.group())
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise RecordFault("base64", text[-4:]) from None
    return _ed25519(data) if kind == "ed25519" else _rsa(data)


def _ed25519(data: bytes) -> tuple[bytes, int, int]:
    if len(data) != 32:  # RFC 8463, 4: the raw key, not the DER of it
        raise RecordFault("length", str(len(data)))
    return ED25519_HEAD + data, 256, 0


def _rsa(data: bytes) -> tuple[bytes, int, int]:
    """SubjectPublicKeyInfo; a bare PKCS#1 key is tolerated, as receivers do."""
    for candidate in (data, wrap_pkcs1(data)):
        try:
            key = load_der_public_key(candidate)
        except (ValueError, TypeError, OverflowError, UnsupportedAlgorithm):
            continue
        if isinstance(key, rsa.RSAPublicKey):
            spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return spki, key.key_size, key.public_numbers().e
        break
    raise RecordFault("key", data[:4].hex())


def wrap_pkcs1(data: bytes) -> bytes:
    """RSAPublicKey → SubjectPublicKeyInfo with rsaEncryption (RFC 8017, A.1)."""
    inner = b"\x03" + _length(len(data) + 1) + b"\x00" + data
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    return b"\x30" + _length(len(algorithm) + len(inner)) + algorithm + inner


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    data = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(data)]) + data


def to_text(public: bytes) -> str:
    """The record to publish for a key of the server (SubjectPublicKeyInfo)."""
    key = load_der_public_key(public)
    if isinstance(key, ed25519.Ed25519PublicKey):
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"
    return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
