"""What only the whole server can show: the API changes something, and Postfix and Dovecot know at once."""

import imaplib
import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.stack import Stack, eventually

PASSWORD = "correct-horse-battery-9"


def letter(to: str, subject: str = "Hola", size: int = 10) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "somebody@outside.test", to, subject
    message.set_content("x" * 70 + "\n" + ("y" * 70 + "\n") * (size // 71))
    return message.as_bytes()


def recipient(stack: Stack, address: str, sender: str) -> tuple[int, bytes]:
    """Postfix' answer to RCPT TO, asked by somebody who is signed in."""
    with smtplib.SMTP("localhost", stack.ports["submission"], timeout=30) as smtp:
        smtp.starttls(context=stack.tls)
        smtp.login(sender, PASSWORD)
        smtp.mail(sender)
        return smtp.rcpt(address)


def can_sign_in(stack: Stack, address: str, password: str = PASSWORD) -> bool:
    try:
        with stack.imap(address, password):
            return True
    except imaplib.IMAP4.error:
        return False


def patch(stack: Stack, path: str, **body: object) -> None:
    answer = stack.api.patch(path, json=body)
    assert answer.status_code == 204, answer.text


def test_a_new_password_and_a_suspension_hold_at_once(stack: Stack) -> None:
    ann, _ = stack.create_mailbox()
    assert can_sign_in(stack, ann)
    patch(stack, f"boxes/{ann}", passwordPlaintext="Another-one-8-please")
    assert not can_sign_in(stack, ann)
    assert can_sign_in(stack, ann, "Another-one-8-please")
    patch(stack, f"boxes/{ann}", disabled=True)
    assert not can_sign_in(stack, ann, "Another-one-8-please")
    patch(stack, f"boxes/{ann}", disabled=False)
    assert can_sign_in(stack, ann, "Another-one-8-please")


def test_a_suspension_ends_open_sessions(stack: Stack) -> None:
    ann, _ = stack.create_mailbox()
    with stack.imap(ann) as imap:
        imap.select("INBOX")
        patch(stack, f"boxes/{ann}", disabled=True)

        def is_over() -> bool:
            try:
                imap.noop()
            except (imaplib.IMAP4.error, OSError):
                return True
            return False

        eventually(is_over)
        imap.shutdown()


def test_usage_is_dovecots_own(stack: Stack) -> None:
    ann, _ = stack.create_mailbox()
    stack.deliver(letter(ann, size=1_500_000), ann)
    usage = stack.api.get(f"boxes/{ann}/quota").json()
    assert usage["count_usage"] == 1
    assert 1 <= usage["storage_usage"] <= 2


def test_a_full_mailbox_is_refused_at_rcpt_also_through_an_alias(stack: Stack) -> None:
    sender, _ = stack.create_mailbox()
    full, _ = stack.create_mailbox(countLimit=1)
    alias, _ = stack.create_mailbox("behind-full", redirectTo=[full], passwordPlaintext="")
    assert recipient(stack, alias, sender)[0] == 250
    stack.deliver(letter(full), full)
    for address in (full, alias):
        code, words = recipient(stack, address, sender)
        assert (code, words[:5]) == (552, b"5.2.2")
    patch(stack, f"boxes/{full}/quota", countLimit=0)
    assert recipient(stack, full, sender)[0] == 250


def test_a_suspended_mailbox_is_refused_and_no_catch_all_gets_its_mail(stack: Stack) -> None:
    sender, _ = stack.create_mailbox()
    stack.create_domain("catch.test")
    keeper, _ = stack.create_mailbox("keeper", "catch.test")
    shut, _ = stack.create_mailbox("shut", "catch.test")
    patch(stack, "domains/catch.test", domainBin=True, domainBinAddress=keeper)
    patch(stack, f"boxes/{shut}", disabled=True)
    assert recipient(stack, shut, sender)[0] == 550
    assert recipient(stack, "whoever@catch.test", sender)[0] == 250


def test_what_is_written_to_a_discarding_address_is_thrown_away_and_what_it_writes_is_not(
    stack: Stack,
) -> None:
    leo, _ = stack.create_mailbox()
    nobody, _ = stack.create_mailbox("no-reply", discard=True)
    stack.send(letter(nobody).replace(b"somebody@outside.test", leo.encode()), leo, [nobody])
    eventually(lambda: f"to=<{nobody}>, relay=none" in stack.log("postfix"))
    assert stack.messages(nobody) == []
    stack.send(letter(leo).replace(b"somebody@outside.test", nobody.encode()), nobody, [leo])
    eventually(lambda: stack.messages(leo))


def test_a_script_sorts_the_next_letter_and_a_wrong_one_is_refused_with_the_reason(stack: Stack) -> None:
    ann, _ = stack.create_mailbox()
    script = 'require ["fileinto"]; if header :contains "subject" "boletín" { fileinto "Archive"; }'
    patch(stack, f"boxes/{ann}/sieve", script=script)
    refused = stack.api.patch(f"boxes/{ann}/sieve", json={"script": 'if header "x" {'})
    assert refused.status_code == 400
    assert "line 1" in refused.json()["errors"]["children"]["script"]["errors"][0]
    assert stack.api.get(f"boxes/{ann}/sieve").json()["script"].strip() == script
    stack.deliver(letter(ann, "El boletín"), ann)
    assert len(stack.messages(ann, "Archive")) == 1
    patch(stack, f"boxes/{ann}/sieve", script="")
    assert stack.api.get(f"boxes/{ann}/sieve").json()["script"] == ""


def test_mail_is_counted_from_the_log(stack: Stack) -> None:
    ann, _ = stack.create_mailbox()
    leo, _ = stack.create_mailbox()
    stack.send(letter(leo).replace(b"somebody@outside.test", ann.encode()), ann, [leo])

    def counted() -> bool:
        mine, theirs = (stack.api.get(f"boxes/{address}/stats").json() for address in (ann, leo))
        return [*mine.values()] == [{"in": 0, "out": 1}] and [*theirs.values()] == [{"in": 1, "out": 0}]

    eventually(counted)


def test_a_deleted_mailbox_is_gone_everywhere(stack: Stack) -> None:
    sender, _ = stack.create_mailbox()
    ann, _ = stack.create_mailbox()
    stack.deliver(letter(ann), ann)
    home = Path(stack.api.get(f"boxes/{ann}").json()["home"])
    assert home.exists()
    assert stack.api.delete(f"boxes/{ann}").status_code == 204
    assert not home.exists()
    assert not can_sign_in(stack, ann)
    assert recipient(stack, ann, sender)[0] == 550
    again, _ = stack.create_mailbox(ann.partition("@")[0])
    assert stack.messages(again) == []


@pytest.mark.parametrize("suffix", ["db/mail.sqlite3", "dkim/selectors.map"])
def test_strangers_on_the_machine_read_no_table_and_no_key(stack: Stack, suffix: str) -> None:
    assert (stack.root / "data" / suffix).stat().st_mode & 0o007 == 0
