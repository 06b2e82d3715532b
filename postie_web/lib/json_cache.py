"""Django's Redis cache pickles; whoever can write to Redis could then run code here. This one speaks JSON."""

import json
import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ConnectionError as Gone
from redis.exceptions import TimeoutError as TooSlow

log = logging.getLogger("postie.cache")


class JsonSerializer:
    def dumps(self, obj: Any) -> bytes:
        # An integer comes out as Redis itself writes it, so INCR works on it.
        return json.dumps(obj, separators=(",", ":")).encode()

    def loads(self, data: Any) -> Any:
        return json.loads(data)


class JsonRedisCacheClient(RedisCacheClient):
    def __init__(self, servers: Any, **options: Any) -> None:
        super().__init__(servers, serializer=JsonSerializer, **options)


def _or(answer: Any, call: Callable[[], Any]) -> Any:
    """A cache is a convenience: while Redis is away it knows nothing, and no page breaks for it."""
    try:
        return call()
    except (Gone, TooSlow) as error:
        log.warning("the cache is away", extra={"reason": type(error).__name__})
        return answer


class JsonRedisCache(RedisCache):
    """CACHES backend; values are what JSON can say (no tuples, no bytes)."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = JsonRedisCacheClient

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        return bool(_or(True, lambda: super(JsonRedisCache, self).add(key, value, timeout, version)))

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return _or(default, lambda: super(JsonRedisCache, self).get(key, default, version))

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> None:
        _or(None, lambda: super(JsonRedisCache, self).set(key, value, timeout, version))

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        return bool(_or(False, lambda: super(JsonRedisCache, self).touch(key, timeout, version)))

    def delete(self, key: Any, version: Any = None) -> bool:
        return bool(_or(False, lambda: super(JsonRedisCache, self).delete(key, version)))

    def get_many(self, keys: Any, version: Any = None) -> dict[Any, Any]:
        return dict(_or({}, lambda: super(JsonRedisCache, self).get_many(keys, version)))

    def has_key(self, key: Any, version: Any = None) -> bool:
        return bool(_or(False, lambda: super(JsonRedisCache, self).has_key(key, version)))
