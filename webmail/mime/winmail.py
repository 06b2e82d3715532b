"""Outlook's package (application/ms-tnef, winmail.dat): its text and the files within. MS-OXTNEF.

A stranger's octets are read by a library in a process of its own, with little memory and a deadline.
"""

import base64
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field

LARGEST = 20_000_000  # octets of a package; a larger one is only to be saved
SECONDS = 10
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """`html` is raw: only for the sanitiser."""

    plain: str
    html: str
    files: tuple[File, ...]


def is_package(name: str, media_type: str) -> bool:
    return media_type == "application/ms-tnef" or name.lower() == "winmail.dat"


def read(octets: bytes) -> Package | None:
    """None: it cannot be opened, or not in time."""
    if len(octets) > LARGEST or not _AT_ONCE.acquire(timeout=SECONDS):
        return None
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"{__package__}.winmail_run"],
            input=octets,
            capture_output=True,
            timeout=SECONDS,
            check=True,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "HOME": "/nonexistent"},
        )
        found = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return None
    finally:
        _AT_ONCE.release()
    files = (File(name=one["name"], content=base64.b64decode(one["content"])) for one in found["files"])
    return Package(plain=found["plain"], html=found["html"], files=tuple(files))
