"""Django's Redis cache pickles; whoever can write to Redis could then run code here. This one speaks JSON."""

import json
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class JsonSerializer:
    def dumps(self, obj: Any) -> bytes:
        # An integer comes out as Redis itself writes it, so INCR works on it.
        return json.dumps(obj, separators=(",", ":")).encode()

    def loads(self, data: Any) -> Any:
        return json.loads(data)


class JsonRedisCacheClient(RedisCacheClient):
    def __init__(self, servers: Any, **options: Any) -> None:
        super().__init__(servers, serializer=JsonSerializer, **options)


class JsonRedisCache(RedisCache):
    """CACHES backend; values are what JSON can say (no tuples, no bytes)."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = JsonRedisCacheClient
