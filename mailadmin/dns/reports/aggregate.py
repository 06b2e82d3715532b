"""DMARC aggregate reports: RFC 9990, appendix A; RFC 7489, appendix C. Pure.

Read by expat in one pass, with nothing kept but what is wanted. A document type is refused: without one
no entity can be declared, so nothing can expand (billion laughs) and nothing outside can be fetched (XXE).
"""

import ipaddress
import xml.parsers.expat as expat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mailadmin.dns.names import is_domain, normal

from .unpack import ReportFault

MOST_ROWS, MOST_DEPTH, MOST_TEXT, MOST_SIGNATURES = 20_000, 12, 2048, 5
MOST_COUNT = 10**9
POLICIES = ("none", "quarantine", "reject")
FIELDS = {
    "feedback/report_metadata/org_name": "org",
    "feedback/report_metadata/report_id": "identifier",
    "feedback/report_metadata/date_range/begin": "begin",
    "feedback/report_metadata/date_range/end": "end",
    "feedback/policy_published/domain": "domain",
    "feedback/policy_published/p": "policy",
}
ROW = "feedback/record"
ROW_FIELDS = {
    "row/source_ip": "source",
    "row/count": "count",
    "row/policy_evaluated/disposition": "disposition",
    "row/policy_evaluated/dkim": "dkim",
    "row/policy_evaluated/spf": "spf",
    "identifiers/header_from": "author",
    "auth_results/spf/domain": "spf_domain",
    "auth_results/spf/scope": "spf_scope",
    "auth_results/spf/result": "spf_result",
}
SIGNATURE = "auth_results/dkim"


@dataclass(frozen=True, slots=True)
class Signature:
    domain: str
    selector: str  # empty when the receiver does not say it
    good: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Letters of one source that were judged alike. `dkim`, `spf`: passed and aligned.

    `strict`: would pass, too, if only the very same domain counted (adkim=s; aspf=s).
    """

    source: str
    count: int
    disposition: str
    dkim: bool
    spf: bool
    author: str = ""
    signatures: tuple[Signature, ...] = ()  # as they come, the first few
    strict: bool = False

    @property
    def aligned(self) -> bool:
        return self.dkim or self.spf

    @property
    def signer(self) -> str:
        """The domain of the first good signature, or ""."""
        return next((one.domain for one in self.signatures if one.good), "")


@dataclass(frozen=True, slots=True)
class Aggregate:
    org: str
    identifier: str
    domain: str
    begin: datetime
    end: datetime
    policy: str
    rows: tuple[Row, ...]

    @property
    def letters(self) -> int:
        return sum(row.count for row in self.rows)


@dataclass(slots=True)
class _Reading:
    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    length: int = 0
    found: dict[str, str] = field(default_factory=dict)
    row: dict[str, str] = field(default_factory=dict)
    signature: dict[str, str] = field(default_factory=dict)
    signatures: list[Signature] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if len(self.path) >= MOST_DEPTH:
            raise ReportFault("malformed")
        self.path.append(name.rpartition(":")[2].lower())
        self.text, self.length = [], 0

    def data(self, text: str) -> None:
        self.length += len(text)
        if self.length <= MOST_TEXT:
            self.text.append(text)

    def end(self, _name: str) -> None:
        place = "/".join(self.path)
        value = "".join(self.text).strip()
        self.path.pop()
        self.text, self.length = [], 0
        if place in FIELDS:
            self.found.setdefault(FIELDS[place], value)
        elif place == ROW:
            self._close_row()
        elif place.startswith(f"{ROW}/"):
            self._part(place[len(ROW) + 1 :], value)

    def _part(self, place: str, value: str) -> None:
        """Of a record; a letter may have more signatures than one."""
        above, _, name = place.rpartition("/")
        if place == SIGNATURE:
            told, self.signature = self.signature, {}
            if len(self.signatures) < MOST_SIGNATURES:
                self.signatures.append(_signature(told))
        elif above == SIGNATURE:
            self.signature.setdefault(name, value)
        elif place in ROW_FIELDS:
            self.row.setdefault(ROW_FIELDS[place], value)

    def _close_row(self) -> None:
        row, self.row = self.row, {}
        signatures, self.signatures = tuple(self.signatures), []
        if len(self.rows) >= MOST_ROWS:
            raise ReportFault("big")
        if made := _row(row, signatures):
            self.rows.append(made)


def read(document: bytes) -> Aggregate:
    """Raises ReportFault."""
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.CharacterDataHandler = reading.data
    parser.StartDoctypeDeclHandler = _no_type
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, LookupError, UnicodeError):
        raise ReportFault("malformed") from None
    return _whole(reading)


def _no_type(*_facts: object) -> None:
    raise ReportFault("entities")


def _whole(reading: _Reading) -> Aggregate:
    found = reading.found
    try:
        domain = normal(found.get("domain", ""))
        begin, end = (datetime.fromtimestamp(int(found.get(key, "")), UTC) for key in ("begin", "end"))
    except (ValueError, OverflowError, OSError):
        raise ReportFault("malformed") from None
    if not is_domain(domain) or not found.get("identifier") or end < begin:
        raise ReportFault("malformed")
    policy = found.get("policy", "").lower()
    return Aggregate(
        found.get("org", "")[:200],
        found["identifier"][:200],
        domain,
        begin,
        end,
        policy if policy in POLICIES else "none",
        tuple(reading.rows),
    )


def _signature(told: Mapping[str, str]) -> Signature:
    return Signature(
        told.get("domain", "").lower().rstrip(".")[:253],
        told.get("selector", "").lower()[:100],
        told.get("result", "").lower() == "pass",
    )


def _row(told: Mapping[str, str], signatures: tuple[Signature, ...]) -> Row | None:
    """None when it says nothing that can be counted."""
    try:
        source = ipaddress.ip_address(told.get("source", ""))
        count = int(told.get("count", ""))
    except ValueError:
        return None
    if not 0 < count <= MOST_COUNT:
        return None
    dkim, spf = (told.get(name, "").lower() == "pass" for name in ("dkim", "spf"))
    return Row(
        str(source),
        count,
        told.get("disposition", "").lower()[:20],
        dkim,
        spf,
        told.get("author", "").lower()[:253],
        signatures,
        strict=(dkim or spf) and _is_strict(told, signatures),
    )


def _is_strict(told: Mapping[str, str], signatures: tuple[Signature, ...]) -> bool:
    """RFC 9989, 4.4: the author's domain itself passed, not another of its organisation."""
    place = {name: told.get(name, "").lower().rstrip(".") for name in ("author", "spf_domain")}
    by_spf = told.get("spf_result", "").lower() == "pass" and told.get("spf_scope", "").lower() != "helo"
    passed = {one.domain for one in signatures if one.good} | ({place["spf_domain"]} if by_spf else set())
    return bool(place["author"]) and place["author"] in passed
