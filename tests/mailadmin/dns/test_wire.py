"""The octets we write and believe, beside dnspython's own."""

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailadmin.dns import answers, wire
from mailadmin.dns.network import Server, State

KINDS = ["A", "AAAA", "MX", "TXT", "NS", "SOA", "DS", "DNSKEY", "TLSA", "CAA", "SRV", "PTR", "CNAME"]
LABELS = st.lists(st.from_regex(r"\A[a-z0-9_-]{1,20}\Z"), min_size=0, max_size=6)


@given(LABELS, st.sampled_from(KINDS), st.booleans(), st.booleans(), st.booleans())
def test_a_question_is_what_dnspython_would_ask(
    labels: list[str], kind: str, recursive: bool, dnssec: bool, unchecked: bool
) -> None:
    name = ".".join(labels) or "."
    question = wire.Question(name, kind, "192.0.2.1", recursive=recursive, dnssec=dnssec, unchecked=unchecked)
    other = dns.message.make_query(
        dns.name.from_text(name), kind, use_edns=0, payload=wire.PAYLOAD, want_dnssec=dnssec, id=0
    )
    other.flags = (dns.flags.RD | dns.flags.AD if recursive else 0) | (dns.flags.CD if unchecked else 0)
    assert b"\0\0" + wire._query(question) == other.to_wire()


QUERY = b"\x12\x34" + wire._query(wire.Question("d.test", "TXT", "192.0.2.1"))


def asked(name: str, kind: str = "TXT", space: str = "IN") -> dns.rrset.RRset:
    types = dns.rdataclass.from_text(space), dns.rdatatype.from_text(kind)
    return dns.rrset.RRset(dns.name.from_text(name), *types)


def reply(**changes: object) -> bytes:
    message = dns.message.make_response(dns.message.from_wire(QUERY))
    for name, value in changes.items():
        if name == "rcode":
            message.set_rcode(value)  # type: ignore[arg-type]
        else:
            setattr(message, name, value)
    return message.to_wire()


@pytest.mark.parametrize(
    "data",
    [
        reply(),
        reply(rcode=dns.rcode.SERVFAIL, question=[]),
        reply(rcode=dns.rcode.REFUSED),
        reply(id=1),
        reply(flags=0),
        reply(flags=dns.flags.QR | 0x1000),
        reply(question=[]),
        reply(question=[asked("D.TEST")]),
        reply(question=[asked("e.test")]),
        reply(question=[asked("d.test", "MX")]),
        reply(question=[asked("d.test", space="CH")]),
    ],
)
def test_what_counts_as_an_answer_is_what_dnspython_counts(data: bytes) -> None:
    expected = dns.message.from_wire(QUERY).is_response(dns.message.from_wire(data))
    assert wire._answers(QUERY, data) is expected


def test_equal_octets_are_judged_once_and_others_by_themselves() -> None:
    one = dns.message.from_wire(reply())
    two = dns.message.from_wire(reply())
    two.answer.append(dns.rrset.from_text("d.test.", 60, "IN", "TXT", '"x"'))
    two = dns.message.from_wire(two.to_wire())
    servers = [Server(f"ns{n}.test", f"192.0.2.{n}") for n in range(4)]
    replies = [
        wire.Reply(one, 0.1),
        wire.Reply(one, 0.2),
        wire.Reply(two, 0.3),
        wire.Reply(None, 2, "timeout"),
    ]
    found = answers.views("d.test", "TXT", servers, replies)
    assert [answer.server for answer in found] == [f"{s.name} ({s.address})" for s in servers]
    assert [answer.elapsed for answer in found] == [0.1, 0.2, 0.3, 2]
    assert [answer.state for answer in found] == [State.EMPTY, State.EMPTY, State.FOUND, State.FAILED]
    assert answers.agree(found[:2])
    assert not answers.agree(found[:3])
    assert answers.agree([])
