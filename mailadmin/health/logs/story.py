"""Events of one message, in order, and what became of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from .event import Event

MOST_EVENTS = 200
MOST_FOREIGN = 10
RANK = {
    kind: number
    for number, kind in enumerate(
        (
            *(
                "accepted",
                "addressed",
                "identified",
                "filtered",
                "queued",
                "taken",
                "refused",
                "put_off",
                "held",
            ),
            *("discarded", "forwarded", "answered", "dropped", "stored", "delivered", "sent", "deferred"),
            *("bounced", "undeliverable", "expired", "notified", "finished"),
        )
    )
}
INSIDE = ("stored", "forwarded", "answered", "dropped", "returned", "not_stored", "noted")  # of the mailbox
HIDDEN = ("tls", "subject", "identified", "queued", "addressed", "finished", "taken")
STATES = (  # the first whose event is there; what came last of the undecided ones is told by `state`
    ("refused", "refused"),
    ("discarded", "discarded"),
    ("bounced", "bounced"),
    ("expired", "bounced"),
    ("undeliverable", "bounced"),
)


@dataclass(slots=True)
class Story:
    """`id`: the queue id, or the place of the line for mail that never got one."""

    id: str
    events: list[Event] = field(default_factory=list)
    message_id: str = ""
    tls: str = ""
    foreign: list[str] = field(default_factory=list)  # lines of it that nobody understood
    foreign_count: int = 0

    def add(self, event: Event) -> None:
        if len(self.events) < MOST_EVENTS:
            self.events.append(event)
        self.message_id = self.message_id or (event.message_id if event.kind == "identified" else "")

    def misunderstand(self, line: str) -> None:
        self.foreign_count += 1
        if len(self.foreign) < MOST_FOREIGN:
            self.foreign.append(line)

    @property
    def at(self) -> datetime | None:
        return min((event.at for event in self.events if event.at), default=None)

    @property
    def began(self) -> bool:
        return any(event.kind in ("accepted", "refused", "put_off") for event in self.events)

    @property
    def sender(self) -> str:
        told = (
            str(event.facts["sender"])
            for event in self.events
            if event.kind != "filtered" and "sender" in event.facts
        )
        return next(told, "")

    @property
    def subject(self) -> str:
        return next((str(event.facts["subject"]) for event in self.events if event.kind == "subject"), "")

    @property
    def recipients(self) -> list[str]:
        carried = [event for event in self.in_order() if event.kind not in INSIDE]
        told = (str(event.facts.get("asked") or event.facts.get("recipient") or "") for event in carried)
        return list(dict.fromkeys(address for address in told if address))

    @property
    def state(self) -> str:
        kinds = {event.kind for event in self.events}
        for kind, state in STATES:
            if kind in kinds:
                return state
        done, waits = kinds & {"delivered", "sent"}, self._waiting()
        if waits:
            return "deferred"
        if done:
            return "delivered" if "delivered" in done else "sent"
        return "put_off" if "put_off" in kinds else "under_way"

    def _waiting(self) -> bool:
        """Somebody's copy was put off and has not arrived since."""
        last: dict[str, str] = {}
        for event in self.in_order():
            if event.kind in ("deferred", "delivered", "sent"):
                last[str(event.facts.get("recipient", ""))] = event.kind
        return "deferred" in last.values()

    def in_order(self) -> list[Event]:
        early = datetime.min.replace(tzinfo=UTC)
        return sorted(self.events, key=lambda event: (event.at or early, RANK.get(event.kind, 50)))

    def told(self) -> Iterator[Event]:
        """What is worth a sentence; where Dovecot put a letter belongs to its delivery."""
        stored = {str(e.facts.get("session")): e for e in self.events if e.kind == "stored"}
        matched = {str(e.facts.get("session")) for e in self.events if e.kind == "delivered"}
        for event in self.in_order():
            if event.kind in HIDDEN or (event.kind == "stored" and event.facts.get("session") in matched):
                continue
            if event.kind == "accepted":
                event = replace(event, facts={**event.facts, "tls": self.tls})
            if event.kind == "delivered" and (place := stored.get(str(event.facts.get("session")))):
                event = replace(event, facts={**event.facts, "folder": place.facts.get("folder")})
            yield event

    def concerns(self, domain: str) -> bool:
        return any(_in(address, domain) for event in self.events for address in event.addresses)

    def only(self, domain: str) -> "Story":
        """What an administrator of one domain may see: their own mail, and their part of strangers'."""
        users = [str(event.facts.get("user", "")) for event in self.events]
        own = any(_in(address, domain) for address in (*users, self.sender))
        if own:
            return self
        kept = [
            e for e in self.events if not e.facts.get("recipient") or any(_in(a, domain) for a in e.addresses)
        ]
        return Story(self.id, kept, self.message_id, self.tls, [], self.foreign_count)


def _in(address: str, domain: str) -> bool:
    return address.lower().rpartition("@")[2] == domain.lower()


def newest_first(stories: Iterable[Story]) -> list[Story]:
    early = datetime.min.replace(tzinfo=UTC)
    return sorted(stories, key=lambda story: story.at or early, reverse=True)
