"""Where a letter goes: aliases, catch-all, plus addresses, full boxes, forwards."""

import re
import time
from email import message_from_bytes
from functools import partial

import dkim
import pytest

from tests.mailserver.outside import Outside, insist, knock, letter, resolver, txt
from tests.mailserver.test_submission import without_envelope
from tests.stack import Stack, eventually

PLAIN = "198.51.100.40"  # the server of plain.test: no SPF, no DMARC


def fresh(name: str) -> str:
    return f"{name}{time.time_ns()}"


def arrive(stack: Stack, to: str) -> bytes:
    raw = letter("x@plain.test", to)
    assert insist(stack, raw, "x@plain.test", to, PLAIN)[0] == 250
    return raw


def fill(stack: Stack, address: str, **limits: int) -> None:
    assert stack.api.patch(f"boxes/{address}/quota", json=limits).status_code == 204


def test_an_alias_reaches_all_its_people(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    leo, _ = stack.create_mailbox()
    alias = stack.create_alias(fresh("team") + "@kronos.test", [ana, leo])
    arrive(stack, alias)
    for person in (ana, leo):
        (received,) = eventually(partial(stack.messages, person))
        assert b"X-Original-To: " + alias.encode() in received
        assert b"Delivered-To: " + person.encode() in received


def test_a_plus_address_is_the_same_mailbox(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    arrive(stack, ana.replace("@", "+market@"))
    assert len(eventually(lambda: stack.messages(ana))) == 1


def test_catch_all_takes_strangers_and_leaves_people_alone(stack: Stack, outside: Outside) -> None:
    domain = fresh("catch") + ".test"
    stack.create_domain(domain)
    ana, _ = stack.create_mailbox("ana", domain)
    leo, _ = stack.create_mailbox("leo", domain)
    change = {"domainBin": True, "domainBinAddress": leo}
    assert stack.api.patch(f"domains/{domain}", json=change).status_code == 204
    arrive(stack, f"whoever@{domain}")
    arrive(stack, ana)
    assert len(eventually(lambda: stack.messages(ana))) == 1
    assert len(eventually(lambda: stack.messages(leo))) == 1


def test_an_alias_domain_leads_to_the_same_name(stack: Stack, outside: Outside) -> None:
    domain = fresh("other") + ".test"
    stack.create_domain(domain)
    assert (
        stack.api.patch(
            f"domains/{domain}", json={"forward": True, "forwardDomain": stack.domain}
        ).status_code
        == 204
    )
    ana, _ = stack.create_mailbox()
    arrive(stack, f"{ana.partition('@')[0]}@{domain}")
    assert len(eventually(lambda: stack.messages(ana))) == 1
    assert (
        knock(stack, letter("x@plain.test", f"nobody@{domain}"), "x@plain.test", f"nobody@{domain}", PLAIN)[0]
        == 550
    )


@pytest.mark.parametrize("through_alias", [False, True])
def test_a_full_mailbox_is_refused_at_rcpt(stack: Stack, outside: Outside, through_alias: bool) -> None:
    ana, _ = stack.create_mailbox()
    fill(stack, ana, countLimit=1)
    stack.deliver(letter("x@plain.test", ana), ana)
    to = stack.create_alias(fresh("info") + "@kronos.test", [ana]) if through_alias else ana
    code, words = knock(stack, letter("x@plain.test", to), "x@plain.test", to, PLAIN)
    assert (code, words.split()[0]) == (552, "5.2.2")
    assert len(stack.messages(ana)) == 1


def test_a_mailbox_is_full_by_size_too(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    fill(stack, ana, storageLimit=1)
    stack.deliver(letter("x@plain.test", ana, body="word " * 150_000), ana)
    big = letter("x@plain.test", ana, body="word " * 100_000)
    to = ana
    with_size = f"SIZE={len(big)}"
    from tests.mailserver.outside import Proxied

    with Proxied(stack.ports["smtp_proxy"], PLAIN) as smtp:
        smtp.ehlo()
        smtp.mail("x@plain.test", [with_size])
        assert smtp.rcpt(to)[0] == 552


def test_a_suspended_mailbox_is_refused(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    assert stack.api.patch(f"boxes/{ana}", json={"disabled": True}).status_code == 204
    assert 500 <= knock(stack, letter("x@plain.test", ana), "x@plain.test", ana, PLAIN)[0] < 600


def test_a_new_mailbox_needs_no_reload_and_a_deleted_one_is_gone(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    arrive(stack, ana)
    assert stack.api.delete(f"boxes/{ana}").status_code == 204
    assert knock(stack, letter("x@plain.test", ana), "x@plain.test", ana, PLAIN)[0] == 550


def test_forwarded_mail_goes_out_under_a_sender_of_ours(stack: Stack, outside: Outside) -> None:
    """SRS: the next server checks SPF against us, not against the stranger."""
    to = f"{fresh('friend')}@outside.test"
    alias = stack.create_alias(fresh("away") + "@kronos.test", [to])
    raw = outside.signed(letter("rosa@sender.test", alias), "sender.test")
    assert insist(stack, raw, "rosa@sender.test", alias)[0] == 250
    left = eventually(lambda: leaving(stack, to))
    sender = re.search(rb"X-Envelope-From: <(.*?)>", left)
    assert sender is not None
    assert re.fullmatch(rb"SRS0=[^=]+=[^=]+=sender\.test=rosa@" + stack.hostname.encode(), sender[1])
    assert b"d=sender.test" in left
    assert b"ARC-Seal:" in left


def test_our_seal_holds_and_others_seals_are_checked(stack: Stack, outside: Outside) -> None:
    """ARC (RFC 8617): what passed through us says what we saw, and dkimpy and our own filter believe it."""
    to = f"{fresh('friend')}@outside.test"
    alias = stack.create_alias(fresh("sealed") + "@kronos.test", [to])
    arrive(stack, alias)
    left = without_envelope(eventually(lambda: leaving(stack, to)))
    key = stack.api.get("domains/kronos.test/dkim").json()
    outside.add(
        txt(f"{key['selector']}._domainkey.kronos.test", f"v=DKIM1; k=rsa; p={key['public']}").strip()
    )
    verdict, _, why = dkim.arc_verify(left, dnsfunc=resolver(outside.records))
    assert verdict == dkim.CV_Pass, why
    ana, _ = stack.create_mailbox()
    assert insist(stack, left, "list@plain.test", ana, PLAIN)[0] == 250
    arrived = message_from_bytes(eventually(lambda: stack.messages(ana))[0])
    assert "arc=pass" in arrived["Authentication-Results"]
    broken = left + b"And send the money today.\r\n"
    assert dkim.arc_verify(broken, dnsfunc=resolver(outside.records))[0] != dkim.CV_Pass
    leo, _ = stack.create_mailbox()
    assert insist(stack, broken, "list@plain.test", leo, PLAIN)[0] == 250
    arrived = message_from_bytes(eventually(lambda: stack.messages(leo))[0])
    assert "arc=pass" not in arrived["Authentication-Results"]


def test_only_what_may_go_on_is_sealed(stack: Stack, outside: Outside) -> None:
    """Two RSA signatures that only the next server could read; a filter of one's own may be such a way on."""
    ana, _ = stack.create_mailbox()
    arrive(stack, ana)
    stays = eventually(lambda: stack.messages(ana))[0]
    assert b"ARC-Seal" not in stays
    to = f"{fresh('friend')}@outside.test"
    script = f'require ["copy"]; redirect :copy "{to}";'
    assert stack.api.patch(f"boxes/{ana}/sieve", json={"script": script}).status_code == 204
    arrive(stack, ana)
    left = eventually(lambda: leaving(stack, to))
    assert b"ARC-Seal: i=1;" in left
    assert b"X-Postie-Passes" not in left
    assert stack.api.patch(f"boxes/{ana}/sieve", json={"script": "keep;"}).status_code == 204
    arrive(stack, ana)
    assert b"ARC-Seal" not in eventually(lambda: stack.messages(ana)[2:])[0]


def test_a_forged_mark_costs_its_writer_nothing_and_is_taken_away(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    raw = b"X-Postie-Passes: on\r\n" + letter("x@plain.test", ana)
    assert insist(stack, raw, "x@plain.test", ana, PLAIN)[0] == 250
    assert b"X-Postie-Passes" not in eventually(lambda: stack.messages(ana))[0]


def test_a_bounce_of_a_forward_finds_its_way_back(stack: Stack, outside: Outside) -> None:
    to = f"{fresh('unknown')}@outside.test"  # the sink refuses unknown…
    alias = stack.create_alias(fresh("gone") + "@kronos.test", [to])
    writer = fresh("rosa") + "@sender.test"
    raw = outside.signed(letter(writer, alias), "sender.test")
    assert insist(stack, raw, writer, alias)[0] == 250
    bounce = eventually(lambda: leaving(stack, writer))
    assert b"X-Envelope-From: <>" in bounce


def test_a_made_up_srs_address_is_refused(stack: Stack, outside: Outside) -> None:
    to = f"SRS0=AAAA=BB=sender.test=rosa@{stack.hostname}"
    assert knock(stack, letter("x@plain.test", to), "x@plain.test", to, PLAIN)[0] == 550


def leaving(stack: Stack, to: str) -> bytes:
    marker = f"X-Envelope-To: <{to}>".encode()
    return next((raw for raw in stack.sent() if marker in raw), b"")
