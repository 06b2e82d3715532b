"""The server says which messages carry files, so that the webmail's filter is one search."""

from email.message import EmailMessage
from typing import Any

from tests.stack import eventually


def letter(subject: str, *, attached: bool) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "somebody@outside.test", subject
    message.set_content("hola")
    if attached:
        message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="acta.pdf")
    return message.as_bytes()


def test_a_message_with_a_file_is_marked(stack: Any) -> None:
    address, password = stack.create_mailbox()
    stack.deliver(letter("with", attached=True), address)
    stack.deliver(letter("without", attached=False), address)
    assert eventually(lambda: len(stack.messages(address)) == 2)
    with stack.imap(address, password) as imap:
        imap.append("INBOX", None, None, letter("appended", attached=True))
        imap.select("INBOX", readonly=True)
        found = imap.search(None, "KEYWORD", "$HasAttachment")[1][0].split()
        assert len(found) == 2
