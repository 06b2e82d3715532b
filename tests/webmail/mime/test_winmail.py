"""Outlook's packages: opened apart, whatever they are made of, or honestly not."""

import random
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webmail.mime import winmail, winmail_run

START = struct.pack("<IH", 0x223E9F78, 1)
CODEPAGE = (1, 0x9007, 6, struct.pack("<II", 1252, 0))
BODY, TITLE, DATA = (1, 0x800C, 2), (2, 0x8010, 1), (2, 0x800F, 6)
NEW_FILE = (2, 0x9002, 6, b"\0" * 14)


def item(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def package(text: bytes, *files: tuple[bytes, bytes]) -> bytes:
    items = [CODEPAGE, (*BODY, text + b"\0")]
    for name, content in files:
        items += [NEW_FILE, (*TITLE, name + b"\0"), (*DATA, content)]
    return START + b"".join(item(*one) for one in items)


WHOLE = package(b"Hola Rosa", (b"informe.pdf", b"%PDF-1.4 hola"), (b"a\xf1o.txt", b"\0\xff" * 500))


def test_its_text_and_files_come_out() -> None:
    found = winmail.read(WHOLE)
    assert found is not None
    assert found.plain == "Hola Rosa"
    assert [(file.name, file.content) for file in found.files] == [
        ("informe.pdf", b"%PDF-1.4 hola"),
        ("año.txt", b"\0\xff" * 500),
    ]


HOSTILE = {
    "nothing": b"",
    "no package": b"PK\x03\x04" + b"\0" * 200,
    "only the signature": START,
    "cut": WHOLE[:90],
    "a length that lies": START + struct.pack("<BHHI", 1, 0x9003, 6, 0xFFFFFFFF) + b"\0" * 40,
    "a billion properties": START + item(1, 0x9003, 6, struct.pack("<I", 10**9) + b"\x1f\0\x01\0" * 50),
    "a billion recipients": START + item(1, 0x9004, 6, struct.pack("<I", 10**9) + b"\0" * 400),
    "a file before any": START + item(*DATA, b"x" * 40),
    "an unknown codepage": START + item(1, 0x9007, 6, struct.pack("<II", 99999, 0)) + item(*BODY, b"x" * 40),
    "half a million items": START + item(1, 0x7777, 6, b"") * 500_000,
    "text without codepage": START + item(1, 0x8004, 1, b"\xff\xfe" * 40),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_opens_or_does_not(name: str) -> None:
    """In time, and without harm: the process has a deadline, little memory, and nothing of ours."""
    found = winmail.read(HOSTILE[name])
    assert found is None or len(found.files) <= winmail_run.MOST_FILES


def test_what_is_too_large_is_not_opened() -> None:
    assert winmail.read(package(b"x", (b"big.bin", b"\0" * winmail.LARGEST))) is None


def test_a_bomb_of_memory_ends_in_its_own_process() -> None:
    """Each nested package is kept, with all of what is in it."""
    nested = WHOLE
    for _ in range(40):
        nested = package(b"x" * 10_000, *[(b"in.dat", nested)] * 2)
        if len(nested) > winmail.LARGEST // 2:
            break
    found = winmail.read(nested)
    assert found is None or len(found.files) == 2


@given(st.integers(0, 2**32), st.integers(1, 40))
@settings(max_examples=300, deadline=None)
def test_every_damaged_package_is_an_error_or_a_package(seed: int, changes: int) -> None:
    """The library in this process: it may raise what it wants, but ends."""
    octets = bytearray(WHOLE)
    chance = random.Random(seed)
    for _ in range(changes):
        octets[chance.randrange(len(octets))] = chance.randrange(256)
    found = None
    with suppress(Exception):
        found = winmail_run.contents(bytes(octets))
    if found is not None:
        assert set(found) == {"plain", "html", "files"}
        assert "\0" not in found["plain"]


def test_damaged_packages_never_raise_here() -> None:
    for number in range(12):
        octets = bytearray(WHOLE)
        chance = random.Random(zlib.crc32(bytes([number])))
        for _ in range(10):
            octets[chance.randrange(len(octets))] = chance.randrange(256)
        winmail.read(bytes(octets))
