"""
A secret sealed with a key in two halves: one in the visitor's cookie, one in the server's SECRET_KEY.

Whoever copies the database and Redis holds neither half; whoever steals the cookie lacks the server's.
"""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12  # NIST SP 800-38D, 8.2.2
LONGEST = 8192


class Broken(Exception):
    """The halves do not open this: another cookie, another SECRET_KEY, or a changed text."""


def new_half() -> str:
    """The visitor's half, fit for a cookie."""
    return secrets.token_urlsafe(32)


def seal(secret: str, half: str, server_key: str, owner: str) -> str:
    """`owner` is bound in: what was sealed for one address does not open for another."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_key(half, server_key)).encrypt(nonce, secret.encode(), owner.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, half: str, server_key: str, owner: str) -> str:
    """Raises Broken."""
    if not half or len(sealed) > LONGEST or len(half) > LONGEST:
        raise Broken
    try:
        data = base64.b64decode(sealed.encode(), altchars=b"-_", validate=True)
        opened = AESGCM(_key(half, server_key)).decrypt(
            data[:NONCE_BYTES], data[NONCE_BYTES:], owner.encode()
        )
    except (InvalidTag, ValueError) as error:
        raise Broken from error
    return opened.decode()


def _key(half: str, server_key: str) -> bytes:
    # RFC 5869: both halves are input key material; neither alone gives the key.
    material = len(half).to_bytes(4) + half.encode("utf-8", "surrogatepass") + server_key.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"postie mailbox password 1").derive(material)
