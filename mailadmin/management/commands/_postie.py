"""What every command of the panel shares: --json, words for errors, the door, the actor."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from mailadmin import connections
from mailadmin.forms import words
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import Duplicate, NotFound, PosteError, Rejected, Unauthorized, Unavailable
from mailadmin.posteio.resources import Domain, Mailbox
from mailadmin.services import addresses, passwords
from mailadmin.services.audit import COMMAND_LINE, Actor
from mailadmin.services.errors import ChangedMeanwhile, Refused
from postie_web.lib import idn

PASSWORD_VARIABLE = "POSTIE_PASSWORD"  # noqa: S105 the name of it
ACTOR = Actor(address=COMMAND_LINE)


class PostieCommand(BaseCommand):
    """`act` does it and returns what `--json` prints; `line` is the same for people."""

    exit_code = 0  # `act` may set another: it was done, but not well

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON, also for errors")
        self.arguments(parser)

    def arguments(self, parser: ArgumentParser) -> None: ...

    def act(self, poste: Client, options: dict[str, Any]) -> Any:
        raise NotImplementedError

    def line(self, found: Mapping[str, Any]) -> str:
        return "  ".join(str(value) for value in found.values())

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            found = self.act(connections.poste(), options)
        except (PosteError, Refused, ChangedMeanwhile, ValidationError, ValueError) as error:
            sentence = _sentence(error)
            if options["json"]:
                self.stdout.write(json.dumps({"error": sentence}, ensure_ascii=False))
                sys.exit(1)
            raise CommandError(sentence) from None
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            for one in found if isinstance(found, list) else [found]:
                self.stdout.write(self.line(one))
        if self.exit_code:
            sys.exit(self.exit_code)


def _sentence(error: Exception) -> str:
    match error:
        case Refused():
            return str(error.sentence)
        case ValidationError():
            return " ".join(error.messages)
        case Rejected():
            return words.translated(error.reason)
        case Duplicate():
            return "This already exists."
        case NotFound():
            return "There is no such thing on the mail server."
        case Unauthorized():
            return "The mail server does not accept Postie's key (POSTEIO_API_USER, POSTEIO_API_PASSWORD)."
        case Unavailable():
            return f"The mail server does not answer ({error}). See activity_list."
    return str(error)


def add_password_arguments(parser: ArgumentParser) -> None:
    """Never as an argument: everybody on the machine can read those."""
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    parser.epilog = f"Without it the password comes from ${PASSWORD_VARIABLE}, or is made here and printed."


def password(options: Mapping[str, Any], *belongs_to: str) -> tuple[str, bool]:
    """(the password, was it made here). ValidationError when it is too weak."""
    given = os.environ.get(PASSWORD_VARIABLE, "")
    if options["password_stdin"]:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise ValueError("There is no password on standard input.")
    if not given:
        return passwords.generate(), True
    passwords.check(given, *belongs_to)
    return given, False


def address(text: str) -> str:
    try:
        return addresses.ours(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an address a mailbox can have.") from None


def domain_name(text: str) -> str:
    try:
        return idn.to_ascii(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a domain name.") from None


def targets(texts: Sequence[str]) -> list[str]:
    try:
        return list(dict.fromkeys(addresses.target(text) for text in texts))
    except ValueError:
        raise ValueError("One of the targets is not an address.") from None


def of_domain(domain: Domain) -> dict[str, object]:
    return {"name": domain.name, "catch_all": domain.catch_all, "forward_domain": domain.forward_domain}


def of_mailbox(mailbox: Mailbox) -> dict[str, object]:
    return {
        "address": mailbox.address,
        "name": mailbox.name,
        "suspended": mailbox.suspended,
        "super_admin": mailbox.super_admin,
        "domain_admin": mailbox.domain_admin,
        "redirect_to": list(mailbox.redirect_to),
    }
