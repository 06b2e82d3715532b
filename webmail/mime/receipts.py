"""Read receipts: asked for by a letter, given only by a person. RFC 8098."""

import re
import secrets
from datetime import datetime
from email.utils import format_datetime

from webmail.types import Address

from . import addresses, compose, headers

SENT = "$MDNSent"  # RFC 3503: on the letter that was answered, so that every program knows
_ADDRESS = re.compile(r"[\x21-\x7e]{1,64}@[A-Za-z0-9.-]{1,253}")


def wanted(known: headers.Fields) -> str:
    """Whom the letter wants told; empty when nobody, or nobody that can be written to."""
    found = addresses.parse(headers.first(known, "disposition-notification-to"))
    # RFC 8098, 2.1: several addresses are a sign of abuse.
    return found[0].address if len(found) == 1 and _ADDRESS.fullmatch(found[0].address) else ""


def written(reader: Address, to: str, subject: str, original_id: str, date: datetime) -> bytes:
    """The receipt's octets. `subject` and the words in it are in the reader's language."""
    boundary = f"=_{secrets.token_hex(16)}"
    words = compose.Letter(
        sender=reader,
        to=(Address("", to),),
        subject=subject,
        message_id=compose.new_message_id(reader.address.rpartition("@")[2] or "localhost"),
        date=date,
    )
    head = compose.wire(words).partition(b"Content-Type:")[0]
    note = [
        "Reporting-UA: Postie",
        f"Final-Recipient: rfc822;{compose.one_line(reader.address)}",
        *([f"Original-Message-ID: {original_id}"] if compose.is_message_id(original_id) else []),
        "Disposition: manual-action/MDN-sent-manually; displayed",
    ]
    lines = [
        "Auto-Submitted: auto-replied",
        "Content-Type: multipart/report; report-type=disposition-notification;",
        f' boundary="{boundary}"',
        "",
        f"--{boundary}",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        f"{compose.one_line(subject)} ({format_datetime(date)})",
        f"--{boundary}",
        "Content-Type: message/disposition-notification",
        "",
        *note,
        "",
        f"--{boundary}--",
        "",
    ]
    return head + "\r\n".join(lines).encode()
