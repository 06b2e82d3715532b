"""Pictures without what cameras and programs note in them: place, time, serial numbers, comments.

Only whole segments are left out, nothing is decoded: what remains is octet for octet the same picture.
"""

import struct
from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_NOTES = frozenset((b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"))
_WEBP_NOTES = frozenset((b"EXIF", b"XMP "))
# JPEG: Exif and XMP (APP1), Photoshop's IPTC (APP13), comments. Colour (APP2, APP14) stays.
_JPEG_NOTES = frozenset((0xE1, 0xED, 0xFE))
_ORIENTATION = 0x0112


def bare(octets: bytes) -> bytes:
    """The same picture; what is no JPEG, PNG or WebP, or is broken, comes back as it is."""
    try:
        if octets.startswith(b"\xff\xd8\xff"):
            return b"".join(_jpeg(octets))
        if octets.startswith(_PNG):
            return b"".join(_png(octets))
        if octets[:4] == b"RIFF" and octets[8:12] == b"WEBP":
            return _webp(octets)
    except (struct.error, IndexError):
        pass
    return octets


def _jpeg(octets: bytes) -> Iterator[bytes]:
    yield octets[:2]
    position = 2
    while octets[position] == 0xFF and octets[position + 1] != 0xDA:  # from "start of scan" on it is picture
        kind, (size,) = octets[position + 1], struct.unpack_from(">H", octets, position + 2)
        end = position + 2 + size
        if size < 2 or end > len(octets):
            break
        if kind not in _JPEG_NOTES:
            yield octets[position:end]
        elif turned := _orientation(octets[position + 4 : end]):
            yield _turned(turned)
        position = end
    yield octets[position:]


def _orientation(note: bytes) -> int:
    """Which way is up (2 to 8), the one thing of Exif that belongs to the picture; 0: as it lies."""
    if not note.startswith(b"Exif\0\0") or len(note) < 16:
        return 0
    order = "<" if note[6:8] == b"II" else ">"
    start = 6 + struct.unpack_from(f"{order}I", note, 10)[0]
    (count,) = struct.unpack_from(f"{order}H", note, start)
    for number in range(min(count, 200)):
        tag, _kind, _count, value = struct.unpack_from(f"{order}HHIH", note, start + 2 + 12 * number)
        if tag == _ORIENTATION:
            return int(value) if 1 < value < 9 else 0
    return 0


def _turned(orientation: int) -> bytes:
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 8 + len(tiff)) + b"Exif\0\0" + tiff


def _png(octets: bytes) -> Iterator[bytes]:
    yield _PNG
    position = len(_PNG)
    while position + 8 <= len(octets):
        size, kind = struct.unpack_from(">I4s", octets, position)
        end = position + 12 + size
        if kind not in _PNG_NOTES:
            yield octets[position:end]
        position = end


def _webp(octets: bytes) -> bytes:
    kept, position = [], 12
    while position + 8 <= len(octets):
        kind, size = struct.unpack_from("<4sI", octets, position)
        end = position + 8 + size + size % 2
        if kind == b"VP8X":  # its flags say that notes follow: Exif 8, XMP 4
            kept.append(
                octets[position : position + 8]
                + bytes((octets[position + 8] & ~12,))
                + octets[position + 9 : end]
            )
        elif kind not in _WEBP_NOTES:
            kept.append(octets[position:end])
        position = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
