"""How the web, the workers and the push process speak of a person, and where."""

import hashlib
import hmac

CHANNEL = "postie:push:"  # in Redis, followed by who()


def who(address: str, server_key: str) -> str:
    """A name for a person that says nothing to others: pages of one person know each other by it."""
    return hmac.digest(server_key.encode(), b"who " + address.lower().encode(), hashlib.sha256).hex()[:20]
