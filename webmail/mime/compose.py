"""A letter → its octets. RFC 5322, 2045, 2047, 2231, 3676.

Written by hand, not by email.message: that reads encoded words inside what a person typed and, in some
versions, writes their line ends into the header.
"""

import re
import secrets
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from urllib.parse import quote

from webmail.types import Address

from . import body

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_ATEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_MESSAGE_ID = re.compile(r"<[^\s<>\x00-\x20\x7f-\uffff]{3,250}>")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
MOST_REFERENCES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    filename: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    sender: Address
    message_id: str
    date: datetime
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    wants_receipt: bool = False

    @property
    def recipients(self) -> tuple[str, ...]:
        """The envelope: each address once."""
        return tuple(dict.fromkeys(a.address for a in (*self.to, *self.cc, *self.bcc)))

    @property
    def needs_smtputf8(self) -> bool:
        """RFC 6531: a local part outside ASCII needs a server that knows of it."""
        return not all(address.isascii() for address in (*self.recipients, self.sender.address))


def new_message_id(domain: str) -> str:
    return f"<{secrets.token_hex(16)}@{domain}>"


def is_message_id(text: str) -> bool:
    return _MESSAGE_ID.fullmatch(text) is not None


def message_ids(header: str) -> tuple[str, ...]:
    """The ids of a References or In-Reply-To header; linear, and whatever is no id is left out."""
    return tuple(dict.fromkeys(word for word in header.replace("><", "> <").split() if is_message_id(word)))


def wire(letter: Letter) -> bytes:
    """As it goes out. Bcc is nowhere in it."""
    return _written(letter, keep_bcc=False)


def copy(letter: Letter) -> bytes:
    """As it is kept in Drafts and Sent: its writer may see whom it went to."""
    return _written(letter, keep_bcc=True)


def _written(letter: Letter, *, keep_bcc: bool) -> bytes:
    lines = [*_headers(letter, keep_bcc=keep_bcc)]
    text = _text_part(letter.text)
    if letter.attachments:
        boundary = f"=_{secrets.token_hex(16)}"
        lines.append(f'Content-Type: multipart/mixed;\r\n boundary="{boundary}"')
        parts = [text, *(_attachment(attachment) for attachment in letter.attachments)]
        content = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
        content = b"\r\n" + content + b"--%s--\r\n" % boundary.encode()
    else:
        content = text
    return "\r\n".join([*lines, ""]).encode("utf-8") + content


def _headers(letter: Letter, *, keep_bcc: bool) -> Iterator[str]:
    yield f"Date: {format_datetime(letter.date)}"
    yield f"Message-ID: {_id(letter.message_id)}"
    yield _people("From", (letter.sender,))
    for name, people in (("To", letter.to), ("Cc", letter.cc), ("Bcc", letter.bcc if keep_bcc else ())):
        if people:
            yield _people(name, people)
    yield _words("Subject", letter.subject)
    if letter.in_reply_to:
        yield f"In-Reply-To: {_id(letter.in_reply_to)}"
    if letter.references:
        kept = letter.references
        if len(kept) > MOST_REFERENCES:
            # RFC 5537, 3.4.4: the first is the thread's name, the last its nearest members.
            kept = (kept[0], *kept[1 - MOST_REFERENCES :])
        yield "References: " + "\r\n ".join(map(_id, kept))
    if letter.wants_receipt:
        yield _people("Disposition-Notification-To", (letter.sender,))
    yield "User-Agent: Postie"
    yield "MIME-Version: 1.0"


def _id(text: str) -> str:
    if not is_message_id(text):
        raise ValueError("not a Message-ID")
    return text


def one_line(text: str) -> str:
    return _CONTROLS.sub(" ", text).strip()


def _words(name: str, text: str) -> str:
    """An unstructured header. What looks encoded is encoded again: it is what the person typed."""
    text = one_line(text)[:2000]
    if text.isascii() and "=?" not in text and len(text) < 900:
        return _folded(f"{name}: {text}")
    return f"{name}: {_encoded(text, len(name) + 2)}"


def _folded(line: str) -> str:
    pieces, rest = [], line
    while len(rest) > 78:
        cut = rest.rfind(" ", 10, 78)
        if cut < 0:
            break
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return "\r\n".join([*pieces, rest])


def _encoded(text: str, indent: int) -> str:
    return Header(text, "utf-8", maxlinelen=75, header_name="x" * indent).encode(linesep="\r\n")


def _people(name: str, people: tuple[Address, ...]) -> str:
    return f"{name}: " + ",\r\n ".join(_person(person) for person in people)


def _person(person: Address) -> str:
    address = one_line(person.address)
    if re.search(r"[\s<>,;\"()]", address):
        raise ValueError("not an address")
    name = one_line(person.name)[:200]
    if not name:
        return address
    if not name.isascii() or "=?" in name:
        return f"{_encoded(name, 10)}\r\n <{address}>"
    if not _ATEXT.fullmatch(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{address}>"


def _text_part(text: str) -> bytes:
    flowed = body.flowed(body.tidy(text)).replace("\n", "\r\n").encode()
    head = b'Content-Type: text/plain; charset="utf-8"; format=flowed\r\nContent-Transfer-Encoding: '
    if flowed.isascii() and all(len(line) < 990 for line in flowed.split(b"\r\n")):
        return head + b"7bit\r\n\r\n" + flowed + b"\r\n"
    encoded = b2a_qp(flowed.replace(b"\r\n", b"\n"), istext=True).replace(b"\n", b"\r\n")
    return head + b"quoted-printable\r\n\r\n" + encoded + b"\r\n"


def _attachment(attachment: Attachment) -> bytes:
    kind = attachment.media_type.lower()
    kind = (
        kind
        if _MEDIA_TYPE.fullmatch(kind) and not kind.startswith("multipart/")
        else "application/octet-stream"
    )
    if kind == "message/rfc822" and b"\0" in attachment.content:
        kind = "application/octet-stream"  # no server takes it as it is
    head = [f"Content-Type: {kind}{_parameter('name', attachment.filename)}"]
    head.append(f"Content-Disposition: attachment{_parameter('filename', attachment.filename)}")
    if kind == "message/rfc822":
        # RFC 2046, 5.2.1: an enclosed message is never encoded, only declared.
        content = re.sub(rb"\r\n|\r|\n", b"\r\n", attachment.content)
        head.append(f"Content-Transfer-Encoding: {'7bit' if content.isascii() else '8bit'}")
    else:
        content = encodebytes(attachment.content).replace(b"\n", b"\r\n")
        head.append("Content-Transfer-Encoding: base64")
    return "\r\n".join([*head, "", ""]).encode() + content


def _parameter(name: str, value: str) -> str:
    """RFC 2231, 3: as long and as foreign as people name their files."""
    value = one_line(value)[:200]
    if value.isascii() and re.fullmatch(r"[^\"\\]{1,60}", value):
        return f';\r\n {name}="{value}"'
    encoded = quote(value, safe="")
    pieces = [piece[0] for piece in re.finditer(r"(?:%..|[^%]){1,20}", encoded)]
    if len(pieces) == 1:
        return f";\r\n {name}*=utf-8''{encoded}"
    first = "utf-8''"
    return "".join(f";\r\n {name}*{n}*={first if n == 0 else ''}{p}" for n, p in enumerate(pieces))
