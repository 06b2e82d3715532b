"""A verification somebody is waiting for: how far it is, known to whoever holds its token."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from mailadmin.dns.network import Network
from mailadmin.posteio.client import Client
from mailadmin.services import dns_reports

KEPT = 300  # seconds
PATIENCE = 4  # seconds without a worker that takes it up


@dataclass(frozen=True, slots=True)
class Run:
    """`done` of `every` checks; neither is known before a worker has begun."""

    domain: str
    begun: float
    done: int = 0
    every: int = 0
    finished: bool = False

    @property
    def is_forgotten(self) -> bool:
        """Nobody took it up: whoever waits may do it instead."""
        return not self.every and timezone.now().timestamp() - self.begun > PATIENCE


def begin(domain: str) -> str:
    token = secrets.token_urlsafe(12)
    _keep(token, Run(domain, timezone.now().timestamp()))
    return token


def state(token: str) -> Run | None:
    """None: there is no such run, or no more."""
    found: dict[str, Any] | None = cache.get(_key(token))
    return Run(**found) if found else None


def run(poste: Client, network: Network, token: str) -> None:
    started = state(token)
    if started is None or started.every:
        return  # over, or another has taken it up

    def progress(done: int, every: int) -> None:
        _keep(token, Run(started.domain, started.begun, done, every))

    progress(0, 1)
    dns_reports.verify(poste, network, started.domain, progress)
    _keep(token, Run(started.domain, started.begun, 1, 1, finished=True))


def _keep(token: str, found: Run) -> None:
    values = {name: getattr(found, name) for name in found.__dataclass_fields__}
    cache.set(_key(token), values, KEPT)


def _key(token: str) -> str:
    return f"dns-run:{token}"
