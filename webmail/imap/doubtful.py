"""Messages whose ENVELOPE the server may not survive: Dovecot 2.3.19 panics over a header line of 50 MB.

When it ends the session over some messages, their envelopes are made from their headers the next time.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.message import Message as Header
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from postie_web.lib import encoded_words
from webmail.types import Address, Envelope

from . import errors, structure
from .cache import Bounded
from .parser import Data
from .wire import Atom, Value

Key = tuple[str, str, int, int]  # account, folder, uidvalidity, uid

_SURE: tuple[Value, ...] = tuple(map(Atom, ("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE")))
_CAREFUL: tuple[Value, ...] = (*_SURE[:-1], Atom("BODY.PEEK[HEADER]<0.65536>"))
_MOST_ADDRESSES = 500
_doubtful: Bounded[bool] = Bounded(4096)


def row_items(key: Key) -> tuple[Value, ...]:
    """What to ask of this message for its row."""
    return _CAREFUL if _doubtful.get(key) else _SURE


@contextmanager
def watching(keys: Iterable[Key]) -> Iterator[None]:
    try:
        yield
    except errors.Lost:
        for key in keys:
            _doubtful.put(key, True)
        raise


def envelope(values: dict[bytes, Data]) -> Envelope | None:
    if b"ENVELOPE" in values:
        return structure.envelope(values[b"ENVELOPE"])
    found = next((octets for name, octets in values.items() if name.startswith(b"BODY[HEADER]")), None)
    return _from_header(found) if isinstance(found, bytes) else None


def _from_header(octets: bytes) -> Envelope:
    header = BytesHeaderParser().parsebytes(octets)
    sender = _addresses(header, "From")
    return Envelope(
        subject=encoded_words.decode(_octets(header, "Subject")),
        date=structure.date(_octets(header, "Date")),
        sender=sender,
        reply_to=_addresses(header, "Reply-To") or sender,
        to=_addresses(header, "To"),
        cc=_addresses(header, "Cc"),
        bcc=_addresses(header, "Bcc"),
        in_reply_to=_octets(header, "In-Reply-To").decode("utf-8", "replace").strip(),
        message_id=_octets(header, "Message-ID").decode("utf-8", "replace").strip(),
    )


def _octets(header: Header, name: str) -> bytes:
    return str(header.get(name) or "").encode("utf-8", "surrogateescape")


def _addresses(header: Header, name: str) -> tuple[Address, ...]:
    found = getaddresses([_octets(header, name).decode("utf-8", "replace")])
    named = ((encoded_words.decode(who.encode()), " ".join(address.split())) for who, address in found)
    return tuple(Address(*one) for one in list(named)[:_MOST_ADDRESSES] if any(one))
