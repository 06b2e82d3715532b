"""What strangers may do on port 25, and what becomes of their mail."""

import re
import smtplib
import socket
import subprocess
import time
from email import message_from_bytes
from typing import Any

import pytest

from tests.mailserver.outside import Outside, insist, knock, letter, proxy_header
from tests.stack import Stack, eventually

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


def test_signed_mail_waits_once_then_arrives_checked(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    raw = outside.signed(letter("rosa@sender.test", ana), "sender.test")
    code, words = knock(stack, raw, "rosa@sender.test", ana)
    assert code == 451
    assert "reylist" in words
    assert insist(stack, raw, "rosa@sender.test", ana)[0] == 250
    (received,) = eventually(lambda: stack.messages(ana))
    results = re.search(rb"^Authentication-Results: (?:[^\r\n]|\r\n[ \t])+", received, re.M)
    assert results is not None
    for verdict in (b"dkim=pass", b"spf=pass", b"dmarc=pass"):
        assert verdict in results[0]


def test_a_forged_verdict_in_our_name_is_taken_away(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    lie = f"{stack.hostname}; dkim=pass header.d=bank.test; lie=yes"
    raw = letter("rosa@plain.test", ana, Authentication_Results=lie)
    assert insist(stack, raw, "rosa@plain.test", ana, "198.51.100.40")[0] == 250
    (received,) = eventually(lambda: stack.messages(ana))
    assert b"lie=yes" not in received


@pytest.mark.parametrize("envelope", ["phisher@plain.test", "boss@bank.test"])
def test_a_spoof_of_a_domain_that_says_reject_is_refused(
    stack: Stack, outside: Outside, envelope: str
) -> None:
    ana, _ = stack.create_mailbox()
    code, _ = insist(stack, letter("boss@bank.test", ana), envelope, ana, "198.51.100.40")
    assert code == 554
    assert stack.messages(ana) == []


def test_a_spoof_of_our_own_domain_is_refused(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    leo, _ = stack.create_mailbox()
    code, _ = insist(stack, letter(leo, ana), leo, ana, "198.51.100.40")
    assert 500 <= code < 600


def test_a_broken_signature_is_no_signature(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    raw = outside.signed(letter("boss@bank.test", ana), "bank.test").replace(b"viernes", b"jueves!")
    assert insist(stack, raw, "boss@plain.test", ana, "198.51.100.40")[0] == 554


def test_quarantine_goes_to_junk(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    raw = letter("deals@shop.test", ana)
    assert insist(stack, raw, "deals@plain.test", ana, "198.51.100.40")[0] == 250
    assert len(eventually(lambda: stack.messages(ana, "Junk"))) == 1
    assert stack.messages(ana) == []


def test_a_reputation_list_sends_to_junk(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    assert insist(stack, letter("x@plain.test", ana), "x@plain.test", ana, "198.51.100.67")[0] == 250
    assert len(eventually(lambda: stack.messages(ana, "Junk"))) == 1


def test_gtube_is_refused(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    raw = letter("x@plain.test", ana, body=GTUBE)
    assert insist(stack, raw, "x@plain.test", ana, "198.51.100.40")[0] == 554


@pytest.mark.parametrize("address", ["198.51.100.40", "127.0.0.1"])
def test_nothing_is_relayed(stack: Stack, outside: Outside, address: str) -> None:
    raw = letter("x@plain.test", "y@outside.test")
    code, _ = knock(stack, raw, "x@plain.test", "y@outside.test", address)
    assert code == 554


def test_an_unknown_name_is_refused_at_rcpt(stack: Stack, outside: Outside) -> None:
    to = f"nobody@{stack.domain}"
    code, _ = knock(stack, letter("x@plain.test", to), "x@plain.test", to, "198.51.100.40")
    assert code == 550


def test_a_listed_address_is_turned_away_by_postscreen(stack: Stack, outside: Outside) -> None:
    ana, _ = stack.create_mailbox()
    code, words = knock(stack, letter("x@plain.test", ana), "x@plain.test", ana, "198.51.100.66")
    assert code == 550
    assert "198.51.100.66" in words


def test_who_talks_first_is_turned_away(stack: Stack, outside: Outside) -> None:
    with socket.create_connection(("127.0.0.1", stack.ports["smtp_proxy"]), 20) as connection:
        connection.sendall(proxy_header("198.51.100.88") + b"EHLO eager.test\r\nMAIL FROM:<x@plain.test>\r\n")
        connection.sendall(b"RCPT TO:<admin@kronos.test>\r\nQUIT\r\n")
        said = b""
        while chunk := connection.recv(4000):
            said += chunk
    assert b"\r\n550 " in said or said.startswith(b"521 ") or b"550-" in said


def test_a_smuggled_letter_stays_inside_the_first(stack: Stack, outside: Outside) -> None:
    """CVE-2023-51764: a bare-newline dot must not end the message."""
    ana, _ = stack.create_mailbox()
    raw = letter("x@plain.test", ana)
    smuggled = (
        b"\n.\nMAIL FROM:<boss@bank.test>\nRCPT TO:<" + ana.encode() + b">\nDATA\nSubject: smuggled\n\nhi\n"
    )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.create_connection(("127.0.0.1", stack.ports["smtp_proxy"]), 20) as connection:
            file = connection.makefile("rb")
            connection.sendall(proxy_header("198.51.100.40"))

            def say(line: bytes, file: Any = file, connection: Any = connection) -> bytes:
                if line:
                    connection.sendall(line + b"\r\n")
                answer: bytes = file.readline()
                while answer[3:4] == b"-":
                    answer = file.readline()
                return answer

            for line in (
                b"",
                b"EHLO plain.test",
                b"MAIL FROM:<x@plain.test>",
                b"RCPT TO:<%s>" % ana.encode(),
                b"DATA",
            ):
                say(line)
            connection.sendall(raw + smuggled)
            answer = say(b"\r\n.")
        if answer.startswith(b"2"):
            break
        time.sleep(0.5)
    assert answer.startswith(b"250")
    (received,) = eventually(lambda: stack.messages(ana))
    assert b"Subject: smuggled" in received.partition(b"\r\n\r\n")[2]
    assert len(stack.messages(ana)) == 1


@pytest.mark.parametrize(
    ("port", "starttls"), [("smtp", "smtp"), ("submission", "smtp"), ("imaps", None), ("submissions", None)]
)
@pytest.mark.parametrize(("version", "works"), [("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)])
def test_tls_is_new_enough(stack: Stack, port: str, starttls: str | None, version: str, works: bool) -> None:
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{stack.ports[port]}", version]
    command += ["-cipher", "ALL:@SECLEVEL=0"] if version != "-tls1_3" else []
    command += ["-starttls", starttls] if starttls else []
    done = subprocess.run(command, input=b"", capture_output=True, timeout=30, check=False)
    cipher = re.search(rb"(?:New, TLSv\S+, Cipher is|Cipher    :) (\S+)", done.stdout)
    agreed = cipher is not None and cipher[1] not in (b"(NONE)", b"0000")
    assert agreed == works, done.stdout[-800:]
    if works and cipher is not None:
        assert re.search(rb"GCM|CHACHA20", cipher[1])


@pytest.mark.parametrize("door", ["smtp", "smtp_proxy"])
def test_loopback_is_a_stranger_too(stack: Stack, outside: Outside, door: str) -> None:
    """Rspamd trusts 127.0.0.1 by nature: no SPF, no DMARC, and it would sign. Ours judges it all the same."""
    ana, _ = stack.create_mailbox()
    for sender in ("ceo@bank.test", f"ceo@{stack.domain}"):
        raw = letter(sender, ana)
        if door == "smtp_proxy":
            code, words = insist(stack, raw, sender, ana, "127.0.0.1")
        else:
            code, words = plainly(stack, raw, sender, ana)
        assert code == 554, words
    if door == "smtp":
        code, words = plainly(stack, letter("ana@plain.test", ana), "ana@plain.test", ana)
        assert code == 250, words
        arrived = message_from_bytes(eventually(lambda: stack.messages(ana))[0])
        assert "spf=none" in arrived["Authentication-Results"]
        assert arrived["DKIM-Signature"] is None


def plainly(stack: Stack, raw: bytes, sender: str, to: str) -> tuple[int, str]:
    """Port 25 without a balancer, again while the answer is "later"."""

    def once() -> tuple[int, str]:
        with smtplib.SMTP(
            "127.0.0.1", stack.ports["smtp"], local_hostname="mx.sender.test", timeout=60
        ) as smtp:
            smtp.ehlo()
            for ask in (lambda: smtp.mail(sender), lambda: smtp.rcpt(to), lambda: smtp.data(raw)):
                code, words = ask()
                if code >= 400:
                    break
            return code, words.decode()

    answer = eventually(lambda: answer if (answer := once())[0] // 100 != 4 else None, 30)
    assert answer
    return answer


def test_no_stranger_hears_whom_we_get_mail_from(stack: Stack, outside: Outside) -> None:
    """Every name that is asked for while a letter with a link is judged: ours, the sender's, no list's."""
    ana, _ = stack.create_mailbox()
    control = ["unbound-control", "-c", str(stack.root / "etc/unbound/unbound.conf"), "set_option"]
    raw = letter("rosa@sender.test", ana, body="Mira https://shop.test/oferta y responde a ana@bank.test")
    already = len(stack.log("unbound"))
    subprocess.run([*control, "log-queries:", "yes"], check=True, capture_output=True, timeout=10)
    try:
        code, _ = insist(stack, outside.signed(raw, "sender.test"), "rosa@sender.test", ana)
    finally:
        subprocess.run([*control, "log-queries:", "no"], check=True, capture_output=True, timeout=10)
    assert code == 250
    asked = set(re.findall(r"info: 127\S+ (\S+)\. \S+ IN", stack.log("unbound")[already:]))
    assert "_dmarc.sender.test" in asked
    assert [name for name in asked if not name.endswith((".test", ".in-addr.arpa"))] == []
    lists = {"dnsbl.test", "dnswl.test", "reputation.test"}  # the operator's own
    beyond = [name for name in asked if re.match(r"\d+\.\d+\.\d+\.\d+\.", name)]
    assert {name.split(".", 4)[4] for name in beyond} <= lists | {"in-addr.arpa"}
