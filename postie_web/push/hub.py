"""People, their tabs, and what each tab has not been told yet.

Nothing is queued: a tab remembers the number of the last thing it was told, and is sent the newest state of
all that changed since. So a slow tab costs nothing, and one that comes back (Last-Event-ID) misses nothing.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from webmail.imap import errors

from .visitors import Visitor
from .watch import State

Watching = Callable[[Visitor, Callable[[str, State | None], None]], Coroutine[Any, Any, None]]
_MOST_JOBS = 20


class Full(Exception):
    """No further tab: the page asks from time to time instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    tabs: int = 2000
    tabs_each: int = 20
    people: int = 1500
    linger: float = 20.0  # seconds a mailbox stays watched without a tab: a reload, a lost network


@dataclass(slots=True, eq=False)
class Tab:
    visitor: Visitor
    told: int = 0
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    is_ended: bool = False
    is_signed_out: bool = False

    def end(self) -> None:
        self.is_ended = True
        self.wake.set()


class Person:
    """One mailbox: one watch, whatever the number of tabs."""

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(4)
        self.number = 0
        self.changes: dict[tuple[str, str], tuple[int, object]] = {}  # (kind, name) → number, value
        self.tabs: set[Tab] = set()
        self.task: asyncio.Task[None] | None = None
        self.leaving: asyncio.TimerHandle | None = None

    def tell(self, kind: str, name: str, value: object) -> None:
        self.number += 1
        self.changes[kind, name] = (self.number, value)
        for tab in self.tabs:
            tab.wake.set()

    def folder(self, name: str, state: State | None) -> None:
        numbers = [state.messages, state.unread, state.uidnext, state.modseq] if state else None
        self.tell("folders", name, numbers)

    def job(self, name: str, value: object) -> None:
        self.tell("jobs", name, value)
        jobs = sorted((number, key) for key, (number, _) in self.changes.items() if key[0] == "jobs")
        for _, key in jobs[:-_MOST_JOBS]:
            del self.changes[key]

    def since(self, number: int) -> dict[str, dict[str, object]]:
        """What changed after `number`: {"folders": {name: numbers or None}, "jobs": {…}}."""
        if number >= self.number:
            return {}
        found: dict[str, dict[str, object]] = {}
        for (kind, name), (when, value) in self.changes.items():
            if when > number:
                found.setdefault(kind, {})[name] = value
        return found

    def resumed(self, event_id: str) -> int:
        """The number a returning tab was told last; 0 when it is not ours to know."""
        epoch, _, number = event_id.partition("-")
        known = epoch == self.epoch and number.isascii() and number.isdigit() and len(number) < 12
        return int(number) if known and int(number) <= self.number else 0


class Hub:
    def __init__(self, watching: Watching, limits: Limits | None = None) -> None:
        self._watching = watching
        self.limits = limits or Limits()
        self.people: dict[str, Person] = {}

    @property
    def tabs(self) -> list[Tab]:
        return [tab for person in self.people.values() for tab in person.tabs]

    def enter(self, visitor: Visitor, event_id: str) -> tuple[Person, Tab]:
        """A new tab. Raises Full."""
        person = self.people.get(visitor.key)
        if person is None and len(self.people) >= self.limits.people:
            raise Full
        if len(self.tabs) >= self.limits.tabs or (person and len(person.tabs) >= self.limits.tabs_each):
            raise Full
        if person is None:
            person = self.people[visitor.key] = Person()
            person.task = asyncio.create_task(self._watch(person, visitor))
        if person.leaving:
            person.leaving.cancel()
            person.leaving = None
        tab = Tab(visitor=visitor, told=person.resumed(event_id))
        person.tabs.add(tab)
        return person, tab

    def leave(self, person: Person, tab: Tab) -> None:
        person.tabs.discard(tab)
        if not person.tabs and person.leaving is None:
            loop = asyncio.get_running_loop()
            seconds = 0.0 if tab.is_signed_out else self.limits.linger
            person.leaving = loop.call_later(seconds, self._forget, person, tab.visitor.key)

    def tell_job(self, who: str, name: str, value: object) -> None:
        for person in self.people.values():
            if any(tab.visitor.who == who for tab in person.tabs):
                person.job(name, value)

    async def close(self) -> None:
        for person in list(self.people.values()):
            for tab in person.tabs:
                tab.end()
            if person.task:
                person.task.cancel()
                with suppress(asyncio.CancelledError):
                    await person.task
        self.people.clear()

    async def _watch(self, person: Person, visitor: Visitor) -> None:
        try:
            await self._watching(visitor, person.folder)
        except errors.Unauthorized:
            # The password was changed: whoever has the old one is told nothing more.
            for tab in person.tabs:
                tab.end()
            self._forget(person, visitor.key)

    def _forget(self, person: Person, key: str) -> None:
        if self.people.get(key) is person:
            del self.people[key]
        if person.task and person.task is not asyncio.current_task():
            person.task.cancel()


def event(person: Person, tab: Tab) -> bytes:
    """What the tab has not been told, as one event; empty when that is nothing."""
    found = person.since(tab.told)
    if not found:
        return b""
    tab.told = person.number
    data = json.dumps(found, separators=(",", ":"), ensure_ascii=False)  # JSON has no bare line breaks
    return f"id: {person.epoch}-{person.number}\ndata: {data}\n\n".encode()
