"""Maildirs as Dovecot writes them, for tests of restoring."""

import os
from pathlib import Path

ARRIVED = 1_790_000_000


def letter(number: int, subject: str = "", text: str = "Hola.") -> bytes:
    return (
        f"From: Ana Quispe <ana{number}@outside.test>\nTo: luis@kronos.test\n"
        f"Subject: {subject or f'Carta {number}'}\nDate: Mon, 23 Nov 2026 10:{number % 60:02d}:00 -0500\n"
        f"Message-ID: <{number}@outside.test>\n\n{text} {number}\n"
    ).encode()


def put(
    home: Path, number: int, octets: bytes = b"", *, folder: str | bytes = "", info: str = ":2,S"
) -> Path:
    """One message in `folder` ("" is INBOX, ".Sent" as on disk), arrived ARRIVED + number minutes."""
    root = os.fsencode(home / "Maildir")
    below = os.fsencode(folder)
    directory = root + (b"/" + below if below else b"") + (b"/cur" if info else b"/new")
    for name in (b"cur", b"new", b"tmp"):
        os.makedirs(os.path.join(os.path.dirname(directory), name), exist_ok=True)
    octets = octets or letter(number)
    path = directory + f"/{ARRIVED + number}.M{number}P1.mail,S={len(octets)}{info}".encode()
    with open(path, "wb") as file:
        file.write(octets)
    os.utime(path, (ARRIVED + 60 * number, ARRIVED + 60 * number))
    return Path(os.fsdecode(path))
