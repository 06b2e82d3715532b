"""Secrets at rest, sealed with a key derived from SECRET_KEY; each `purpose` has a key of its own."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def _box(secret_key: str, purpose: str) -> Fernet:
    key = HKDF(SHA256(), 32, None, purpose.encode()).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def seal(text: str, secret_key: str, purpose: str) -> str:
    return _box(secret_key, purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, secret_key: str, purpose: str) -> str | None:
    """None when the key has changed or the text is not ours."""
    try:
        return _box(secret_key, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None
