"""Is this person who they say? IMAP knows; a local break-glass administrator is known to us alone."""

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError

from postie_web.accounts.models import User
from postie_web.accounts.services import roles, throttle
from postie_web.lib.credentials import Credentials
from webmail import connections
from webmail.imap.errors import ImapError, Rejected, Unauthorized


class Refused(Exception):
    """Unknown address or wrong password: the same thing to whoever asks."""


def sign_in(credentials: Credentials, device: str) -> User:
    """The user, or Refused, throttle.TooMany, webmail.imap.errors.Unavailable."""
    at = throttle.doors(credentials.address, credentials.client_address, device)
    throttle.enter(at)
    try:
        user = _verify(credentials)
    except Refused:
        throttle.failed(at)
        raise
    except Exception:
        throttle.give_back(at)
        raise
    throttle.succeeded(at)
    return user


def _verify(credentials: Credentials) -> User:
    try:
        connections.verify(credentials)
    except (Unauthorized, Rejected):
        user = _break_glass(credentials)
        if user is None:
            raise Refused from None
        return user
    except ImapError:
        user = _break_glass(credentials)
        if user is None:
            raise
        return user
    user = _known(credentials.address)
    roles.confirm(user)
    return user


def _break_glass(credentials: Credentials) -> User | None:
    user = User.objects.filter(address=credentials.address, is_break_glass=True).first()
    if user is None:
        # The time of one hash, so that the clock does not tell which addresses are kept here.
        make_password(credentials.password)
        return None
    return user if check_password(credentials.password, user.password) else None


def _known(address: str) -> User:
    user = User.objects.filter(address=address).first()
    if user is None:
        user = User(address=address)
        user.set_unusable_password()
        try:
            user.save()
        except IntegrityError:  # the same person signed in twice at once
            user = User.objects.get(address=address)
    if user.is_break_glass:
        # Whoever holds the mailbox of that name is not thereby the operator.
        raise Refused
    return user
