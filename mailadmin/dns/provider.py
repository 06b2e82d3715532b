"""Write to a zone through its provider's API, by dns-lexicon; ClouDNS first.

Ninety providers' code runs in a process of its own (`provider_run`): it gets the credentials over stdin,
nothing of ours, and a deadline, since none of it sets one. An API is not all or nothing as RFC 2136 is: what
was done before a failure is taken back, and what could not be is said.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lexicon

from .plan import TTL, Change
from .update import UpdateRefused

SECONDS = 60.0
KINDS = frozenset({"A", "AAAA", "CNAME", "MX", "NS", "TXT", "SRV"})  # what lexicon's providers share
PROXIES = (
    "PATH",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
)
LONGEST_DETAIL = 200
# Those that need more than lexicon itself, or are no provider's API.
NOT_HERE = frozenset({"auto", "base", "ddns", "gransy", "localzone", "oci", "qcloud", "route53", "softlayer"})


@dataclass(frozen=True, slots=True)
class Account:
    """`options` are lexicon's own for the provider, such as auth_id and auth_password; never shown.

    `endpoint` replaces the address of the provider's API, for a gateway in between.
    """

    provider: str
    zone: str
    options: Mapping[str, str] = field(repr=False)
    endpoint: str = ""


def names() -> list[str]:
    """Every provider that can be written to here, as lexicon calls them. Nothing is imported."""
    place = Path(lexicon.__file__).parent / "_private/providers"
    return sorted({file.stem for file in place.glob("[a-z]*.py")} - NOT_HERE)


def apply(account: Account, changes: Sequence[Change], ttl: int = TTL) -> None:
    """Raises UpdateRefused: `key`, `unreachable`, `refused` and `conflict` mean that nothing is changed,
    `half` that `detail` names what stays changed, `kind` that the provider's API has no such records."""
    unknown = sorted({change.kind for change in changes} - KINDS)
    if unknown:
        raise UpdateRefused("kind", ", ".join(unknown))
    order = {
        "provider": account.provider,
        "zone": account.zone,
        "options": dict(account.options),
        "endpoint": account.endpoint,
        "ttl": ttl,
        "changes": [change.to_json() for change in changes],
    }
    outcome = _run(order)
    if outcome["reason"] != "written":
        raise UpdateRefused(outcome["reason"], _without(account, outcome["detail"]))


def _run(order: Mapping[str, Any]) -> dict[str, str]:
    environment = {name: os.environ[name] for name in PROXIES if name in os.environ}
    command = [sys.executable, "-m", f"{__package__}.provider_run"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env=environment | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "HOME": "/nonexistent"},
        )
        found: dict[str, str] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"reason": "late", "detail": ""}
    except ValueError:
        return {"reason": "refused", "detail": ""}
    return found


def _without(account: Account, detail: str) -> str:
    """An error may quote the whole request: no credential leaves with it."""
    for value in sorted(account.options.values(), key=len, reverse=True):
        if value:
            detail = detail.replace(value, "…")
    return detail[:LONGEST_DETAIL]
