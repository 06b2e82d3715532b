"""What a person may do, as poste.io says. Never more than it confirmed a short while ago."""

from datetime import timedelta

from django.utils import timezone

from mailadmin import connections
from mailadmin.posteio.errors import NotFound, PosteError
from postie_web.accounts.models import User

FRESH = timedelta(minutes=1)
TRUSTED_WHILE_AWAY = timedelta(minutes=15)


def confirm(user: User) -> None:
    """Asks poste.io unless it was asked just now. While it is away the last role holds for a short while."""
    if user.is_break_glass or _younger_than(user, FRESH):
        return
    try:
        mailbox = connections.poste().mailboxes.get(user.address)
    except NotFound:
        _set(user, User.Role.USER)
    except PosteError:
        if not _younger_than(user, TRUSTED_WHILE_AWAY) and user.role != User.Role.USER:
            user.role = User.Role.USER
            user.save(update_fields=["role"])
    else:
        user.name = mailbox.name[:200]
        _set(user, _role(mailbox.super_admin, mailbox.domain_admin))


def _role(super_admin: bool, domain_admin: bool) -> User.Role:
    if super_admin:
        return User.Role.SYSTEM_ADMIN
    return User.Role.DOMAIN_ADMIN if domain_admin else User.Role.USER


def _set(user: User, role: User.Role) -> None:
    user.role = role
    user.role_confirmed_at = timezone.now()
    user.save(update_fields=["role", "role_confirmed_at", "name"])


def _younger_than(user: User, age: timedelta) -> bool:
    return user.role_confirmed_at is not None and timezone.now() - user.role_confirmed_at < age
