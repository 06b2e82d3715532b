"""manage.py mail_story ana@example.org --json: what became of a message, from the mail log."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from mailadmin.health.logs.search import Query
from mailadmin.services import mail_log

PROBLEMS = {
    "unset": "MAIL_LOG_DIR is not set.",
    "unreadable": "The folder of MAIL_LOG_DIR cannot be read.",
    "empty": "There are no mail logs in MAIL_LOG_DIR.",
}


class Command(BaseCommand):
    help = "Tell what became of messages: by address, Message-ID or queue id; without one, the newest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("words", nargs="?", default="")
        parser.add_argument("--since", type=_moment, help="2026-05-03T12:00, in the server's time zone")
        parser.add_argument("--until", type=_moment)
        parser.add_argument("--domain", default="", help="only mail of this domain")
        parser.add_argument("--limit", type=int, default=25)
        parser.add_argument("--seconds", type=float, default=30.0, help="how long to search")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("words", "since", "until", "domain", "limit", "seconds")
        log = mail_log.read(Query(**{name: options[name] for name in names}))
        if log.problem:
            raise CommandError(PROBLEMS[log.problem])
        if options["json"]:
            self.stdout.write(json.dumps(asdict(log), indent=2, ensure_ascii=False, default=str))
            return
        for story in log.stories:
            at = timezone.localtime(story.at).strftime("%Y-%m-%d %H:%M:%S") if story.at else "?"
            self.stdout.write(f"{at}  {story.sender} → {', '.join(story.recipients)}  [{story.state_words}]")
            for line in story.lines:
                when = timezone.localtime(line.at).strftime("%H:%M:%S") if line.at else "?"
                self.stdout.write(f"  {when}  {line.says}")
            if story.foreign_count:
                self.stdout.write(f"  ({story.foreign_count} lines not understood)")
        if not log.whole:
            self.stdout.write(f"Looked back to {log.back_to}; --seconds looks further.")


def _moment(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))
