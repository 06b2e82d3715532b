"""Stories of the mail log in the reader's language, and nothing that an administrator may not see."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from mailadmin.health.logs import files, search, words
from mailadmin.health.logs.event import Event, visible
from mailadmin.health.logs.search import Query
from mailadmin.health.logs.story import Story
from mailadmin.health.words import fill

SUBJECT = re.compile(r"(?i)(subject\s*[:=]).*")
LONGEST_FACT = 300


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime | None
    says: str
    kind: str


@dataclass(frozen=True, slots=True)
class Told:
    """One story, ready to be shown or printed."""

    id: str
    at: datetime | None
    sender: str
    recipients: tuple[str, ...]
    message_id: str
    subject: str
    state: str
    state_words: str
    lines: tuple[Line, ...]
    foreign: tuple[str, ...]
    foreign_count: int


@dataclass(frozen=True, slots=True)
class Log:
    """`problem`: a code when nothing can be read; `formats`: what was recognised."""

    stories: tuple[Told, ...] = ()
    back_to: datetime | None = None
    whole: bool = True
    foreign_count: int = 0
    packed: int = 0
    problem: str = ""
    formats: tuple[str, ...] = ()


def read(query: Query) -> Log:
    if not settings.MAIL_LOG_DIR:
        return Log(problem="unset")
    try:
        shelf = files.shelf(settings.MAIL_LOG_DIR)
    except OSError:
        return Log(problem="unreadable")
    if not shelf.files:
        return Log(problem="empty", packed=shelf.packed)
    found = search.find(shelf, query)
    return Log(
        stories=tuple(_told(story, shown_raw=not query.domain) for story in found.stories),
        back_to=found.back_to,
        whole=found.whole,
        foreign_count=found.foreign_count,
        packed=shelf.packed,
        formats=tuple(sorted({file.parser.VERSION for file in shelf.files})),
    )


def _told(story: Story, *, shown_raw: bool) -> Told:
    """Lines nobody understood may hold anybody's addresses: only who may see everything sees them."""
    lines = tuple(Line(event.at, _says(event), event.kind) for event in story.told())
    return Told(
        id=story.id,
        at=story.at,
        sender=visible(story.sender),
        recipients=tuple(visible(address) for address in story.recipients),
        message_id=visible(story.message_id),
        subject=visible(story.subject) if settings.MAIL_LOG_SUBJECTS else "",
        state=story.state,
        state_words=gettext(words.STATES[story.state]),
        lines=lines,
        foreign=tuple(_without_subject(line) for line in story.foreign) if shown_raw else (),
        foreign_count=story.foreign_count,
    )


def _says(event: Event) -> str:
    facts: Mapping[str, Any] = {
        key: visible(str(value))[:LONGEST_FACT] for key, value in event.facts.items() if value != ""
    }
    said = fill(gettext(words.KINDS[words.kind(event)]), facts)
    return said[:1].upper() + said[1:]


def _without_subject(line: str) -> str:
    return line if settings.MAIL_LOG_SUBJECTS else SUBJECT.sub(r"\1 …", line)
