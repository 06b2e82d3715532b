# ruff: noqa: E501  the texts as the servers write them
"""Bounces as Gmail, Microsoft, Yahoo and the usual servers write them, in plain words."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from mailadmin.services import bounces
from mailadmin.services.bounce_texts import KNOWN

TEXTS = [
    # Gmail
    ("550-5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.", "dmarc"),
    ("550-5.7.26 Unauthenticated email from kronos.test is not accepted due to domain's DMARC policy.", "dmarc"),
    ("550-5.7.25 [203.0.113.10] The IP address sending this message does not have a PTR record setup", "ptr"),
    ("550-5.7.1 [2001:db8::1] Our system has detected that this message does not meet IPv6 sending guidelines regarding PTR records and authentication.", "gmail-ipv6"),
    ("421-4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address.", "gmail-rate"),
    ("450-4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.", "gmail-rate"),
    ("550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address", "no-user"),
    ("550 5.2.1 The email account that you tried to reach is disabled.", "disabled"),
    ("552-5.2.2 The recipient's inbox is out of storage space and inactive.", "full"),
    ("452-4.2.2 The recipient's inbox is out of storage space.", "full"),
    ("552-5.3.4 Your message exceeded Google's message size limits.", "too-large"),
    ("552-5.7.0 This message was blocked because its content presents a potential security issue.", "virus"),
    ("550 5.4.5 Daily user sending limit exceeded.", "daily-limit"),
    ("550-5.7.1 [203.0.113.10 12] Our system has detected that this message is likely unsolicited mail.", "spam"),
    ("550-5.7.1 This message is not RFC 5322 compliant, the issue is: duplicate From headers.", "header"),
    ("535-5.7.8 Username and Password not accepted.", "sign-in"),
    ("550-5.7.24 The SPF record of the sending domain has one or more suspicious entries.", "spf"),
    ("550 5.7.27 The sender's domain does not accept mail", "null-mx"),
    ("421-4.4.5 Server busy, try again later.", "wait"),
    # Microsoft
    ("550 5.7.1 Unfortunately, messages from [203.0.113.10] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).", "spamhaus"),
    ("550 5.7.511 Access denied, banned sender[203.0.113.10].", "spamhaus"),
    ("550 SC-001 (BAY004-MC1F3) Unfortunately, messages from 203.0.113.10 weren't sent.", "microsoft-junk"),
    ("421 RP-001 (SNT004) Unfortunately, some messages from 203.0.113.10 weren't sent. Please try again. S775", "microsoft-junk"),
    ("550 5.7.606 Access denied, banned sending IP [203.0.113.10].", "spamhaus"),
    ("550 5.7.509 Access denied, sending domain kronos.test does not pass DMARC verification and has a DMARC policy of reject.", "dmarc"),
    ("550 5.7.23 The message was rejected because of Sender Policy Framework violation", "spf"),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "null-mx"),
    ("550 5.4.1 Recipient address rejected: Access denied.", "restricted"),
    ("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", "restricted"),
    ("550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.", "spoof-own"),
    ("550 5.7.64 TenantAttribution; Relay Access Denied", "spoof-own"),
    ("550 5.1.8 Access denied, bad outbound sender", "sender-domain"),
    ("554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", "full"),
    ("550 5.4.310 DNS domain nosuch.test does not exist", "no-domain"),
    ("554 5.4.14 Hop count exceeded - possible mail loop ATTR34", "loop"),
    ("550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", "relay"),
    ("550 5.7.57 Client not authenticated to send mail.", "sign-in"),
    ("550 5.6.11 Content conversion: bare LF in message", "header"),
    ("451 4.7.500 Server busy. Please try again later from [203.0.113.10].", "wait"),
    # Yahoo, AOL
    ("421 4.7.0 [TSS04] Messages from 203.0.113.10 temporarily deferred due to unexpected volume or user complaints", "yahoo-ts"),
    ("553 5.7.1 [BL21] Connections will not be accepted from 203.0.113.10, because the ip is in Spamhaus's list", "spamhaus"),
    ("554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes [PH01]", "yahoo-policy"),
    ("552 1 Requested mail action aborted, mailbox not found; 554 delivery error: dd This user doesn't have a yahoo.com account", "no-user"),
    ("550 5.7.9 This mail has been blocked because the sender is unauthenticated.", "dmarc"),
    # Postfix, Exim, qmail, Haraka and others
    ("550 5.1.1 <nobody@kronos.test>: Recipient address rejected: User unknown in virtual mailbox table", "no-user"),
    ("504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname", "helo"),
    ("450 4.7.1 Client host rejected: cannot find your hostname, [203.0.113.10]", "ptr"),
    ("450 4.1.8 <a@b.test>: Sender address rejected: Domain not found", "sender-domain"),
    ("554 5.7.1 <x@y.test>: Relay access denied", "relay"),
    ("554 5.7.1 Service unavailable; Client host [203.0.113.10] blocked using zen.spamhaus.org", "spamhaus"),
    ("554 5.7.1 Service unavailable; Client host [203.0.113.10] blocked using b.barracudacentral.org", "block-list"),
    ("450 4.2.0 <x@y.test>: Recipient address rejected: Greylisted, see http://postgrey.test/", "no-user"),
    ("451 4.7.1 Greylisting in action, please come back later", "greylist"),
    ("connect to mx.y.test[203.0.113.9]:25: Connection timed out", "refused-connection"),
    ("connect to mx.y.test[203.0.113.9]:25: Connection refused", "refused-connection"),
    ("Host or domain name not found. Name service error for name=y.test type=MX: Host not found", "no-domain"),
    ("retry timeout exceeded", "expired"),
    ("Delivery time expired; message could not be delivered for 5 days", "expired"),
    ("TLS is required, but was not offered by host mx.y.test", "tls"),
    ("5.7.5 MTA-STS failure: certificate not trusted", "mta-sts"),
    ("TLSA lookup error: DANE validation failed for mx.y.test", "dane"),
    ("550 5.7.20 No passing DKIM signature found", "dkim"),
    ("550 Message rejected: blocked by URIBL, URL in list", "url"),
    ("552 5.3.4 Message size exceeds fixed limit", "too-large"),
    ("452 4.5.3 Error: too many recipients", "too-many-rcpt"),
    ("452 4.3.1 Insufficient system storage", "full"),
    ("553 5.6.7 SMTPUTF8 is required for this address but was not offered", "utf8"),
    ("553 5.1.3 Bad destination mailbox address", "bad-address"),
    ("551 5.1.6 User has moved; please try new@y.test", "moved"),
    ("554 5.4.6 Too many hops", "loop"),
    ("503 5.5.1 Bad sequence of commands", "protocol"),
    ("550 5.3.0 local configuration error", "server"),
    ("554 5.7.1 Message contains a virus (Eicar-Test-Signature)", "virus"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key"), TEXTS, ids=lambda value: value[:30])
def test_known_texts(text: str, key: str) -> None:
    found = bounces.explain(text)
    assert found.key == key
    assert str(found.what)
    assert str(found.do)


def test_there_are_at_least_sixty_texts_and_every_trouble_has_words_in_spanish() -> None:
    assert len(TEXTS) >= 60
    keys = [key for key, _pattern, _what, _do in KNOWN]
    assert len(keys) == len(set(keys))
    for _key, _pattern, what, do in KNOWN:
        with translation.override("en"):
            english = (str(what), str(do))
        with translation.override("es"):
            assert (str(what), str(do)) != english


def test_an_unknown_text_says_so_and_gives_its_code() -> None:
    found = bounces.explain("599 9.9.9 the moon is in the wrong place 5.9.9")
    assert (found.key, found.code) == ("", "5.9.9")


@given(st.text(max_size=400))
def test_any_text_is_explained(text: str) -> None:
    assert str(bounces.explain(text).what)
