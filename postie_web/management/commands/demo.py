"""manage.py demo: a domain, an administrator, three people, a year of mail. A second run adds nothing."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from kombu.exceptions import OperationalError

from mailadmin import connections, tasks
from mailadmin.posteio.errors import PosteError
from postie_web.demo import names, seed
from webmail.imap.errors import ImapError
from webmail.smtp.errors import SmtpError


class Command(BaseCommand):
    help = "Makes the demonstration: a domain, an administrator, three people, a year of mail; var/demo.json."

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.VAR_DIR / "demo.json"
        known = seed.read(path)
        now = timezone.localtime()
        try:
            made = seed.accounts(connections.poste(), known.get("accounts", []))
            # Noted before the mail is there: a run that breaks off must not forget the passwords it gave.
            seed.write(path, known, made)
            people = [account for account in made if account.role == "user"]
            filled = [seed.fill(person, now) for person in people]
            if all(filled):
                seed.greet(people, now)
        except (PosteError, ImapError, SmtpError) as error:
            raise CommandError(f"The demonstration could not be made: {error}") from error
        names.publish(connections.poste(), connections.network())
        with suppress(OperationalError):  # the first look; without the queue it comes five minutes later
            tasks.look_at_health.apply_async(retry=False)
        self.stdout.write(f"{sum(filled)} messages for {len(people)} people.")
