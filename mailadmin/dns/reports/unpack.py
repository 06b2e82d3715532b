"""From a letter or a file to the documents in it. Bounded: a bomb ends as a fault, not as memory.

ReportFault in one word: big, broken, empty, entities, malformed, not-ours.
"""

import email
import email.policy
import io
import zipfile
import zlib
from collections.abc import Iterator
from email.message import EmailMessage, Message

MOST_RAW = 15 * 1024 * 1024  # of a letter or a file
MOST_OPEN = 20 * 1024 * 1024  # of one document, unpacked
MOST_FILES, MOST_PARTS, MOST_LEVELS = 5, 50, 3
CHUNK = 64 * 1024
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
SAFE_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class ReportFault(ValueError):
    pass


def documents(raw: bytes) -> list[bytes]:
    """XML and JSON documents of a letter, an archive or a file. Raises ReportFault when there is none."""
    if len(raw) > MOST_RAW:
        raise ReportFault("big")
    found: list[bytes] = []
    for part in [raw] if _is_document(raw) or raw[:4].startswith((GZIP, ZIP)) else _attachments(raw):
        for document in _open(part, MOST_LEVELS):
            found.append(document)
            if len(found) >= MOST_FILES:
                return found
    if not found:
        raise ReportFault("empty")
    return found


def _is_document(data: bytes) -> bool:
    start = data[:100].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start.startswith((b"<", b"{", b"\x00<"))


def _attachments(raw: bytes) -> Iterator[bytes]:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        data = _decoded(part) if not part.is_multipart() else b""
        if data.startswith((GZIP, ZIP)) or (_is_document(data) and part.get_content_type() != "text/html"):
            yield data


def _decoded(part: Message | EmailMessage) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        return b""
    return data if isinstance(data, bytes) else b""


def _open(data: bytes, levels: int) -> Iterator[bytes]:
    if levels == 0:
        raise ReportFault("broken")
    if data.startswith(ZIP):
        for inner in _unzip(data):
            yield from _open(inner, levels - 1)
    elif data.startswith(GZIP):
        yield from _open(_gunzip(data), levels - 1)
    elif _is_document(data):
        yield data


def _gunzip(data: bytes) -> bytes:
    """RFC 1952; at most MOST_OPEN bytes are ever unpacked."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(data, MOST_OPEN + 1)
    except zlib.error:
        raise ReportFault("broken") from None
    if len(found) > MOST_OPEN:
        raise ReportFault("big")
    if not unpacker.eof:
        raise ReportFault("broken")
    return found


def _unzip(data: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist()[:MOST_FILES]:
                if entry.is_dir() or entry.flag_bits & 1 or entry.compress_type not in SAFE_METHODS:
                    continue  # bzip2 and LZMA unpack without a bound, and no report uses them
                yield _read(archive, entry)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        if isinstance(error, ReportFault):
            raise
        raise ReportFault("broken") from None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """What the entry says of its size is not believed."""
    found = bytearray()
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            found += chunk
            if len(found) > MOST_OPEN:
                raise ReportFault("big")
    return bytes(found)
