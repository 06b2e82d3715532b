"""Django's Redis cache pickles; whoever can write to Redis could then run code here. This one speaks JSON."""

import json
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class JsonSerializer:
    def dumps(self, value: object) -> bytes | int:
        # Redis counts (INCR) only plain integers.
        if type(value) is int:
            return value
        return json.dumps(value, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class JsonRedisCacheClient(RedisCacheClient):
    def __init__(self, servers: Any, **options: Any) -> None:
        super().__init__(servers, serializer=JsonSerializer, **options)


class JsonRedisCache(RedisCache):
    """CACHES backend; values are what JSON can say (no tuples, no bytes)."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = JsonRedisCacheClient
