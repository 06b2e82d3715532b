"""Traefik's acme.json: every version's shape, half-written files, and the pair that fits a name best."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from .certificate import Certificate, of

MOST_BYTES = 16 * 1024 * 1024


class Unreadable(Exception):
    """Half-written, or not acme.json at all: ask again in a moment, and keep what is installed."""


@dataclass(frozen=True, slots=True)
class Pair:
    """PEM of the whole chain (leaf first), PEM of its key, and what the leaf says."""

    chain: bytes
    key: bytes = field(repr=False)
    leaf: Certificate

    @property
    def issuers(self) -> bytes:
        """The chain without the leaf."""
        mark = b"-----END CERTIFICATE-----"
        return self.chain.partition(mark)[2].lstrip()


def pairs(text: bytes) -> list[Pair]:
    """Raises Unreadable. What is broken inside a whole file is passed over: the other names still work."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("not whole") from None
    if not isinstance(document, Mapping):
        raise Unreadable("not acme.json")
    return [pair for entry in _entries(document) if (pair := _pair(*entry))]


def best(found: list[Pair], hostname: str, now: datetime) -> Pair | None:
    """The one for this name that lives longest."""
    fitting = [p for p in found if p.leaf.covers(hostname) and p.leaf.starts <= now < p.leaf.ends]
    return max(fitting, key=lambda pair: pair.leaf.ends, default=None)


def _entries(document: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """(certificate, key), both base64 of PEM."""
    # Traefik 1.0 to 1.6: {"DomainsCertificate": {"Certs": [{"Certificate": {"Certificate", "PrivateKey"}}]}}
    old = document.get("DomainsCertificate")
    for entry in _list(old, "Certs"):
        inner = entry.get("Certificate")
        if isinstance(inner, Mapping):
            yield inner.get("Certificate"), inner.get("PrivateKey")
    # 1.7: {"Certificates": [{"Certificate", "Key"}]}; 2 and 3: the same below each resolver, in small letters
    for holder in (document, *document.values()):
        for entry in _list(holder, "Certificates"):
            yield entry.get("certificate") or entry.get("Certificate"), entry.get("key") or entry.get("Key")


def _list(holder: Any, name: str) -> list[Mapping[str, Any]]:
    found = holder.get(name) if isinstance(holder, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _pair(certificate: Any, key: Any) -> Pair | None:
    try:
        chain = base64.b64decode(certificate, validate=True)
        private = base64.b64decode(key, validate=True)
        return pair_of(chain, private)
    except (TypeError, ValueError, binascii.Error):
        return None


def pair_of(chain: bytes, key: bytes) -> Pair:
    """Raises ValueError when it is no certificate, no key, or they do not belong together."""
    leaf = x509.load_pem_x509_certificates(chain)[0]
    try:
        private = serialization.load_pem_private_key(key, None)
    except TypeError:
        raise ValueError("the key has a password") from None
    if _public(private.public_key()) != _public(leaf.public_key()):
        raise ValueError("the key belongs to another certificate")
    return Pair(chain, key, of(leaf))


def _public(key: Any) -> bytes:
    found: bytes = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return found
