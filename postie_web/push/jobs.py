"""What background jobs say on their way: from the worker through Redis to the tabs of one person."""

import asyncio
import json
import logging
from collections.abc import Callable

import redis.asyncio as redis

from postie_web.lib.push_channel import CHANNEL

log = logging.getLogger("postie.push")
_LONGEST = 2000


async def listen(url: str, tell: Callable[[str, str, object], None]) -> None:
    """Until cancelled; Redis may come and go. A missed line is no loss: the page asks for the job itself."""
    wait = 2
    while True:
        try:
            await _listen_once(url, tell)
        except (redis.RedisError, OSError, TimeoutError) as error:
            log.info("redis is away", extra={"reason": type(error).__name__})
        await asyncio.sleep(wait)
        wait = min(2 * wait, 30)


async def _listen_once(url: str, tell: Callable[[str, str, object], None]) -> None:
    client = redis.from_url(url, socket_connect_timeout=5, health_check_interval=30)
    try:
        async with client.pubsub() as channel:
            await channel.psubscribe(f"{CHANNEL}*")
            while True:
                found = await channel.get_message(ignore_subscribe_messages=True, timeout=30)
                if found is not None and len(found["data"]) <= _LONGEST:
                    who = found["channel"].decode().removeprefix(CHANNEL)
                    _told(tell, who, found["data"])
    finally:
        await client.aclose()


def _told(tell: Callable[[str, str, object], None], who: str, octets: bytes) -> None:
    try:
        said = json.loads(octets)
        tell(who, str(said["job"])[:40], said)
    except (ValueError, KeyError, TypeError):
        log.warning("not a job's line")
