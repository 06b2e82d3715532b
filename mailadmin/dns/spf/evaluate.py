"""check_host(): RFC 7208, 4 to 6. Proven by the public RFC 7208 test suite."""

import ipaddress
from dataclasses import dataclass, field

from mailadmin.dns.names import Address, address, is_below, reverse
from mailadmin.dns.network import LookupFailed, Network

from . import macro
from .record import COSTLY, Record, SyntaxFault, Term, is_macro_string, is_spf, parse

MOST_LOOKUPS = 10
MOST_VOIDS = 2
MOST_NAMES = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """`result` in the words of section 2.6; `term` is what matched, with the domain whose record it is in."""

    result: str
    term: str = ""
    domain: str = ""
    reason: str = ""
    explanation: str = ""


class _PermError(Exception):
    pass


class _TempError(Exception):
    pass


@dataclass(slots=True)
class Evaluation:
    """One SMTP client speaking for one sender."""

    network: Network
    ip: Address
    sender: str
    helo: str
    receiver: str = "unknown"
    lookups: int = 0
    voids: int = 0
    _validated: list[str] | None = field(default=None)

    def run(self, target: str = "") -> Verdict:
        """`target`: only what this included record says about the sender."""
        if isinstance(self.ip, ipaddress.IPv6Address) and self.ip.ipv4_mapped:
            self.ip = self.ip.ipv4_mapped
        sender = self.sender or f"postmaster@{self.helo}"
        local, _, domain = sender.rpartition("@")
        self.sender = f"{local or 'postmaster'}@{domain}"
        if not is_askable(domain) or "." not in domain.strip("."):
            return Verdict("none", reason="domain")  # 4.3
        try:
            return self._check((target or domain).rstrip(".").lower(), explain=not target)
        except _PermError as error:
            return Verdict("permerror", reason=str(error))
        except _TempError as error:
            return Verdict("temperror", reason=str(error))

    def _check(self, domain: str, *, explain: bool) -> Verdict:
        record = self._record(domain)
        if record is None:
            return Verdict("none", domain=domain)
        for term in record.terms:
            if self._matches(term, domain):
                explanation = (
                    self._explanation(record, domain) if explain and term.qualifier == "fail" else ""
                )
                return Verdict(term.qualifier, term.text, domain, explanation=explanation)
        if record.redirect and record.all_term is None:
            return self._redirect(record.redirect, domain, explain)
        return Verdict("neutral", domain=domain)  # 4.7

    def _record(self, domain: str) -> Record | None:
        try:
            found = [text for text in self.network.texts(domain) if is_spf(text)]
        except LookupFailed as failed:
            raise _TempError(str(failed)) from None
        if len(found) > 1:
            raise _PermError(f"several records at {domain}")  # 4.5
        try:
            return parse(found[0]) if found else None
        except SyntaxFault as fault:
            raise _PermError(f"syntax: {fault.term}") from None

    def _redirect(self, target: str, domain: str, explain: bool) -> Verdict:
        self._count()
        name = self._name(target, domain)
        verdict = self._check(name, explain=explain) if is_askable(name) else Verdict("none")
        if verdict.result == "none":
            raise _PermError(f"redirect to {name} has no record")  # 6.1
        return verdict

    def _matches(self, term: Term, domain: str) -> bool:
        if term.name in COSTLY:
            self._count()
        match term.name:
            case "all":
                return True
            case "ip4" | "ip6":
                network = ipaddress.ip_network(term.value)
                return self.ip.version == network.version and self.ip in network
            case "include":
                return self._include(self._name(term.value, domain))
            case "ptr":
                return self._pointer(self._name(term.value, domain))
            case "exists":
                return bool(self._found(self._name(term.value, domain), "A"))  # 5.7: A even for IPv6
            case "mx":
                return self._mx(term, self._name(term.value, domain))
        return self._within(term, self._addresses(self._name(term.value, domain)))

    def _include(self, name: str) -> bool:
        result = self._check(name, explain=False).result if is_askable(name) else "none"
        if result == "none":
            raise _PermError(f"include of {name} finds no record")  # 5.2
        return result == "pass"

    def _mx(self, term: Term, name: str) -> bool:
        targets = [text.split()[1].rstrip(".").lower() for text in self._found(name, "MX")]
        if len(targets) > MOST_NAMES:
            raise _PermError(f"more than {MOST_NAMES} MX at {name}")  # 4.6.4
        return any(self._within(term, self._addresses(target)) for target in targets if target)

    def _pointer(self, name: str) -> bool:
        return any(is_below(host, name) for host in self._validated_names())

    def _within(self, term: Term, addresses: list[Address]) -> bool:
        bits = term.cidr4 if self.ip.version == 4 else term.cidr6
        return any(
            self.ip in ipaddress.ip_network((ip, bits), strict=False)
            for ip in addresses
            if ip.version == self.ip.version
        )

    def _addresses(self, name: str) -> list[Address]:
        texts = self._found(name, "A" if self.ip.version == 4 else "AAAA")
        return [ip for ip in map(address, texts) if ip is not None]

    def _found(self, name: str, kind: str) -> list[str]:
        if not is_askable(name):
            return []
        try:
            records = self.network.lookup(name, kind).records
        except LookupFailed as failed:
            raise _TempError(str(failed)) from None
        if not records:
            self.voids += 1
            if self.voids > MOST_VOIDS:
                raise _PermError("more than two lookups found nothing")  # 4.6.4
        return records

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise _PermError("more than ten lookups")  # 4.6.4

    def _name(self, text: str, domain: str) -> str:
        return macro.name(text, domain, self._circumstances()) if text else domain

    def _circumstances(self) -> macro.Circumstances:
        now = int(self.network.now().timestamp())
        return macro.Circumstances(self.ip, self.sender, self.helo, self._p, self.receiver, now)

    def _p(self, domain: str) -> str:
        """7.3: the domain itself, else one below it, else any, else "unknown"."""
        names = self._validated_names()
        exact = [name for name in names if name == domain]
        below = [name for name in names if is_below(name, domain)]
        return (exact + below + names + ["unknown"])[0]

    def _validated_names(self) -> list[str]:
        """5.5: the names of the address that lead back to it; a failing lookup only means no match."""
        if self._validated is None:
            self._validated = []
            kind = "A" if self.ip.version == 4 else "AAAA"
            for text in self.network.ask(reverse(self.ip), "PTR").records[:MOST_NAMES]:
                host = text.rstrip(".").lower()
                if any(address(ip) == self.ip for ip in self.network.ask(host, kind).records):
                    self._validated.append(host)
        return self._validated

    def _explanation(self, record: Record, domain: str) -> str:
        if not record.explanation:
            return ""
        name = self._name(record.explanation, domain)
        answer = self.network.ask(name, "TXT") if is_askable(name) else None
        if answer is None or len(answer.rdatas) != 1:
            return ""
        text = answer.texts[0]
        if not text.isascii() or not is_macro_string(text):
            return ""  # 6.2: any fault in the explanation means there is none
        return macro.expand(text, domain, self._circumstances())


def is_askable(name: str) -> bool:
    labels = name.rstrip(".").split(".")
    return len(name) <= 254 and all(0 < len(label.encode()) <= 63 for label in labels)


def evaluate(network: Network, ip: Address, sender: str, helo: str) -> Verdict:
    return Evaluation(network, ip, sender, helo).run()
