"""Pictures of letters, fetched by us: the sender never meets the reader.

Only addresses that our sanitiser wrote for this reader are fetched (signed), only from the public internet,
and only if what comes is a picture.
"""

from django.core import signing

from webmail.mime import links

_SALT = "webmail.picture"
_GOOD_FOR = 24 * 3600


class Forged(Exception):
    """Not an address we made, or one from yesterday."""


def sign(account: str, url: str) -> str:
    return signing.dumps([account.lower(), url], salt=_SALT, compress=True)


def opened(token: str) -> tuple[str, str]:
    """(account, url) of a token of ours."""
    try:
        account, url = signing.loads(token, salt=_SALT, max_age=_GOOD_FOR)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Forged from error
    if not isinstance(account, str) or not isinstance(url, str) or not links.remote_image(url):
        raise Forged
    return account, url
