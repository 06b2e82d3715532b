"""manage.py create_break_glass ADDRESS: a local administrator who can sign in while IMAP is down."""

import getpass
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from postie_web.accounts.models import User

SHORTEST = 16


class Command(BaseCommand):
    help = (
        "Creates a local system administrator who can sign in while the mail server is down. "
        "The password is asked for, or read from BREAK_GLASS_PASSWORD."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="an address that is no mailbox, like operator@break.glass")
        parser.add_argument("--replace", action="store_true", help="give an existing one a new password")

    def handle(self, *args: Any, address: str, replace: bool, **options: Any) -> None:
        address = address.strip().lower()
        if "@" not in address:
            raise CommandError("The address needs an @.")
        found = User.objects.filter(address=address).first()
        if found and not (found.is_break_glass and replace):
            raise CommandError(
                f"{address} exists already. --replace gives a break-glass user a new password."
            )
        password = os.environ.get("BREAK_GLASS_PASSWORD") or getpass.getpass(f"Password for {address}: ")
        if len(password) < SHORTEST:
            raise CommandError(
                f"At least {SHORTEST} characters: this password opens every mailbox's settings."
            )
        if found:
            found.set_password(password)
            found.save()
        else:
            User.objects.create_superuser(address, password)
        self.stdout.write(f"{address} can sign in.")
