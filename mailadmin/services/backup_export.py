"""What the API says, as it would have to be made again: domains, mailboxes, aliases, quotas, filters."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound, PosteError

MOST_FAILURES = 3  # then the rest is not asked either
MOST_DETAILS = 2000  # mailboxes whose quota and filter are asked for; all of them are in the database copy


def everything(poste: Client, beat: Callable[[], None]) -> dict[str, Any]:
    """{"domains", "mailboxes", "dkim", "problems"}. A mail server that does not answer is a problem noted."""
    found: dict[str, Any] = {"domains": [], "mailboxes": [], "dkim": {}, "problems": []}
    try:
        for domain in poste.domains.all():
            found["domains"].append(_plain(domain))
            _dkim(poste, domain.name, found["dkim"])
            beat()
        found["mailboxes"] = [_plain(box) for box in poste.mailboxes.all()]
        _all_details(poste, found, beat)
    except PosteError as error:
        found["problems"].append(f"{type(error).__name__}: {error}"[:300])
    return found


def _dkim(poste: Client, name: str, keys: dict[str, Any]) -> None:
    try:
        keys[name] = _plain(poste.domains.dkim(name))
    except NotFound:
        return


def _all_details(poste: Client, found: dict[str, Any], beat: Callable[[], None]) -> None:
    boxes = [box for box in found["mailboxes"] if not box["redirect_only"]]
    failed = 0
    for box in boxes[:MOST_DETAILS]:
        beat()
        try:
            box |= _details(poste, box["address"])
        except PosteError as error:
            failed += 1
            if failed == 1:
                found["problems"].append(
                    f"quota and filter of {box['address']}: {type(error).__name__} {error}"
                )
            if failed == MOST_FAILURES:
                return
    if len(boxes) > MOST_DETAILS:
        found["problems"].append(f"quotas and filters of the first {MOST_DETAILS} mailboxes only")


def _details(poste: Client, address: str) -> dict[str, Any]:
    quota = poste.mailboxes.quota(address)
    limits = {"storage_limit": quota.storage_limit, "count_limit": quota.count_limit}
    return limits | {"sieve": poste.mailboxes.sieve(address)}


def _plain(thing: Any) -> dict[str, Any]:
    """JSON of it; moments as text."""
    return {
        key: value if isinstance(value, bool | int | float | str | list) else _text(value)
        for key, value in asdict(thing).items()
    }


def _text(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else "" if value is None else str(value)
