"""A network that is a dict of answers: {(name, kind): [records]}, or a word such as "SERVFAIL"."""

from collections.abc import Mapping
from datetime import UTC, datetime

import dns.rdata

from mailadmin.dns.network import Answer, Delegation, Network, Page, Server, State

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MOST_ALIASES = 8


class Paper(Network):
    """Answers are written down; nothing is sent. Names without an entry do not exist."""

    def __init__(self, records: Mapping[tuple[str, str], list[str] | str], *, now: datetime = NOW) -> None:
        self.records = {(name.lower().rstrip("."), kind): value for (name, kind), value in records.items()}
        self.names = {name for name, _ in self.records}
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str]] = []
        self._now = now

    def ask(self, name: str, kind: str) -> Answer:
        self.asked.append((name, kind))
        here, chain = name.lower().rstrip("."), []
        while (here, kind) not in self.records and (here, "CNAME") in self.records:
            here = self.records[here, "CNAME"][0].lower().rstrip(".")
            chain.append(here)
            if len(chain) > MOST_ALIASES:
                return Answer(name, kind, State.FAILED, reason="CNAME loop")
        return self._answer(name, kind, here, tuple(chain))

    def _answer(self, name: str, kind: str, here: str, chain: tuple[str, ...]) -> Answer:
        value = self.records.get((here, kind))
        if isinstance(value, str):
            state = State.BOGUS if value == "BOGUS" else State.FAILED
            return Answer(name, kind, state, reason=value, chain=chain)
        if value is None:
            known = any(n == here or n.endswith("." + here) for n in self.names)
            return Answer(name, kind, State.EMPTY if known else State.ABSENT, chain=chain)
        rdatas = tuple(dns.rdata.from_text("IN", kind, text) for text in value)
        return Answer(name, kind, State.FOUND if rdatas else State.EMPTY, rdatas, 300, chain, secure=True)

    def ask_at(self, server: Server, name: str, kind: str) -> Answer:
        return self.ask(name, kind)

    def delegation(self, zone: str) -> Delegation:
        return Delegation(zone)

    def zone_of(self, name: str) -> str:
        return name

    def fetch(self, url: str, *, post=None, host_address="", headers=None, patience=0.0) -> Page:
        return self.pages.get(url, Page(url, error="dns"))

    def now(self) -> datetime:
        return self._now
