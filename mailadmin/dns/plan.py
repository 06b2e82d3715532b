"""What to change so that a domain publishes what it should: ＋ ～ －, and nothing that is not ours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import dns.rdata
import dns.rdataclass
import dns.rdatatype

from .formats import quoted
from .network import Answer, Network, State, Wrapped

TTL = 3600
ADDED = ("CAA", "TLSA")  # stand beside those of others: nothing of theirs is replaced


@dataclass(frozen=True, slots=True)
class Change:
    """Values of one name and type: `old` goes, `new` comes, every other value stays. TXT without quotes."""

    name: str
    kind: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    purpose: str

    @property
    def sign(self) -> str:
        if self.old and self.new:
            return "~"
        return "+" if self.new else "-"

    @property
    def inverse(self) -> "Change":
        return replace(self, old=self.new, new=self.old)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "old": list(self.old), "new": list(self.new)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Change":
        return cls(data["name"], data["kind"], tuple(data["old"]), tuple(data["new"]), data["purpose"])


def plan(wanted: Iterable[Mapping[str, Any]]) -> list[Change]:
    """From the expected state of a report (expected.Wanted as JSON). What is published stays as it is."""
    changes = []
    for record in wanted:
        if record["state"] in ("missing", "other"):
            old = tuple(_ours(record))
            changes.append(Change(record["name"], record["kind"], old, (record["value"],), record["purpose"]))
    return changes


def _ours(record: Mapping[str, Any]) -> list[str]:
    """Of what stands at the name, only what does the same job: a foreign TXT is not touched."""
    found = list(record["found"])
    if record["kind"] in ADDED:
        return []
    if record["kind"] != "TXT":
        return found
    marks = {"spf": "v=spf1", "dmarc": "v=dmarc1", "mta-sts": "v=stsv1", "tls-rpt": "v=tlsrptv1"}
    mark = marks.get(record["purpose"], "")
    return [text for text in found if text.lower().lstrip().startswith(mark)]


class Planned(Wrapped):
    """The network as it would be after the changes: the whole suite can be run on it beforehand."""

    def __init__(self, network: Network, changes: Sequence[Change]) -> None:
        super().__init__(network)
        self.changes: dict[tuple[str, str], list[Change]] = {}
        for change in changes:
            self.changes.setdefault((change.name, change.kind), []).append(change)

    def ask(self, name: str, kind: str) -> Answer:
        answer = self.network.ask(name, kind)
        changes = self.changes.get((name, kind))
        if not changes:
            return answer
        kept = [rdata for rdata in answer.rdatas if not any(_is(rdata, kind, c.old) for c in changes)]
        added = [parse(kind, value) for change in changes for value in change.new]
        rdatas = (*kept, *added)
        state = State.FOUND if rdatas else State.EMPTY
        return replace(answer, rdatas=rdatas, state=state, views=(), chain=(), reason="planned")


def parse(kind: str, value: str) -> dns.rdata.Rdata:
    text = quoted(value) if kind == "TXT" else value
    return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(kind), text)


def _is(rdata: dns.rdata.Rdata, kind: str, values: Iterable[str]) -> bool:
    if kind == "TXT":  # however the strings are cut, the text counts
        text = b"".join(getattr(rdata, "strings", ()))
        return any(text == value.encode() for value in values)
    return any(rdata == parse(kind, value) for value in values)
