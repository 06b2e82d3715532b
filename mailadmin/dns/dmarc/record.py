"""One DMARC record and where it is found. RFC 9989, 4.7 and 4.10."""

import re
from dataclasses import dataclass

from mailadmin.dns import tags
from mailadmin.dns.network import Network

POLICIES = ("none", "quarantine", "reject")
KNOWN = ("v", "p", "sp", "np", "psd", "t", "adkim", "aspf", "fo", "rua", "ruf")
REMOVED = ("pct", "rf", "ri")  # gone in RFC 9989; old readers honour them
MOST_QUERIES = 8
_ALLOWED = {
    "p": POLICIES,
    "sp": POLICIES,
    "np": POLICIES,
    "psd": ("y", "n", "u"),
    "t": ("y", "n"),
    "adkim": ("r", "s"),
    "aspf": ("r", "s"),
}
_MAILTO = re.compile(r"mailto:([^@!\s]+@[A-Za-z0-9._-]+)(![0-9]+[kmgtKMGT]?)?\Z", re.IGNORECASE)


class RecordFault(ValueError):
    def __init__(self, tag: str, value: str) -> None:
        super().__init__(f"{tag}={value}")
        self.tag, self.value = tag, value


@dataclass(frozen=True, slots=True)
class Record:
    text: str
    tags: dict[str, str]

    @property
    def policy(self) -> str:
        return self._lowered(self.tags.get("p", "none"))

    @property
    def sub_policy(self) -> str:
        return self._lowered(self.tags.get("sp", self.tags.get("p", "none")))

    @property
    def missing_policy(self) -> str:
        """For names that do not exist (np)."""
        return self._lowered(self.tags.get("np", self.tags.get("sp", self.tags.get("p", "none"))))

    def policy_for(self, *, own: bool) -> str:
        """`own`: of the name the record stands at; else of one below it."""
        return self.policy if own else self.sub_policy

    @property
    def testing(self) -> bool:
        return self.tags.get("t") == "y"

    @property
    def reports(self) -> list[str]:
        return [uri.strip() for uri in self.tags.get("rua", "").split(",") if uri.strip()]

    def _lowered(self, policy: str) -> str:
        """RFC 9989, 4.7: t=y asks for one level less."""
        value = policy.lower()
        if not self.testing or value not in POLICIES:
            return value
        return POLICIES[max(0, POLICIES.index(value) - 1)]


def is_dmarc(text: str) -> bool:
    """4.7: v=DMARC1 comes first, exactly so; anything else at the name is not ours."""
    return re.match(r"v[ \t]*=[ \t]*DMARC1[ \t]*(;|\Z)", text) is not None


def parse(text: str) -> Record:
    try:
        found = tags.parse(text)
    except tags.TagFault as fault:
        raise RecordFault(fault.part, "") from None
    for tag, allowed in _ALLOWED.items():
        if tag in found and found[tag].lower() not in allowed:
            raise RecordFault(tag, found[tag])
    if any(letter.strip() not in ("0", "1", "d", "s") for letter in found.get("fo", "0").split(":")):
        raise RecordFault("fo", found["fo"])
    return Record(text, found)


def mailbox(uri: str) -> str:
    """The address of a mailto: URI, or "" when it is none."""
    match = _MAILTO.match(uri)
    return match[1].lower() if match else ""


def discover(domain: str, net: Network) -> tuple[str, list[str]]:
    """RFC 9989, 4.10.1: its own record, else its organisation's, else the public suffix's.

    (domain that has it, its records); ("", []) when there is none.
    """
    own = [text for text in net.texts(f"_dmarc.{domain}") if is_dmarc(text)]
    if own:
        return domain, own
    for name in (organisation(domain, net), *reversed(walk(domain))):
        records = [text for text in net.texts(f"_dmarc.{name}") if is_dmarc(text)]
        if records:
            return name, records
    return "", []


def walk(domain: str) -> list[str]:
    """At most eight names; one with more than eight labels jumps to its seven last (4.10, step 4)."""
    labels = domain.split(".")
    names = [domain]
    labels = labels[1:] if len(labels) <= MOST_QUERIES else labels[-7:]
    while labels and len(names) < MOST_QUERIES:
        names.append(".".join(labels))
        labels = labels[1:]
    return names


def organisation(domain: str, net: Network) -> str:
    """4.10.2: where psd=n stands, or below psd=y, or the shortest name of the walk with a record."""
    found = domain
    for name in walk(domain):
        for text in net.texts(f"_dmarc.{name}"):
            if is_dmarc(text):
                psd = re.search(r";[ \t]*psd[ \t]*=[ \t]*([yn])", text)
                if psd and psd[1] == "n":
                    return name
                if psd and psd[1] == "y" and name != domain:
                    return ".".join(domain.split(".")[-name.count(".") - 2 :])
                found = name
    return found
