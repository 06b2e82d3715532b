"""Our own part as a witness for others: off unless WITNESS_HOST says so."""

from functools import lru_cache

from django.conf import settings
from django.core.cache import cache

from mailadmin.dns import names
from mailadmin.dns.witness.host import Host, Memory


class Shared:
    """Counts in the cache, for all processes of the web together."""

    def taken(self, key: str, seconds: int) -> int:
        place = f"witness:{key}"
        cache.add(place, 0, seconds)
        try:
            return int(cache.incr(place))
        except ValueError:  # it ended between the two
            return 1


def own_name() -> str:
    return str(next(filter(names.is_domain, settings.ALLOWED_HOSTS), settings.POSTEIO_HOSTNAME))


def host() -> Host | None:
    """None when we are nobody's witness."""
    return _host(settings.WITNESS_SECRET) if settings.WITNESS_HOST and settings.WITNESS_SECRET else None


@lru_cache(maxsize=2)
def _host(secret: str) -> Host:
    return Host(secret, own_name(), Shared(), settings.WITNESS_PORTS, settings.WITNESS_PRIVATE)


def alone() -> Host:
    """For a process of its own, with counts of its own."""
    return Host(
        settings.WITNESS_SECRET, own_name(), Memory(), settings.WITNESS_PORTS, settings.WITNESS_PRIVATE
    )
