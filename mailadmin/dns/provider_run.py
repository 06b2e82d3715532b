"""One order to one provider, from stdin, its outcome on stdout. `provider` runs it alone in a process."""

import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import requests
from lexicon.config import ConfigResolver
from lexicon.exceptions import AuthenticationError
from lexicon.interfaces import Provider

from .plan import Change

NUMBERS = {"MX": ("priority",), "SRV": ("priority", "weight", "port")}
# These want the numbers of MX and SRV records beside the content and not in it.
APART = frozenset({"cloudns"})


class Conflict(Exception):
    """The zone is not what the plan was made from."""


@dataclass(frozen=True, slots=True)
class Step:
    """One value of one record set: `old` becomes `new`; empty means there is none."""

    name: str
    kind: str
    old: str
    new: str

    @property
    def inverse(self) -> "Step":
        return Step(self.name, self.kind, self.new, self.old)


def main() -> None:
    logging.disable()  # lexicon logs whole answers
    order = json.load(sys.stdin)
    print(json.dumps(outcome(order)))


def outcome(order: dict[str, Any]) -> dict[str, str]:
    steps = [step for data in order["changes"] for step in _steps(Change.from_json(data))]
    done: list[Step] = []
    try:
        _check(order, steps)
        for step in steps:
            _take(order, step)
            done.append(step)
    except Exception as error:
        standing = _take_back(order, done)
        if standing:
            return {"reason": "half", "detail": ", ".join(f"{step.name} {step.kind}" for step in standing)}
        return {"reason": _reason(error), "detail": str(error)}
    return {"reason": "written", "detail": ""}


def _steps(change: Change) -> Iterator[Step]:
    """Paired, so that one record becomes the other in place: never two SPF records, never none."""
    for n in range(max(len(change.old), len(change.new))):
        old = change.old[n] if n < len(change.old) else ""
        new = change.new[n] if n < len(change.new) else ""
        yield Step(change.name, change.kind, old, new)


def _check(order: dict[str, Any], steps: list[Step]) -> None:
    """Before anything is written: all that is to go must be there."""
    for step in steps:
        if step.old and _identifier(_open(order, step), order, step) is None:
            raise Conflict(f"{step.name} {step.kind}")


def _take(order: dict[str, Any], step: Step) -> None:
    provider = _open(order, step)
    content = _content(order, step.kind, step.new)
    if not step.old:
        provider.create_record(step.kind, step.name, content)
        return
    identifier = _identifier(provider, order, step)
    if identifier is None:
        raise Conflict(f"{step.name} {step.kind}")
    if step.new:
        provider.update_record(identifier, step.kind, step.name, content)
    else:
        provider.delete_record(identifier, step.kind, step.name)


def _take_back(order: dict[str, Any], done: list[Step]) -> list[Step]:
    """In reverse; what could not be taken back is returned."""
    standing = []
    for step in reversed(done):
        try:
            _take(order, step.inverse)
        except Exception:
            standing.append(step)
    return standing


def _open(order: dict[str, Any], step: Step) -> Provider:
    """A session for one record: priority, weight and port are options of the session in lexicon."""
    numbers = _numbers(order, step.kind, step.new or step.old)
    options = dict(order["options"]) | numbers
    name = order["provider"]
    # lexicon.Client would look for the zone by the public suffix list, over the network; we know the zone.
    config = ConfigResolver().with_dict(  # type: ignore[no-untyped-call]
        {
            "provider_name": name,
            "domain": order["zone"],
            "ttl": order["ttl"],
            **numbers,
            name: options,
        }
    )
    provider: Provider = import_module(f"lexicon._private.providers.{name}").Provider(config)
    if order["endpoint"]:
        vars(provider)["api_endpoint"] = order["endpoint"]
    provider.authenticate()
    return provider


def _numbers(order: dict[str, Any], kind: str, value: str) -> dict[str, str]:
    if order["provider"] not in APART or kind not in NUMBERS:
        return {}
    return dict(zip(NUMBERS[kind], value.split(), strict=False))


def _content(order: dict[str, Any], kind: str, value: str) -> str:
    if kind == "TXT" or not value:
        return value
    if order["provider"] in APART and kind in NUMBERS:
        value = value.split()[-1]
    return value if value == "." else value.rstrip(".")


def _identifier(provider: Provider, order: dict[str, Any], step: Step) -> Any | None:
    wanted = _plain(step.kind, step.old)
    for record in provider.list_records(step.kind, step.name):
        same_name = str(record["name"]).strip(".").lower() == step.name.lower()
        if same_name and _plain(step.kind, str(record["content"])) == wanted:
            return record["id"]
    return None


def _plain(kind: str, content: str) -> str:
    """However a provider shows it: quotes, dots and numbers aside, what the record says."""
    if kind == "TXT":
        return content.strip('"')
    last = content.split()[-1] if kind in NUMBERS else content
    return last.rstrip(".").lower()


def _reason(error: Exception) -> str:
    if isinstance(error, Conflict):
        return "conflict"
    if isinstance(error, AuthenticationError):
        return "key"
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return "key" if error.response.status_code in (401, 403) else "refused"
    if isinstance(error, requests.RequestException):
        return "unreachable"
    return "key" if "authenti" in str(error).lower() else "refused"


if __name__ == "__main__":
    main()
