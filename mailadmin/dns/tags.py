"""Tag lists "a=b; c=d" as DKIM, DMARC, MTA-STS and TLS-RPT write them. RFC 6376, 3.2. Linear in the input."""

import re

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
MOST_TAGS = 100


class TagFault(ValueError):
    """`part` is the piece that cannot be read."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


def parse(text: str) -> dict[str, str]:
    """In the order written. Raises TagFault for a piece without "=", a bad name, a tag given twice."""
    tags: dict[str, str] = {}
    parts = text.split(";")
    if parts and not parts[-1].strip():
        parts.pop()  # one semicolon at the end is allowed
    for part in parts[:MOST_TAGS]:
        name, equals, value = part.partition("=")
        name = name.strip(" \t\r\n")
        if not equals or not _NAME.match(name) or name in tags:
            raise TagFault(part.strip()[:60])
        tags[name] = value.strip(" \t\r\n")
    return tags


def without_space(value: str) -> str:
    """RFC 6376, 3.2: folding white space inside a value carries no meaning."""
    return "".join(value.split())
