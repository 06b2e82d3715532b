"""Finds messages in the logs: backwards from the newest line, in bounded memory and time."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from . import dovecot, rspamd
from .event import Event, Foreign, text, visible
from .files import CARRIERS, LogFile, Shelf, backwards
from .story import Story, newest_first

SECONDS = 5.0
MARGIN = timedelta(minutes=15)  # the filter and the mailbox write at about the same time


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """`words`: an address, a part of one, a Message-ID or a queue id. `domain`: only mail of it."""

    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    domain: str = ""
    limit: int = 25
    seconds: float = SECONDS


@dataclass(slots=True)
class Found:
    """`back_to`: how far back was looked; `whole`: everything was looked at, or enough was found."""

    stories: list[Story] = field(default_factory=list)
    back_to: datetime | None = None
    whole: bool = True

    @property
    def foreign_count(self) -> int:
        return sum(story.foreign_count for story in self.stories)


class _Walk:
    """Blocks of many files, newest first, until the time is over."""

    def __init__(self, files: list[LogFile], deadline: float, query: Query) -> None:
        self.files, self.deadline, self.query = files, deadline, query
        self.back_to: datetime | None = None
        self.whole = True

    def __iter__(self) -> Iterator[tuple[LogFile, int, bytes]]:
        for file in self.files:
            for offset, block in backwards(file.path):
                first, last = _times(file, block)
                if self.query.since and last and last < self.query.since:
                    break
                if not (self.query.until and first and first > self.query.until):
                    yield file, offset, block
                self.back_to = first or self.back_to
                if time.monotonic() > self.deadline:
                    self.whole = False
                    return


def _times(file: LogFile, block: bytes) -> tuple[datetime | None, datetime | None]:
    """Of its first and its last line; a line without a time is passed over, a few times."""
    end, last, first = len(block), None, None
    for _ in range(5):
        start = block.rfind(b"\n", 0, max(0, end - 1)) + 1
        last = last or file.time(block[start : start + 64])
        end = start
    place = 0
    for _ in range(5):
        first = first or file.time(block[place : place + 64])
        place = block.find(b"\n", place) + 1
    return first, last


def find(shelf: Shelf, query: Query) -> Found:
    deadline = time.monotonic() + query.seconds
    carriers = shelf.of(*CARRIERS)
    walk = _Walk(carriers, deadline, query)
    stories = _candidates(walk, query)
    _gather(_Walk(carriers, deadline, query), stories)
    _join(shelf, stories, deadline)
    wanted = [story for story in newest_first(stories.values()) if _wanted(story, query)]
    if query.domain:
        wanted = [story.only(query.domain) for story in wanted]
    return Found(wanted[: query.limit], walk.back_to, walk.whole)


def _wanted(story: Story, query: Query) -> bool:
    if query.domain and not story.concerns(query.domain):
        return False
    at = story.at
    return not at or ((not query.since or at >= query.since) and (not query.until or at <= query.until))


def _candidates(walk: _Walk, query: Query) -> dict[str, Story]:
    """The newest messages whose lines hold the words, by queue id."""
    needle = query.words.strip().lower().encode()
    fence = f"@{query.domain}".lower().encode() if query.domain else b""
    most = query.limit * (2 if query.domain else 1)
    stories: dict[str, Story] = {}
    for file, offset, block in walk:
        lowered = block.lower()
        if needle not in lowered or fence not in lowered:
            continue
        for line, place in _lines(block, offset):
            small = line.lower()
            if needle in small and (not fence or needle or fence in small):
                _consider(stories, file, line, place)
            if len(stories) >= most:
                return stories
    return stories


def _consider(stories: dict[str, Story], file: LogFile, line: bytes, place: int) -> None:
    try:
        event = file.event(line)
    except Foreign:
        return
    if event is None or event.kind == "tls":
        return
    if event.queue:
        stories.setdefault(event.queue, Story(event.queue))
    elif event.kind in ("refused", "put_off", "discarded", "held"):
        story = Story(f"{file.path.name}:{place}")
        story.add(event)
        stories[story.id] = story


def _lines(block: bytes, offset: int) -> Iterator[tuple[bytes, int]]:
    """Newest first, each with its place in the file."""
    end = len(block)
    while end > 0:
        start = block.rfind(b"\n", 0, end - 1) + 1
        if line := block[start:end].rstrip(b"\r\n"):
            yield line, offset + start
        end = start


def _gather(walk: _Walk, stories: dict[str, Story]) -> None:
    """Every line of the messages found, until all of them have their beginning."""
    open_ones = {name for name, story in stories.items() if not story.began}
    if not open_ones:
        return
    anyone = re.compile(b"|".join(re.escape(name.encode()) for name in stories))
    greeted: dict[str, Story] = {}  # process → the story whose TLS line comes next, going backwards
    for file, offset, block in walk:
        if not greeted and not anyone.search(block):
            continue
        for line, _place in _lines(block, offset):
            if greeted and b"TLS connection established from" in line:
                _encrypted(file, line, greeted)
            elif match := anyone.search(line):
                _take(file, line, stories[match[0].decode()], greeted)
        open_ones = {name for name in open_ones if not stories[name].began}
        if not open_ones:
            return


def _take(file: LogFile, line: bytes, story: Story, greeted: dict[str, Story]) -> None:
    try:
        event = file.event(line)
    except Foreign:
        story.misunderstand(visible(text(line)))
        return
    if event is None:
        return
    if event.queue != story.id:
        return  # a queue id inside somebody's words, such as a HELO name
    story.add(event)
    if event.kind == "accepted" and "process" in event.facts:
        greeted[str(event.facts["process"])] = story


def _encrypted(file: LogFile, line: bytes, greeted: dict[str, Story]) -> None:
    try:
        event = file.event(line)
    except Foreign:
        return
    if event and event.kind == "tls" and (story := greeted.pop(str(event.facts["process"]), None)):
        story.tls = str(event.facts["tls"])


def _join(shelf: Shelf, stories: dict[str, Story], deadline: float) -> None:
    """What the filter and the mailbox say of them."""
    by_queue = dict(stories)
    by_message = {story.message_id: story for story in stories.values() if story.message_id}
    names = [name.encode() for name in {*by_queue, *by_message} if len(name) > 5]
    times = [story.at for story in stories.values() if story.at]
    if not names or not times:
        return
    anyone = re.compile(b"|".join(re.escape(name) for name in names))
    since = min(times) - MARGIN
    for file, offset, block in _Walk(shelf.of(rspamd, dovecot), deadline, Query(since=since)):
        if not anyone.search(block):
            continue
        for line, _place in _lines(block, offset):
            if anyone.search(line):
                _attach(file, line, by_queue, by_message)


def _attach(file: LogFile, line: bytes, by_queue: dict[str, Story], by_message: dict[str, Story]) -> None:
    try:
        event = file.event(line)
    except Foreign:
        return
    story = event and (
        by_queue.get(event.queue) or (None if event.queue else by_message.get(event.message_id))
    )
    if event and story and _fits(event, story):
        story.add(event)


def _fits(event: Event, story: Story) -> bool:
    """Anybody may write a Message-ID; the session of a delivery is ours."""
    ours = {e.facts.get("session") for e in story.events if e.kind == "delivered" and e.facts.get("session")}
    return not event.facts.get("session") or not ours or event.facts["session"] in ours


def clients(shelf: Shelf, most: int = 200, seconds: float = 2.0) -> list[Event]:
    """The newest strangers at the door: who is not signed in, and not one of our own services."""
    found: list[Event] = []
    walk = _Walk(shelf.of(*CARRIERS), time.monotonic() + seconds, Query())
    for file, offset, block in walk:
        for line, _place in _lines(block, offset):
            try:
                event = file.event(line)
            except Foreign:
                continue
            if event and _is_stranger(event):
                found.append(event)
            if len(found) >= most:
                return found
    return found


def _is_stranger(event: Event) -> bool:
    process = str(event.facts.get("process", ""))
    if event.kind not in ("accepted", "refused", "put_off") or not event.facts.get("ip"):
        return False
    return not event.facts.get("user") and "/inject" not in process and "/forward" not in process
