"""One winmail.dat from stdin, what is in it as JSON on stdout. `winmail` runs it alone in a process."""

import base64
import json
import logging
import resource
import sys
from typing import Any

from tnefparse import TNEF

MOST_FILES = 200
LONGEST_TEXT = 1_000_000
_MEMORY = 1024 * 1024 * 1024
_SECONDS = 5


def main() -> None:
    logging.disable()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    json.dump(contents(sys.stdin.buffer.read()), sys.stdout)


def contents(octets: bytes) -> dict[str, Any]:
    """Raises whatever tnefparse raises."""
    package = TNEF(octets, do_checksum=False)
    return {
        "plain": _text(package.body, package.codepage),
        "html": _text(package.htmlbody, package.codepage),
        "files": [
            {"name": _name(file, package.codepage), "content": _encoded(file.data)}
            for file in package.attachments[:MOST_FILES]
        ],
    }


def _name(file: Any, codepage: str | None) -> str:
    try:
        name = file.long_filename()
    except UnicodeDecodeError:
        name = file._name
    return _text(name, codepage)[:300]


def _text(value: Any, codepage: str | None) -> str:
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            value = value.decode(codepage or "cp1252", "replace")
    return str(value or "").replace("\0", "")[:LONGEST_TEXT]


def _encoded(value: Any) -> str:
    return base64.b64encode(value if isinstance(value, bytes) else b"").decode()


if __name__ == "__main__":
    main()
