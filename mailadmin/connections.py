"""Settings → open doors."""

from functools import lru_cache

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
