"""A message that lies before us whole, as a file: its words and its parts, for looking at."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from postie_web.lib import encoded_words
from webmail.mime import body, headers, links, sanitize, text
from webmail.mime.outline import RASTERS

LARGEST_TEXT = 2_000_000
MOST_PARTS = 200
LARGEST_PICTURE = 3_000_000
MOST_PICTURES = 12_000_000  # octets of all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`html` is raw: only for the sanitiser. `attachments`: (name, octets).

    `pictures`: Content-ID → data: address, for what the HTML shows of the letter itself.
    """

    subject: str
    sender: str
    to: str
    plain: str
    html: str
    attachments: tuple[tuple[str, int], ...]
    pictures: dict[str, str] = field(default_factory=dict, repr=False)


def read(octets: bytes) -> Letter:
    """Never fails: what cannot be read is shown as it is."""
    known = headers.fields(octets)
    plain: list[str] = []
    html: list[str] = []
    attachments: list[tuple[str, int]] = []
    parts = _parts(octets)
    for part in parts:
        data, kind = _decoded(part), part.get_content_type()
        name = _name(part)
        if kind in ("text/plain", "text/html") and not name:
            words = body.text(data[:LARGEST_TEXT], _charset(part), is_html=kind == "text/html")
            (plain if kind == "text/plain" else html).append(words)
        elif not part.is_multipart():
            attachments.append((name or kind, len(data)))
    return Letter(
        subject=headers.words(known, "subject"),
        sender=headers.words(known, "from"),
        to=headers.words(known, "to"),
        plain="\n\n".join(plain) or (text.from_html(sanitize.sanitize(html[0]).html) if html else ""),
        html="<hr>".join(html),
        attachments=tuple(attachments),
        pictures=_pictures(parts) if html else {},
    )


def _pictures(parts: Iterable[Message]) -> dict[str, str]:
    """What the reader shows, too: rasters with a Content-ID, within bounds, nothing that could be code."""
    found: dict[str, str] = {}
    total = 0
    for part in parts:
        name, kind = str(part.get("Content-ID", "")).strip().strip("<>"), part.get_content_type()
        if not name or kind not in RASTERS:
            continue
        data = _decoded(part)
        total += len(data)
        address = f"data:{kind};base64,{base64.b64encode(data).decode()}"
        if len(data) <= LARGEST_PICTURE and total <= MOST_PICTURES and links.is_data_image(address):
            found[name] = address
    return found


def _parts(octets: bytes) -> list[Message]:
    try:
        root = BytesParser(policy=compat32).parsebytes(octets)
        return [
            part for _n, part in zip(range(MOST_PARTS), root.walk(), strict=False) if not part.is_multipart()
        ]
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError):
        whole: Message = Message()
        whole.set_payload(octets.decode("latin-1"))
        return [whole]


def _decoded(part: Message) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return data if isinstance(data, bytes) else b""


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset() or "")
    except (ValueError, LookupError, AssertionError):
        return ""


def _name(part: Message) -> str:
    try:
        name = str(part.get_filename() or "")
    except (ValueError, LookupError, AssertionError):
        name = ""
    if not name and "attachment" in str(part.get("Content-Disposition", "")).lower():
        name = part.get_content_type()
    return body.without_turns(encoded_words.decode(name.encode("utf-8", "replace")))[:200]
