"""From a DNS message to an Answer, and from several answers to one verdict. RFC 1034, 2308, 4035; rule E3."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from .network import Answer, Server, State
from .wire import Reply

MOST_ALIASES = 8  # rule E5


def read(name: str, kind: str, server: str, reply: Reply) -> Answer:
    message = reply.message
    if message is None:
        return Answer(name, kind, State.FAILED, server=server, reason=reply.error, elapsed=reply.elapsed)
    code = message.rcode()
    reason = dns.rcode.to_text(code)
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return Answer(name, kind, State.FAILED, server=server, reason=reason, elapsed=reply.elapsed)
    rrset, chain, looped = _follow(message, name, kind)
    state = State.ABSENT if code == dns.rcode.NXDOMAIN and not chain else State.EMPTY
    if looped:
        state, reason = State.FAILED, "CNAME loop"
    elif rrset is not None:
        state = State.FOUND
    elif code == dns.rcode.NXDOMAIN:
        state = State.ABSENT
    return Answer(
        name,
        kind,
        state,
        rdatas=tuple(rrset) if rrset is not None else (),
        ttl=_ttl(message, rrset),
        chain=tuple(chain),
        secure=bool(message.flags & dns.flags.AD),
        authentic=bool(message.flags & dns.flags.AA),
        server=server,
        reason=reason,
        elapsed=reply.elapsed,
        signatures=_signatures(message, kind),
    )


def _signatures(message: dns.message.Message, kind: str) -> tuple[dns.rdata.Rdata, ...]:
    wanted = dns.rdatatype.from_text(kind)
    return tuple(
        rdata
        for rrset in message.answer
        if rrset.rdtype == dns.rdatatype.RRSIG
        for rdata in rrset
        if rdata.type_covered == wanted
    )


def _follow(
    message: dns.message.Message, name: str, kind: str
) -> tuple[dns.rrset.RRset | None, list[str], bool]:
    """The RRset at the end of the CNAMEs inside one message."""
    wanted = dns.rdatatype.from_text(kind)
    here = _name(name)
    chain: list[str] = []
    for _ in range(MOST_ALIASES + 1):
        found = message.get_rrset(message.answer, here, dns.rdataclass.IN, wanted)
        if found is not None:
            return found, chain, False
        alias = message.get_rrset(message.answer, here, dns.rdataclass.IN, dns.rdatatype.CNAME)
        if alias is None:
            return None, chain, False
        here = alias[0].target
        target = here.to_text(omit_final_dot=True).lower()
        if target in chain or target == name:
            return None, chain, True
        chain.append(target)
    return None, chain, True


@lru_cache(maxsize=4096)
def _name(text: str) -> dns.name.Name:
    return dns.name.from_text(text)


def _ttl(message: dns.message.Message, rrset: dns.rrset.RRset | None) -> int:
    if rrset is not None:
        return int(rrset.ttl)
    for entry in message.authority:
        if entry.rdtype == dns.rdatatype.SOA:
            # How long "there is nothing" may be remembered (RFC 2308, 5).
            return int(min(entry.ttl, entry[0].minimum))
    return 0


def views(name: str, kind: str, servers: Sequence[Server], replies: Sequence[Reply]) -> list[Answer]:
    """What several servers said; the same octets are judged once."""
    known: dict[int, Answer] = {}
    found = []
    for server, reply in zip(servers, replies, strict=True):
        told = f"{server.name} ({server.address})"
        one = known.get(id(reply.message)) if reply.message is not None else None
        if one is None:
            one = known[id(reply.message)] = read(name, kind, told, reply)
            found.append(one)
        else:
            found.append(replace(one, server=told, elapsed=reply.elapsed))
    return found


def agree(answers: Sequence[Answer]) -> bool:
    first = answers[0] if answers else None
    if first is None or all(one.rdatas is first.rdatas and one.state is first.state for one in answers):
        return first is None or all(one.chain == first.chain for one in answers)
    return len({essence(one) for one in answers}) <= 1


def essence(answer: Answer) -> tuple[object, ...]:
    """What must be equal between servers; the order of records and the TTL must not matter."""
    if answer.chain:
        return ("CNAME", answer.chain[0])
    return (answer.state is State.FOUND, *answer.records)


def merge(recursive: Answer, views: Sequence[Answer]) -> Answer:
    """The verdict of our resolver and of every authoritative server.

    The authoritative servers are right about the content: a cached "there is nothing" is never judged.
    The resolver is right about DNSSEC.
    """
    sound = [view for view in views if view.measured]
    kept = (recursive, *views)
    if recursive.state is State.BOGUS or not sound:
        return replace(recursive, views=kept)
    chosen = recursive if recursive.measured and not agree(sound) else sound[0]
    if chosen.chain and recursive.measured:
        chosen = recursive  # a chain may leave the zone: only the resolver follows it to the end
    return replace(chosen, secure=recursive.secure, views=kept)


def disagree(answer: Answer) -> bool:
    """Not over the SOA: its serial moves with every writing, and N4 judges it among the authorities alone."""
    if answer.kind == "SOA":
        return False
    sound = [view for view in answer.views if view.measured]
    return not agree(sound)
