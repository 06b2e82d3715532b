"""Settings → open doors."""

from functools import lru_cache

import redis
from celery import current_app
from django.conf import settings

from mailadmin.dns.resolver import Resolver, Settings
from mailadmin.posteio.client import Client

SECONDS = 10.0


def poste() -> Client:
    """The poste.io API with the operator's key; one pool of connections per process."""
    return _client(settings.POSTEIO_API_URL, settings.POSTEIO_API_USER, settings.POSTEIO_API_PASSWORD)


@lru_cache(maxsize=4)
def _client(url: str, user: str, password: str) -> Client:
    return Client(url, user, password, timeout=SECONDS)


def network() -> Resolver:
    """The DNS as our own validating resolver and every authoritative server see it; fresh for each run."""
    host, _, port = settings.DNS_RESOLVER.rpartition(":")
    return Resolver(Settings(host, int(port)))


def redis_server(seconds: float) -> "redis.Redis":
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=seconds, socket_connect_timeout=seconds, decode_responses=True
    )


def workers(seconds: float = 1.0) -> list[str]:
    """The names of the workers that answer. Raises what the broker raises."""
    with current_app.connection_for_write(connect_timeout=seconds) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=max(1, round(seconds)))
        answers = current_app.control.ping(timeout=seconds, connection=connection)
    return [name for answer in answers or [] for name in answer]
