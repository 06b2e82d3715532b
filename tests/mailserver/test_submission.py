"""Sending as somebody of the house: who may, as whom, and what strangers get to see."""

import contextlib
import smtplib
import sqlite3
import time
from collections.abc import Iterator
from functools import partial

import dkim
import pytest

from tests.mailserver.outside import Outside, Proxied, letter, resolver, txt
from tests.stack import PASSWORD, Stack, eventually


def outgoing(stack: Stack, to: str) -> bytes:
    marker = f"X-Envelope-To: <{to}>".encode()
    return eventually(lambda: next((raw for raw in stack.sent() if marker in raw), b""))


def without_envelope(raw: bytes) -> bytes:
    """The letter as it went over the wire; the sink wrote the envelope in front."""
    lines = raw.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.startswith(b"X-Envelope-"))


def give_key(stack: Stack, outside: Outside, domain: str) -> None:
    answer = stack.api.put(f"domains/{domain}/dkim")
    assert answer.status_code < 300, answer.text
    key = stack.api.get(f"domains/{domain}/dkim").json()
    outside.add(txt(f"{key['selector']}._domainkey.{domain}", f"v=DKIM1; k=rsa; p={key['public']}").strip())


def test_nobody_sends_without_signing_in(stack: Stack) -> None:
    with smtplib.SMTP("localhost", stack.ports["submission"], timeout=30) as smtp:
        smtp.starttls(context=stack.tls)
        smtp.ehlo()
        assert smtp.mail("x@outside.test")[0] == 250
        assert smtp.rcpt("y@outside.test")[0] == 554


def test_no_password_travels_in_the_clear(stack: Stack) -> None:
    with smtplib.SMTP("localhost", stack.ports["submission"], timeout=30) as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth")
        assert smtp.docmd("AUTH", "PLAIN AGEAYg==")[0] >= 500


def test_a_wrong_password_is_refused(stack: Stack) -> None:
    ana, _ = stack.create_mailbox()
    with pytest.raises(smtplib.SMTPAuthenticationError):
        stack.send(letter(ana, ana), ana, [ana], "wrong")


def test_nobody_sends_under_a_strange_envelope(stack: Stack) -> None:
    ana, password = stack.create_mailbox()
    leo, _ = stack.create_mailbox()
    for sender in (leo, "boss@bank.test"):
        with smtplib.SMTP("localhost", stack.ports["submission"], timeout=30) as smtp:
            smtp.starttls(context=stack.tls)
            smtp.login(ana, password)
            smtp.mail(sender)
            assert smtp.rcpt(leo)[0] == 553


def test_nobody_writes_a_strange_from(stack: Stack) -> None:
    ana, password = stack.create_mailbox()
    leo, _ = stack.create_mailbox()
    with pytest.raises(smtplib.SMTPDataError) as refused:
        stack.send(letter(leo, leo), ana, [leo], password)
    assert refused.value.smtp_code == 554


def test_the_submitters_address_is_not_told(stack: Stack) -> None:
    ana, password = stack.create_mailbox()
    to = f"reader{time.time_ns()}@outside.test"
    with Proxied(stack.ports["submission_proxy"], "203.0.113.77", "laptop-of-ana.lan") as smtp:
        smtp.starttls(context=stack.tls)
        smtp.login(ana, password)
        smtp.sendmail(ana, [to], letter(ana, to))
    raw = outgoing(stack, to)
    assert b"203.0.113.77" not in raw
    assert b"laptop-of-ana" not in raw
    assert b"203.0.113.77" in stack.log("postfix").encode()


def test_submission_over_tls_from_the_first_byte(stack: Stack) -> None:
    ana, password = stack.create_mailbox()
    with smtplib.SMTP_SSL("localhost", stack.ports["submissions"], context=stack.tls, timeout=30) as smtp:
        smtp.login(ana, password)
        smtp.sendmail(ana, [ana], letter(ana, ana))
    assert eventually(lambda: stack.messages(ana))


def test_an_unknown_colleague_is_refused_at_once(stack: Stack) -> None:
    ana, password = stack.create_mailbox()
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        stack.send(letter(ana, "nobody@kronos.test"), ana, ["nobody@kronos.test"], password)
    assert refused.value.recipients["nobody@kronos.test"][0] == 550


def test_submitted_mail_is_signed(stack: Stack, outside: Outside) -> None:
    domain = "signed.test"
    stack.create_domain(domain)
    give_key(stack, outside, domain)
    ana, password = stack.create_mailbox("ana", domain)
    to = f"reader{time.time_ns()}@outside.test"
    eventually(lambda: _signed_copy(stack, ana, password, to))
    signed = next(raw for raw in stack.sent() if b"DKIM-Signature" in raw and to.encode() in raw)
    assert dkim.verify(without_envelope(signed), dnsfunc=resolver(outside.records))


def _signed_copy(stack: Stack, sender: str, password: str, to: str) -> bool:
    """A new key is at work within seconds; until then mail of the domain is refused or unsigned."""
    stack.send(letter(sender, to), sender, [to], password)
    return b"DKIM-Signature" in outgoing(stack, to) or any(
        b"DKIM-Signature" in raw and to.encode() in raw for raw in stack.sent()
    )


def test_without_its_key_a_domain_sends_nothing(stack: Stack, outside: Outside) -> None:
    domain = "closed.test"
    stack.create_domain(domain)
    give_key(stack, outside, domain)
    ana, password = stack.create_mailbox("ana", domain)
    to = f"reader{time.time_ns()}@outside.test"
    eventually(lambda: _signed_copy(stack, ana, password, to))
    (key,) = (stack.root / "data/dkim").glob(f"{domain}.*.key")
    hidden = key.with_suffix(".hidden")
    key.rename(hidden)
    try:
        code = eventually(lambda: _refusal(stack, ana, password))
        assert code == 451
    finally:
        hidden.rename(key)
    assert eventually(lambda: _refusal(stack, ana, password) == 0)


def _refusal(stack: Stack, sender: str, password: str) -> int:
    try:
        stack.send(letter(sender, "reader@outside.test"), sender, ["reader@outside.test"], password)
    except smtplib.SMTPDataError as error:
        return error.smtp_code
    return 0


def test_an_alias_of_mine_is_a_sender_of_mine(stack: Stack) -> None:
    ana, _ = stack.create_mailbox()
    leo, _ = stack.create_mailbox()
    alias, _ = stack.create_mailbox(f"team{time.time_ns()}", redirectTo=[ana], passwordPlaintext="")
    with smtplib.SMTP("localhost", stack.ports["submission"], timeout=60) as smtp:
        smtp.starttls(context=stack.tls)
        smtp.login(ana, PASSWORD)
        smtp.sendmail(alias, [leo], letter(alias, leo))
    assert eventually(lambda: stack.messages(leo))


@pytest.fixture
def strict(stack: Stack) -> Iterator[None]:
    """Three recipients an hour for an account, four for an address."""
    limits = {"recipients_per_hour": "3", "recipients_per_hour_and_address": "4"}
    with contextlib.closing(sqlite3.connect(stack.root / "data/db/mail.sqlite3", timeout=10)) as database:
        with database:
            database.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", limits.items())
        yield
        with database:
            database.executemany("DELETE FROM settings WHERE name = ?", [(name,) for name in limits])


def from_somewhere(stack: Stack, visitor: str, sender: str, to: list[str]) -> str:
    """The first refusal, or nothing; through the PROXY twin, as a stolen password would be used."""
    with Proxied(stack.ports["submission_proxy"], visitor, "laptop.lan") as smtp:
        smtp.starttls(context=stack.tls)
        smtp.login(sender, PASSWORD)
        try:
            smtp.sendmail(sender, to, letter(sender, to[0]))
        except smtplib.SMTPDataError as error:
            return f"{error.smtp_code} {error.smtp_error!r}"
    return ""


@pytest.mark.usefixtures("strict")
def test_a_stolen_password_does_not_send_a_million_letters(stack: Stack) -> None:
    ana, _ = stack.create_mailbox()
    leo, _ = stack.create_mailbox()
    people = [stack.create_mailbox()[0] for _ in range(3)]
    here, there = "203.0.113.130", "203.0.113.131"
    assert from_somewhere(stack, here, ana, people) == ""
    refused = from_somewhere(stack, there, ana, [leo])
    assert refused.startswith("450")
    assert "More than 3 recipients within an hour" in refused
    assert from_somewhere(stack, here, leo, [ana]) == ""
    assert "More than 4 recipients" in from_somewhere(stack, here, leo, [ana])
    assert from_somewhere(stack, there, leo, [ana]) == ""
    for person in people:
        assert len(eventually(partial(stack.messages, person))) == 1
