"""What a camera notes stays behind; the picture does not change."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mime import pictures

SECRET = b"GPS -12.0464 -77.0428 serial 4711"


def exif(orientation: int, order: str) -> bytes:
    head = b"II*\0" if order == "<" else b"MM\0*"
    entries = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    return (
        b"Exif\0\0" + head + struct.pack(f"{order}IH", 8, 1) + entries + struct.pack(f"{order}I", 0) + SECRET
    )


def segment(kind: int, body: bytes) -> bytes:
    return bytes((0xFF, kind)) + struct.pack(">H", len(body) + 2) + body


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


FRAME = segment(0xE0, b"JFIF\0") + segment(0xE2, b"ICC_PROFILE\0colour") + segment(0xDB, b"\0" * 65)
SCAN = b"\xff\xda\0\x08picture\xff\xe1 looks like a note\xff\xd9"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", [0, 1, 6, 8, 99])
def test_a_photograph_loses_its_place_and_stays_upright(order: str, orientation: int) -> None:
    notes = (
        segment(0xE1, exif(orientation, order))
        + segment(0xED, b"Photoshop " + SECRET)
        + segment(0xFE, SECRET)
    )
    bare = pictures.bare(b"\xff\xd8" + notes + FRAME + SCAN)
    assert SECRET not in bare
    assert bare.endswith(FRAME + SCAN)
    kept = orientation if orientation in (6, 8) else 0
    assert pictures._orientation(bare[6:]) == kept
    assert pictures.bare(bare) == bare


def test_png_and_webp() -> None:
    start, data, end = chunk(b"IHDR", b"\0" * 13), chunk(b"IDAT", b"picture"), chunk(b"IEND", b"")
    notes = chunk(b"eXIf", SECRET) + chunk(b"tEXt", SECRET) + chunk(b"iTXt", SECRET)
    magic = b"\x89PNG\r\n\x1a\n"
    assert pictures.bare(magic + start + notes + data + end) == magic + start + data + end

    def riff(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    def webp(*chunks: bytes) -> bytes:
        return b"RIFF" + struct.pack("<I", 4 + len(b"".join(chunks))) + b"WEBP" + b"".join(chunks)

    picture = riff(b"VP8 ", b"picture")
    found = pictures.bare(
        webp(riff(b"VP8X", b"\x1c" + b"\0" * 9), picture, riff(b"EXIF", SECRET), riff(b"XMP ", SECRET))
    )
    assert found == webp(riff(b"VP8X", b"\x10" + b"\0" * 9), picture)


@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"GIF89a", b""]),
    st.binary(max_size=300),
)
def test_what_is_broken_breaks_nothing(start: bytes, rest: bytes) -> None:
    assert len(pictures.bare(start + rest)) <= len(start + rest) + 60
