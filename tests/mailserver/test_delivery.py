"""A letter's way inside the house: submission, filter, mailbox."""

from email.message import EmailMessage

import pytest

from tests.stack import Stack, eventually


def letter(sender: str, to: str, subject: str = "Almuerzo") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message.set_content("¿Vienes el viernes a almorzar?\n")
    return message.as_bytes()


def test_what_is_submitted_arrives(stack: Stack) -> None:
    ana, password = stack.create_mailbox()
    leo, _ = stack.create_mailbox()
    stack.send(letter(ana, leo), ana, [leo], password)
    (received,) = eventually(lambda: stack.messages(leo))
    assert b"Subject: Almuerzo" in received
    assert b"Delivered-To: " + leo.encode() in received


def test_what_is_delivered_by_lmtp_is_there_at_once(stack: Stack) -> None:
    ana, _ = stack.create_mailbox()
    stack.deliver(letter("somebody@outside.test", ana), ana)
    assert len(stack.messages(ana)) == 1


@pytest.mark.parametrize("folder", ["Drafts", "Sent", "Junk", "Trash", "Archive"])
def test_a_new_mailbox_has_its_special_folders(stack: Stack, folder: str) -> None:
    ana, password = stack.create_mailbox()
    with stack.imap(ana, password) as imap:
        listed = b"\n".join(line for line in imap.list()[1] if isinstance(line, bytes))
    assert f"\\{folder}".encode() in listed
