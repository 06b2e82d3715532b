"""Request bodies: JSON or a form, camelCase or snake_case, numbers also as strings: clients send them all."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from .errors import Invalid

LARGEST = 1024 * 1024
Body = Mapping[str, Any]
TRUE, FALSE = ("true", "1", "on", "yes"), ("false", "0", "off", "no", "")


async def read(request: Request) -> dict[str, Any]:
    """Keys in snake_case. Raises Invalid."""
    raw = b""
    async for block in request.stream():
        raw += block
        if len(raw) > LARGEST:
            raise Invalid({"body": "The request is too large."})
    if "form-urlencoded" in request.headers.get("content-type", ""):
        return _form(raw)
    try:
        data = json.loads(raw or b"{}")
        json.dumps(data, ensure_ascii=False).encode()  # "\ud800" is JSON and no text: nothing could keep it
    except (ValueError, RecursionError):
        raise Invalid({"body": "The request is not valid JSON."}) from None
    if not isinstance(data, dict):
        raise Invalid({"body": "The request must be a JSON object."})
    return {snake(str(key)): value for key, value in data.items()}


def _form(raw: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000):
        name = snake(re.sub(r"\[\d*\]$", "", key))
        if key.endswith("]"):
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def boolean(value: object, field: str) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in TRUE + FALSE:
        return text in TRUE
    raise Invalid({camel(field): "This value is not valid."})


def number(value: object, field: str) -> int:
    """A whole number from 0 to 2^53: what JSON can carry everywhere."""
    try:
        found = int(str(value).strip() or "0")
    except ValueError:
        found = -1
    if isinstance(value, bool) or not 0 <= found <= 2**53:
        raise Invalid({camel(field): "This value should be a number, 0 or more."})
    return found


def text(value: object, field: str, longest: int = 255) -> str:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise Invalid({camel(field): "This value should be text."})
    found = str(value)
    if len(found) > longest or any(ord(c) < 32 or ord(c) == 127 for c in found):
        raise Invalid({camel(field): f"This value should be one line of at most {longest} characters."})
    return found


def optional_text(value: object, field: str) -> str | None:
    return None if value is None else text(value, field)


def texts(value: object, field: str, most: int = 1000) -> list[str]:
    values = value if isinstance(value, list) else [v for v in re.split(r"[,\s]+", str(value or "")) if v]
    if len(values) > most:
        raise Invalid({camel(field): f"At most {most} values."})
    return [text(v, field) for v in values]


Reader = Callable[[Any, str], Any]


def take(body: Body, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """The known keys of `body`, each through its reader; a key with the right name for a GET is let pass."""
    return {name: reader(body[name], name) for name, reader in readers.items() if name in body}
