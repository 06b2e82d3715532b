"""The id of the request that is being answered, for logs and for the page that says sorry."""

import re
import secrets
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("request_id", default="")


def new() -> str:
    return secrets.token_hex(8)


def accept(text: str) -> str:
    """An id a trusted proxy gave, when it looks like one; else a new one."""
    return text if re.fullmatch(r"[A-Za-z0-9-]{8,64}", text) else new()


def current() -> str:
    return _current.get()


def enter(request_id: str) -> None:
    _current.set(request_id)
