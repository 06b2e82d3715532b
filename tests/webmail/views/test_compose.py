"""Writing as a browser does it, through the whole mail server: to the other person's mailbox and back."""

import email
import email.policy
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from postie_web.lib.credentials import Credentials
from tests.stack import PASSWORD, Stack, eventually
from tests.webmail.conftest import SignedIn
from webmail import connections
from webmail.imap import door, fetch, folders, listing
from webmail.imap.cache import ORDERS, ROWS
from webmail.imap.connection import Connection
from webmail.models import OutgoingMessage

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(stack: Stack, postie_settings) -> Iterator[tuple[Client, Credentials]]:
    """A browser of somebody with a mailbox on the whole server."""
    address, password = stack.create_mailbox()
    settings = postie_settings
    settings.SMTP_SERVER_NAME = settings.IMAP_SERVER_NAME = "localhost"
    settings.MIDDLEWARE = [
        *(m for m in settings.MIDDLEWARE if "whitenoise" not in m),
        "tests.webmail.conftest.SignedIn",
    ]
    SignedIn.credentials = Credentials(address=address, password=password)
    connections.pool.cache_clear()
    yield Client(), SignedIn.credentials
    connections.pool().close()
    connections.pool.cache_clear()
    ROWS.clear()
    ORDERS.clear()


def form_of(page: str) -> dict[str, Any]:
    """What the browser would send back: every input of the form."""
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="file"' not in tag and ('type="checkbox"' not in tag or " checked" in tag):
            if name[1] == "keep_part":
                found.setdefault("keep_part", []).append(unescape(value[1] if value else ""))
            else:
                found[name[1]] = unescape(value[1]) if value else "on" if "checkbox" in tag else ""
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    return {**found, "text": unescape(text[1]) if text else ""}


def opened(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/compose/{query}")
    assert answer.status_code == 200
    return form_of(answer.content.decode())


def mailbox(credentials: Credentials) -> Connection:
    return door.open_connection(connections.server(), credentials)


def arrived(stack: Stack, address: str, subject: str) -> Any:
    """The letter of that subject in somebody's inbox, as it came over the wire."""

    def look() -> bytes:
        with stack.imap(address) as imap:
            imap.select("INBOX")
            for number in imap.search(None, "ALL")[1][0].split():
                octets: Any = imap.fetch(number.decode(), "(BODY.PEEK[])")[1][0][1]  # type: ignore[index]
                if email.message_from_bytes(octets, policy=email.policy.default)["Subject"] == subject:
                    return bytes(octets)
        return b""

    return email.message_from_bytes(eventually(look, 40), policy=email.policy.default)


def account_of(credentials: Credentials) -> str:
    imap = mailbox(credentials)
    imap.log_out()
    return imap.account


def held(credentials: Credentials, role: str) -> list[str]:
    imap = mailbox(credentials)
    try:
        return [m.envelope.subject for m in listing.page(imap, folders.ensure(imap, role)).messages]
    finally:
        imap.log_out()


def test_a_letter_arrives_with_its_attachment_and_lies_in_sent(stack: Stack, writer) -> None:
    client, me = writer
    other, _ = stack.create_mailbox()
    hidden, _ = stack.create_mailbox()
    data = opened(client) | {
        "to": f"Ñandú <{other}>",
        "bcc": hidden,
        "subject": "Año nuevo =?utf-8?q?x?=",
        "text": "Hola:\n\nuna línea muy larga " + "palabra " * 40 + "\nFrom here\n-- \nyo",
        "enclosures": SimpleUploadedFile("informe «ñ».pdf", b"%PDF-1.4 \x00\xff", "application/pdf"),
        "action": "send",
    }
    answer = client.post("/compose/", data)
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/")
    letter = arrived(stack, other, "Año nuevo =?utf-8?q?x?=")
    assert letter["To"].addresses[0].display_name == "Ñandú"
    assert letter["From"].addresses[0].addr_spec == me.address
    assert letter["Bcc"] is None
    assert hidden not in letter.as_string()
    body = letter.get_body()
    assert body is not None
    assert body.get_content_type() == "text/plain"
    assert body["Content-Type"].params["format"] == "flowed"
    assert "línea muy larga" in body.get_content()
    (attachment,) = letter.iter_attachments()
    assert attachment.get_filename() == "informe «ñ».pdf"
    assert attachment.get_content() == b"%PDF-1.4 \x00\xff"
    assert arrived(stack, hidden, "Año nuevo =?utf-8?q?x?=")["Bcc"] is None
    assert held(me, "sent") == ["Año nuevo =?utf-8?q?x?="]
    assert held(me, "drafts") == []


def test_pressed_twice_it_goes_once(stack: Stack, writer) -> None:
    client, me = writer
    data = opened(client) | {"to": me.address, "subject": "una vez", "text": "x", "action": "send"}
    assert [client.post("/compose/", data).status_code for _ in range(3)] == [302, 302, 302]
    arrived(stack, me.address, "una vez")
    assert held(me, "sent") == ["una vez"]
    assert held(me, "drafts") == []
    with stack.imap(me.address) as imap:
        imap.select("INBOX")
        assert len(imap.search(None, "SUBJECT", '"una vez"')[1][0].split()) == 1


def test_a_refused_recipient_stops_it_for_all_and_is_told_beside_the_field(stack: Stack, writer) -> None:
    client, me = writer
    other, _ = stack.create_mailbox()
    data = opened(client) | {
        "to": f"{other}, nobody-here@{stack.domain}",
        "subject": "nadie",
        "text": "guardar",
        "action": "send",
    }
    data["enclosures"] = SimpleUploadedFile("a.txt", b"abc", "text/plain")
    answer = client.post("/compose/", data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"nobody-here@{stack.domain} was refused" in unescape(page)
    assert held(me, "drafts") == ["nadie"]
    assert held(me, "sent") == []
    # Mended, it goes, with the attachment that was uploaded before.
    again = form_of(page) | {"to": other, "action": "send"}
    assert client.post("/compose/", again).status_code == 302
    letter = arrived(stack, other, "nadie")
    assert [part.get_filename() for part in letter.iter_attachments()] == ["a.txt"]
    assert held(me, "drafts") == []


def test_a_draft_is_kept_and_taken_up_again(stack: Stack, writer) -> None:
    client, me = writer
    data = opened(client) | {"to": "half@", "subject": "borrador", "text": "a", "action": "save"}
    assert client.post("/compose/", data).status_code == 422
    data |= {
        "to": me.address,
        "bcc": "b@kronos.test",
        "enclosures": SimpleUploadedFile("a.bin", b"\x00" * 99),
    }
    answer = client.post("/compose/", data)
    again = form_of(client.get(answer["Location"]).content.decode())
    assert (again["to"], again["bcc"], again["subject"], again["text"]) == (
        me.address,
        "b@kronos.test",
        "borrador",
        "a",
    )
    assert again["message_id"] == data["message_id"]
    assert len(again["keep_part"]) == 1
    saved = client.post("/compose/", again | {"text": "b", "action": "autosave"}).json()
    assert saved["text"].startswith("Saved ")
    assert held(me, "drafts") == ["borrador"]
    again |= {"draft": str(saved["draft"]), "action": "discard"}
    client.post("/compose/", again)
    assert held(me, "drafts") == []
    assert held(me, "trash") == ["borrador"]


def test_reply_and_forward_carry_the_thread(stack: Stack, writer) -> None:
    client, me = writer
    letter = (
        b"From: Ana <ana@outside.test>\r\nTo: <%s>, carla@outside.test\r\n"
        b"Reply-To: lista@outside.test\r\nSubject: Re: RE: plan\r\n"
        b"Message-ID: <p3@outside.test>\r\nReferences: <p1@outside.test> <p2@outside.test>\r\n"
        b"Date: Tue, 3 Nov 2026 09:00:00 -0500\r\n"
        b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nma\xf1ana\r\n-- \r\nfirma\r\n"
        % me.address.encode()
    )
    stack.deliver(letter, me.address)
    imap = mailbox(me)
    uid = eventually(lambda: [m.uid for m in listing.page(imap, "INBOX").messages])[0]
    data = opened(client, f"?kind=reply-all&folder=INBOX&uid={uid}")
    assert data["to"] == "lista@outside.test, carla@outside.test"
    assert data["subject"] == "Re: plan"
    assert "> mañana" in str(data["text"])
    assert "firma" not in str(data["text"])
    data |= {"to": me.address, "action": "send"}
    assert client.post("/compose/", data).status_code == 302
    answer = arrived(stack, me.address, "Re: plan")
    assert answer["In-Reply-To"] == "<p3@outside.test>"
    assert str(answer["References"]).split() == [
        "<p1@outside.test>",
        "<p2@outside.test>",
        "<p3@outside.test>",
    ]
    assert fetch.rows(imap, "INBOX", [uid])[uid].is_answered
    forwarded = opened(client, f"?kind=attach&folder=INBOX&uid={uid}")
    assert forwarded["subject"] == "Fwd: plan"
    assert client.post("/compose/", forwarded | {"to": me.address, "action": "send"}).status_code == 302
    (part,) = arrived(stack, me.address, "Fwd: plan").iter_attachments()
    assert part.get_content_type() == "message/rfc822"
    assert part.get_content()["Message-ID"] == "<p3@outside.test>"
    imap.log_out()


def test_no_line_of_a_stranger_becomes_a_header(stack: Stack, writer) -> None:
    client, me = writer
    evil = "x\r\nBcc: evil@outside.test\r\n\r\nbody"
    data = opened(client) | {"to": me.address, "subject": evil, "text": "x", "action": "send"}
    data["in_reply_to"], data["references"] = f"<a@b>\r\n{evil}", f"<c@d>\r\n{evil}"
    data["enclosures"] = SimpleUploadedFile('a"\r\nX-Evil: 1.txt', b"x", "text/plain\r\nX-Evil: 1")
    client.post("/compose/", data)
    letter = arrived(stack, me.address, "x Bcc: evil@outside.test body")
    assert letter["Bcc"] is None
    assert letter["In-Reply-To"] == "<a@b>"
    assert not [part for part in letter.walk() if part["X-Evil"]]
    data |= {"message_id": "<a@b>\r\nX-Evil: 1"}
    assert client.post("/compose/", data).status_code == 422


def test_mailto_fills_only_what_a_link_may(stack: Stack, writer) -> None:
    client, _ = writer
    link = quote("mailto:ana@x.test?subject=hola&body=linea%0D%0Ados&bcc=spy@x.test&attach=/etc/passwd")
    data = opened(client, f"?mailto={link}")
    assert (data["to"], data["subject"], data["bcc"]) == ("ana@x.test", "hola", "")
    assert "dos" in str(data["text"])


def test_a_copy_that_could_not_be_filed_is_filed_later(stack: Stack, writer) -> None:
    client, me = writer
    data = opened(client) | {"to": me.address, "subject": "tarde", "text": "x", "action": "save"}
    client.post("/compose/", data)
    account = account_of(me)
    OutgoingMessage.objects.create(
        account=account, message_id=data["message_id"], state=OutgoingMessage.State.SENT
    )
    opened(client)
    assert (held(me, "drafts"), held(me, "sent")) == ([], ["tarde"])


def test_what_was_lost_at_the_last_moment_is_not_sent_again_by_itself(stack: Stack, writer) -> None:
    client, me = writer
    data = opened(client) | {"to": me.address, "subject": "quizás", "text": "x", "action": "send"}
    account = account_of(me)
    OutgoingMessage.objects.create(
        account=account, message_id=data["message_id"], state=OutgoingMessage.State.UNCERTAIN
    )
    answer = client.post("/compose/", data)
    assert answer.status_code == 422
    assert "it may have been sent" in answer.content.decode()


def test_a_server_that_is_away_keeps_the_letter(stack: Stack, writer, settings) -> None:
    client, me = writer
    settings.SMTP_PORT = 1
    data = opened(client) | {"to": me.address, "subject": "espera", "text": "mi texto", "action": "send"}
    answer = client.post("/compose/", data)
    assert answer.status_code == 422
    assert "Your text is in Drafts" in answer.content.decode()
    assert "mi texto" in answer.content.decode()
    assert held(me, "drafts") == ["espera"]
    assert PASSWORD not in answer.content.decode()


def test_forms_need_their_token(stack: Stack, writer) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/compose/", {"action": "send"}).status_code == 403
