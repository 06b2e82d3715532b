"""A message that lies before us whole, as a file: its words and its parts, for looking at."""

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from postie_web.lib import encoded_words
from webmail.mime import body, headers, sanitize, text

LARGEST_TEXT = 2_000_000
MOST_PARTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`html` is raw: only for the sanitiser. `attachments`: (name, octets)."""

    subject: str
    sender: str
    to: str
    plain: str
    html: str
    attachments: tuple[tuple[str, int], ...]


def read(octets: bytes) -> Letter:
    """Never fails: what cannot be read is shown as it is."""
    known = headers.fields(octets)
    plain: list[str] = []
    html: list[str] = []
    attachments: list[tuple[str, int]] = []
    for part in _parts(octets):
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
    )


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
