"""Password hashes as Dovecot reads them. BLF-CRYPT: about 20 ms a login, where ARGON2ID takes 130."""

import hashlib
import re
import secrets
from collections import OrderedDict

import bcrypt

from .errors import Invalid

COST = 8
SCHEME = "{BLF-CRYPT}"
# At most cost 12: a login must not take seconds.
HASH = re.compile(r"\{BLF-CRYPT\}\$2[aby]\$(0[4-9]|1[0-2])\$[./A-Za-z0-9]{53}")
REMEMBERED = 256
_salt = secrets.token_bytes(32)
_known: OrderedDict[str, None] = OrderedDict()


def hashed(password: str) -> str:
    # bcrypt itself reads no more than 72 bytes; a longer password would be cut without a word.
    return SCHEME + bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(COST)).decode()


def checked_hash(stored: str) -> str:
    """A hash of our own making, as the backup keeps it. Raises Invalid."""
    if not HASH.fullmatch(stored):
        raise Invalid({"passwordHash": "This value is not a hash of this server."})
    return stored


def remembered(password: str, stored: str) -> bool:
    """Was this very pair right before? Keyed digests, in memory: an API client pays for hashing once."""
    return digest(password, stored) in _known


def digest(password: str, stored: str) -> str:
    return hashlib.blake2b(f"{stored}\0{password}".encode(), key=_salt).hexdigest()


def matches(password: str, stored: str) -> bool:
    if not stored.startswith(SCHEME):
        return False
    if not bcrypt.checkpw(password.encode()[:72], stored.removeprefix(SCHEME).encode()):
        return False
    _known[digest(password, stored)] = None
    while len(_known) > REMEMBERED:
        _known.popitem(last=False)
    return True


NOBODY = hashed(secrets.token_hex(16))  # compared with when the address is unknown, so that it takes as long
