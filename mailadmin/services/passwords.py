"""Passwords for other people: made here, or measured here. Never kept, never logged."""

import secrets
from typing import Any

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    NumericPasswordValidator,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 72  # bytes: bcrypt looks at no more
SHORTEST = 10
# No 0/O, 1/l/I: it will be read aloud on the telephone.
_ALPHABET = "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXYZ23456789"
_GROUPS, _GROUP = 4, 5  # 20 letters of 54: 115 bits
_VALIDATORS: list[Any] = [
    MinimumLengthValidator(min_length=SHORTEST),
    CommonPasswordValidator(),
    NumericPasswordValidator(),
]


def generate() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _i in range(_GROUP)) for _g in range(_GROUPS))


def check(password: str, *belongs_to: str) -> None:
    """ValidationError with every reason why this password is too weak for that person."""
    problems: list[str] = []
    try:
        validate_password(password, password_validators=_VALIDATORS)
    except ValidationError as error:
        problems += error.messages
    lowered = password.lower()
    words = " ".join(belongs_to).lower().replace("@", " ").replace(".", " ").split()
    if any(len(word) > 3 and word in lowered for word in words):
        problems.append(
            _("It contains the name or the address. Those are the first things a stranger tries.")
        )
    if len(password.encode()) > LONGEST:
        problems.append(_("At most %(longest)d characters, please.") % {"longest": LONGEST})
    # IMAP and HTTP Basic carry control characters badly: a password that only works in one place is a trap.
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in password):
        problems.append(_("It contains a character that mail programs cannot type."))
    if problems:
        raise ValidationError(problems)
