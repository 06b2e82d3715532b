"""The records a domain should publish, beside what is there. SPF is merged, never replaced."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from . import caa, mta_sts, tls_rpt
from .dkim import record as dkim
from .dmarc import check as dmarc
from .dmarc import record as dmarc_record
from .network import LookupFailed, Network
from .spf import check as spf_check
from .spf.evaluate import evaluate
from .spf.record import SyntaxFault, is_spf, parse
from .subject import Subject

TTL = 3600
NOTHING = "."


@dataclass(frozen=True, slots=True)
class Wanted:
    """`value` as a zone file has it, TXT without quotes. `state`: published, missing, other, unknown."""

    purpose: str
    name: str
    kind: str
    value: str
    found: tuple[str, ...] = ()
    state: str = "unknown"
    optional: bool = False

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "found": list(self.found)}


def compare(subject: Subject, net: Network) -> list[Wanted]:
    makers = (
        (_parked,)
        if subject.parked
        else (_mail, _spf, _dkim, _dmarc, _transport, _clients, _authorities, _dane)
    )
    return [wanted for maker in makers for wanted in maker(subject, net)]


def _look(wanted: Wanted, net: Network, *, good: bool | None = None) -> Wanted:
    """`good` when the standard decides and not the letters (SPF, DMARC)."""
    answer = net.ask(wanted.name, wanted.kind)
    found = tuple(answer.texts if wanted.kind == "TXT" else answer.records)
    if wanted.kind == "CNAME" and not found:
        found = tuple(f"{target}." for target in answer.chain[:1])
    state = _state(answer.measured, good if good is not None else wanted.value in found, found)
    return Wanted(wanted.purpose, wanted.name, wanted.kind, wanted.value, found, state, wanted.optional)


def _parked(subject: Subject, net: Network) -> Iterator[Wanted]:
    name = subject.name
    yield _look(Wanted("mx", name, "MX", f"0 {NOTHING}"), net)
    yield _look(Wanted("spf", name, "TXT", spf_check.PARKED), net)
    yield _look(Wanted("dmarc", f"_dmarc.{name}", "TXT", dmarc.PARKED), net)
    yield _look(Wanted("dkim", f"*._domainkey.{name}", "TXT", "v=DKIM1; p="), net)


def _mail(subject: Subject, net: Network) -> Iterator[Wanted]:
    yield _look(Wanted("mx", subject.name, "MX", f"10 {subject.server.host}."), net)


def _spf(subject: Subject, net: Network) -> Iterator[Wanted]:
    found = [text for text in net.ask(subject.name, "TXT").texts if is_spf(text)]
    passes = all(
        evaluate(net, ip, f"postmaster@{subject.name}", subject.server.name).result == "pass"
        for ip in subject.server.senders
    )
    good = len(found) == 1 and passes
    wanted = Wanted("spf", subject.name, "TXT", found[0] if good else merged(subject, found))
    looked = _look(wanted, net, good=good)
    others = tuple(text for text in looked.found if is_spf(text))
    state = "missing" if looked.state == "other" and not others else looked.state
    yield Wanted(wanted.purpose, wanted.name, "TXT", wanted.value, others, state)


def merged(subject: Subject, found: list[str]) -> str:
    """Everything that is allowed today stays allowed; our server is added in front (RFC 7208, 4.6.2)."""
    terms: list[str] = []
    end = ""
    for text in found:
        try:
            record = parse(text)
        except SyntaxFault:
            continue
        terms += [term.text for term in record.terms if term.name != "all" and term.text not in terms]
        if record.all_term is not None and record.all_term.qualifier in ("fail", "softfail"):
            end = end or record.all_term.text
        elif record.redirect:
            end = end or f"redirect={record.redirect}"
    own = f"a:{subject.server.host}"
    kept = [term for term in terms if term.lower() != own]
    return " ".join(["v=spf1", own, *kept, end or "-all"])


def _dkim(subject: Subject, net: Network) -> Iterator[Wanted]:
    for key in subject.keys:
        text = dkim.to_text(key.public)
        name = f"{key.selector}._domainkey.{subject.name}"
        yield _look(Wanted("dkim", name, "TXT", text), net, good=_same_key(net, name, key.public))


def _same_key(net: Network, name: str, public: bytes) -> bool:
    texts = net.ask(name, "TXT").texts
    try:
        return len(texts) == 1 and dkim.parse(texts[0]).public == public
    except dkim.RecordFault:
        return False


def _dmarc(subject: Subject, net: Network) -> Iterator[Wanted]:
    name = f"_dmarc.{subject.name}"
    found = [text for text in net.ask(name, "TXT").texts if dmarc_record.is_dmarc(text)]
    try:
        good = len(found) == 1 and bool(dmarc_record.parse(found[0]))
    except dmarc_record.RecordFault:
        good = False
    value = found[0] if good else dmarc.first_step(subject)
    yield _look(Wanted("dmarc", name, "TXT", value), net, good=good)


def _transport(subject: Subject, net: Network) -> Iterator[Wanted]:
    name, host = subject.name, subject.server.host
    rua = f"_smtp._tls.{name}"
    reports = [text for text in net.ask(rua, "TXT").texts if not tls_rpt.bad_uris(text)]
    value = reports[0] if reports else tls_rpt.wanted_text(subject)
    yield _look(Wanted("tls-rpt", rua, "TXT", value, optional=True), net, good=bool(reports))
    yield _look(Wanted("mta-sts", f"mta-sts.{name}", "CNAME", f"{host}.", optional=True), net)
    place = f"_mta-sts.{name}"
    existing = [text for text in net.ask(place, "TXT").texts if text.startswith("v=STSv1")]
    identity = mta_sts.policy_id(mta_sts.policy_text([host], subject.server.sts_mode))
    value = existing[0] if len(existing) == 1 else f"v=STSv1; id={identity};"
    yield _look(Wanted("mta-sts", place, "TXT", value, optional=True), net, good=len(existing) == 1)


def _clients(subject: Subject, net: Network) -> Iterator[Wanted]:
    name, host = subject.name, subject.server.host
    for service, port in (("_imaps._tcp", 993), ("_submissions._tcp", 465)):
        value = f"0 1 {port} {host}."
        yield _look(Wanted("clients", f"{service}.{name}", "SRV", value, optional=True), net)
    for label in ("autoconfig", "autodiscover"):
        yield _look(Wanted("clients", f"{label}.{name}", "CNAME", f"{host}.", optional=True), net)


def _authorities(subject: Subject, net: Network) -> Iterator[Wanted]:
    """RFC 8659, 4.2 and 4.4: who may issue, and who hears of attempts. Authorities of others stay."""
    name, server = subject.name, subject.server
    contact = server.reports or f"postmaster@{name}"
    values = {"issue": f'0 issue "{server.authority}"', "iodef": f'0 iodef "mailto:{contact}"'}
    answer = net.ask(name, "CAA")
    for tag, value in values.items():
        found = tuple(r.to_text() for r in answer.rdatas if getattr(r, "tag", b"").lower() == tag.encode())
        right = [text for text in found if tag == "iodef" or caa.permits(caa.value_of(text), subject)]
        wanted = Wanted("caa", name, "CAA", right[0] if right else value, found, optional=True)
        yield replace(wanted, state=_state(answer.measured, bool(right), found))


def _dane(subject: Subject, net: Network) -> Iterator[Wanted]:
    """RFC 7672, 3.1.1: "3 1 1" of the key that is shown, and of the next. Without DNSSEC nobody reads it."""
    server, name = subject.server, f"_25._tcp.{subject.server.host}"
    keys = [*server.served, *([server.next_key] if server.next_key else [])]
    if not (
        keys and server.host and net.validates() and net.zone_of(server.host) == net.zone_of(subject.name)
    ):
        return
    if not (net.ask(server.host, "A").secure and net.ask(subject.name, "SOA").secure):
        return
    answer = net.ask(name, "TLSA")
    for key in dict.fromkeys(keys):
        value = f"3 1 1 {hashlib.sha256(key).hexdigest()}"
        found = tuple(answer.records)
        state = _state(answer.measured, value in found, found)
        yield Wanted("dane", name, "TLSA", value, found, state, optional=True)


def _state(measured: bool, good: bool, found: tuple[str, ...]) -> str:
    if not measured:
        return "unknown"
    return "published" if good else ("other" if found else "missing")


def safely(subject: Subject, net: Network) -> list[Wanted]:
    """What can be said even when the DNS is away."""
    try:
        return compare(subject, net)
    except LookupFailed:
        return []
