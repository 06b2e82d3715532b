"""What is said between a Postie and its witness: two signed JSON documents. Pure.

Question:  {v, at, nonce, name, web, domain, ports}            at: seconds since 1970; nonce: 32 hex digits
Testimony: {v, nonce, address, seen: [{port, state, …}], relay: [finding]}
Each stands as text in {"body": …, "signature": …}, signed with HMAC-SHA256 under the secret both sides know:
over plain HTTP nobody can ask in our name, and nobody can answer in the witness's.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailadmin.dns.names import is_domain

VERSION = 1
QUESTION, TESTIMONY = b"postie-witness-question\n", b"postie-witness-testimony\n"
SHORTEST_SECRET = 16
MOST_BYTES = 64 * 1024
MOST_PORTS = 9
APART = 300  # seconds the two clocks may differ
STATES = ("open", "refused", "timeout", "closed", "unreachable", "busy", "garbled", "tls", "unmeasured")
_NONCE = re.compile(r"[0-9a-f]{32}")


class WitnessFault(ValueError):
    """In one word: secret, signature, old, malformed."""


@dataclass(frozen=True, slots=True)
class Question:
    """`name`: the mail host; `web`: the name of the panel; `domain`: whose relaying is tried, or ""."""

    at: int
    nonce: str
    name: str
    ports: tuple[int, ...]
    web: str = ""
    domain: str = ""

    def sealed(self, secret: str) -> bytes:
        fields = {"at": self.at, "nonce": self.nonce, "name": self.name, "web": self.web}
        return seal(QUESTION, {**fields, "domain": self.domain, "ports": list(self.ports)}, secret)


@dataclass(frozen=True, slots=True)
class Seen:
    """One port. `certificate`: DER, or empty. `seconds`: until the greeting."""

    port: int
    state: str
    greeting: str = ""
    seconds: float = 0.0
    tls: str = ""
    certificate: bytes = b""

    def to_json(self) -> dict[str, object]:
        return {
            "port": self.port,
            "state": self.state,
            "greeting": self.greeting[:200],
            "seconds": round(self.seconds, 2),
            "tls": self.tls,
            "certificate": base64.b64encode(self.certificate[:8192]).decode(),
        }


@dataclass(frozen=True, slots=True)
class Testimony:
    """`address`: where the question came from, and so what was looked at. `relay`: findings as JSON."""

    nonce: str
    address: str
    seen: tuple[Seen, ...]
    relay: tuple[Mapping[str, Any], ...] = ()

    def sealed(self, secret: str) -> bytes:
        body = {"nonce": self.nonce, "address": self.address, "seen": [s.to_json() for s in self.seen]}
        return seal(TESTIMONY, {**body, "relay": [dict(found) for found in self.relay]}, secret)


def seal(kind: bytes, body: Mapping[str, object], secret: str) -> bytes:
    text = json.dumps({"v": VERSION, **body}, separators=(",", ":"))
    return json.dumps({"body": text, "signature": _sign(kind, text, secret)}).encode()


def unseal(kind: bytes, data: bytes, secret: str) -> dict[str, Any]:
    """Raises WitnessFault; nothing of the body is looked at before the signature holds."""
    if len(data) > MOST_BYTES:
        raise WitnessFault("malformed")
    outer = _object(data)
    text, signature = outer.get("body"), outer.get("signature")
    if not isinstance(text, str) or not isinstance(signature, str):
        raise WitnessFault("malformed")
    if not hmac.compare_digest(_sign(kind, text, secret).encode(), signature.encode("utf-8", "replace")):
        raise WitnessFault("signature")
    body = _object(text.encode("utf-8", "replace"))
    if body.get("v") != VERSION:
        raise WitnessFault("malformed")
    return body


def question(data: bytes, secret: str, now: float) -> Question:
    """Raises WitnessFault."""
    body = unseal(QUESTION, data, secret)
    at, nonce, name = body.get("at"), body.get("nonce"), body.get("name")
    if not _is_number(at) or abs(now - float(str(at))) > APART:
        raise WitnessFault("old")
    ports = body.get("ports")
    if not isinstance(ports, list) or not 0 < len(ports) <= MOST_PORTS or not all(map(_is_port, ports)):
        raise WitnessFault("malformed")
    names = {key: body.get(key) or "" for key in ("name", "web", "domain")}
    good = all(isinstance(text, str) and (not text or is_domain(text)) for text in names.values())
    if not good or not name or not isinstance(nonce, str) or not _NONCE.fullmatch(nonce):
        raise WitnessFault("malformed")
    return Question(int(str(at)), nonce, ports=tuple(dict.fromkeys(ports)), **names)


def testimony(data: bytes, secret: str, nonce: str) -> Testimony:
    """The answer to the question with this nonce. Raises WitnessFault."""
    body = unseal(TESTIMONY, data, secret)
    if body.get("nonce") != nonce:
        raise WitnessFault("old")
    seen, relay, address = body.get("seen"), body.get("relay"), body.get("address")
    if not isinstance(seen, list) or not isinstance(relay, list) or not isinstance(address, str):
        raise WitnessFault("malformed")
    if len(seen) > MOST_PORTS or len(relay) > MOST_PORTS or not all(isinstance(f, dict) for f in relay):
        raise WitnessFault("malformed")
    return Testimony(nonce, address, tuple(_seen(one) for one in seen), tuple(relay))


def _seen(one: object) -> Seen:
    if not isinstance(one, dict) or not _is_port(one.get("port")) or one.get("state") not in STATES:
        raise WitnessFault("malformed")
    texts = [one.get(key) for key in ("greeting", "tls", "certificate")]
    seconds = one.get("seconds")
    if not all(isinstance(text, str) for text in texts) or not isinstance(seconds, int | float):
        raise WitnessFault("malformed")
    greeting, tls, encoded = map(str, texts)
    try:
        certificate = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise WitnessFault("malformed") from None
    return Seen(one["port"], one["state"], greeting[:200], float(seconds), tls[:20], certificate)


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise WitnessFault("malformed") from None
    if not isinstance(found, dict):
        raise WitnessFault("malformed")
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**40


def _is_port(value: object) -> bool:
    return _is_number(value) and 0 < int(str(value)) < 65536


def _sign(kind: bytes, text: str, secret: str) -> str:
    if len(secret) < SHORTEST_SECRET:
        raise WitnessFault("secret")
    return hmac.new(secret.encode(), kind + text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
